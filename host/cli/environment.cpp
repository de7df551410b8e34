// SPDX-License-Identifier: Apache-2.0
#include "cli/environment.hpp"

#include <pwd.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace ktstr {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

/// An XDG variable counts only when it is an absolute path (XDG Base Directory Specification 0.8).
std::string absolute_variable(const char* name) {
  std::string value = variable(name);
  return value.starts_with('/') ? value : std::string();
}

/// What cargo, the kernel's makefiles, Go and common makefiles take from the environment.
void find_build_outputs(Environment& e) {
  for (const char* name :
       {"CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_BUILD_BUILD_DIR", "CARGO_INSTALL_ROOT",
        "KBUILD_OUTPUT", "OUTPUT", "OBJDIR", "BUILD_DIR", "BUILDDIR", "DESTDIR", "GOBIN"}) {
    if (std::string value = variable(name); !value.empty())
      e.build_outputs.emplace_back(name, std::move(value));
  }
}

/// GitHub, GitLab (the commit is sharper than the branch), Jenkins, Azure Pipelines. Empty counts as unset.
void find_ci_base(Environment& e) {
  for (const char* name :
       {"GITHUB_BASE_REF", "CI_MERGE_REQUEST_DIFF_BASE_SHA", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
        "CHANGE_TARGET", "SYSTEM_PULLREQUEST_TARGETBRANCH"}) {
    constexpr std::string_view kHeads = "refs/heads/";
    std::string value = variable(name);
    if (value.starts_with(kHeads)) value.erase(0, kHeads.size());
    if (value.empty()) continue;
    e.ci_base_ref = value;
    e.ci_base_variable = name;
    return;
  }
}

}  // namespace

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = ::getauxval(AT_SECURE) == 0 ? std::getenv(name.c_str()) : nullptr;
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Environment read_environment() {
  Environment e;
  std::error_code error;
  e.cwd = std::filesystem::current_path(error).string();
  e.home = absolute_variable("HOME");
  if (const passwd* user = ::getpwuid(::geteuid()); user != nullptr) {
    e.user_name = user->pw_name;
    if (e.home.empty()) e.home = user->pw_dir;
  }
  e.xdg_cache_home = absolute_variable("XDG_CACHE_HOME");
  e.xdg_config_home = absolute_variable("XDG_CONFIG_HOME");
  e.xdg_data_home = absolute_variable("XDG_DATA_HOME");
  e.cargo_target_dir = variable("CARGO_TARGET_DIR");
  e.kernel = variable("KTSTR_KERNEL");
  e.test_kernel = variable("KTSTR_TEST_KERNEL");
  e.sidecar_dir = variable("KTSTR_SIDECAR_DIR");
  e.project_commit = variable("KTSTR_PROJECT_COMMIT");
  e.run_epoch = variable("KTSTR_RUN_EPOCH");
  e.profile = variable("KTSTR_PROFILE");
  e.store = variable("KTSTR_STORE");
  e.cache_dir = variable("KTSTR_CACHE_DIR");
  if (::getauxval(AT_SECURE) == 0) e.safe_directories = variable("KTSTR_SAFE_DIRECTORIES");
  e.plugin_deadline = variable("KTSTR_PLUGIN_DEADLINE");
  if (::getauxval(AT_SECURE) == 0) e.plugin_path = variable("KTSTR_PLUGIN_PATH");
  find_ci_base(e);
  e.sudo_uid = variable("SUDO_UID");
  find_build_outputs(e);
  e.has_source_date = !variable("SOURCE_DATE_EPOCH").empty();
  e.tmpdir = absolute_variable("TMPDIR");
  if (e.tmpdir.empty()) e.tmpdir = "/tmp";
  e.terminal = variable("TERM");
  e.safe = !variable("KTSTR_SAFE").empty() && variable("KTSTR_SAFE") != "0";
  e.ci = !variable("KTSTR_CI").empty();
  e.no_color = !variable("NO_COLOR").empty();
  e.force_color = !variable("CLICOLOR_FORCE").empty() || !variable("FORCE_COLOR").empty();
  return e;
}

}  // namespace ktstr
