// SPDX-License-Identifier: Apache-2.0
#include "git_program.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/process.hpp>
#include <ktstr/kit/sdk_error.hpp>
#include <ktstr/sdk.hpp>
#include <string_view>

#include "repository.hpp"

extern char** environ;

namespace ktstr::git {
namespace {

constexpr std::chrono::hours kLimit{1};  // a fetch from far away may take its time

/// How git reaches remotes and whose configuration it reads is the user's choice; where the repository lies
/// is not up to the environment.
bool inherited(std::string_view variable) {
  if (!variable.starts_with("GIT_")) return !variable.starts_with("LC_ALL=");
  constexpr std::array<std::string_view, 8> kKept = {
      "GIT_SSH=",           "GIT_SSH_COMMAND=",   "GIT_SSL_",      "GIT_PROXY_", "GIT_CONFIG_NOSYSTEM=",
      "GIT_CONFIG_GLOBAL=", "GIT_CONFIG_SYSTEM=", "GIT_EXEC_PATH="};
  return std::any_of(kKept.begin(), kKept.end(),
                     [&](std::string_view kept) { return variable.starts_with(kept); });
}

std::vector<std::string> environment_of(const GitCall& call) {
  std::vector<std::string> all;
  bool has_ssh = false;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!inherited(*entry)) continue;
    all.emplace_back(*entry);
    has_ssh = has_ssh || all.back().starts_with("GIT_SSH");
  }
  for (const char* fixed : {"LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=true",
                            "GCM_INTERACTIVE=never"})
    all.emplace_back(fixed);
  if (!has_ssh) all.emplace_back("GIT_SSH_COMMAND=ssh -oBatchMode=yes");
  if (!call.may_fetch) all.emplace_back("GIT_NO_LAZY_FETCH=1");
  for (const auto& [name, value] : call.variables) {
    KTSTR_ASSERT(!name.empty() && name.find('=') == std::string::npos);
    all.push_back(name + "=" + value);
  }
  all.push_back("GIT_CONFIG_COUNT=" + std::to_string(call.settings.size()));
  for (std::size_t i = 0; i < call.settings.size(); ++i) {
    all.push_back("GIT_CONFIG_KEY_" + std::to_string(i) + "=" + call.settings[i].first);
    all.push_back("GIT_CONFIG_VALUE_" + std::to_string(i) + "=" + call.settings[i].second);
  }
  return all;
}

std::vector<std::string> arguments_of(const GitCall& call) {
  std::vector<std::string> all{"git", "--no-pager", "--literal-pathspecs", "--no-replace-objects"};
  for (const char* setting : {"core.fsmonitor=false", "core.hooksPath=/dev/null", "submodule.recurse=false",
                              "gc.auto=0", "maintenance.auto=false"}) {
    all.insert(all.end(), {"-c", setting});
  }
  if (!call.may_fetch)
    all.insert(all.end(), {"-c", "protocol.allow=never"});  // git before 2.45 knows no GIT_NO_LAZY_FETCH
  all.insert(all.end(), call.arguments.begin(), call.arguments.end());
  return all;
}

}  // namespace

std::string GitAnswer::complaint() const {
  for (const std::string_view word : {"fatal: ", "error: ", ""}) {
    for (std::size_t at = 0; at < err.size();) {
      const std::size_t end = std::min(err.find('\n', at), err.size());
      const std::string_view line(err.data() + at, end - at);
      if (!line.empty() && line.starts_with(word)) return std::string(line.substr(word.size()));
      at = end + 1;
    }
  }
  return "git ended with status " + std::to_string(status);
}

GitAnswer run_git(const GitCall& call, const std::function<bool()>& cancelled) {
  KTSTR_ASSERT(!call.arguments.empty());
  kit::Program program;
  program.argv = arguments_of(call);
  program.environment = environment_of(call);
  program.input = call.input;
  program.apart = true;
  program.keep = SIZE_MAX;  // all of what it lists counts
  program.limit = kLimit;
  program.cancelled = cancelled;
  auto outcome = kit::run(program);
  if (outcome) {
    const int status = outcome->signal != 0 ? 128 + outcome->signal : outcome->status;
    return {status, std::move(outcome->out), std::move(outcome->errors)};
  }
  using Kind = kit::Failure::Kind;
  const kit::Failure& failure = outcome.error();
  if (failure.kind == Kind::kCancelled) throw sdk::Error(KTSTR_CANCELLED, "git was stopped");
  if (failure.kind == Kind::kNotStarted && failure.error == ENOENT)
    throw CannotRead("the git program is not installed");
  if (failure.kind == Kind::kNotStarted)
    throw CannotRead("the git program cannot be started: " + failure.reason);
  throw kit::sdk_error(failure);
}

}  // namespace ktstr::git
