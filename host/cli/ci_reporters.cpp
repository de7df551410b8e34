// SPDX-License-Identifier: Apache-2.0
#include "cli/ci_reporters.hpp"

#include "cli/environment.hpp"
#include "cli/log.hpp"

namespace ktstr {
namespace {

bool says_true(const char* name) { return environment_variable(name).value_or("") == "true"; }

}  // namespace

void add_ci_reporters(Config& config) {
  if (config.origins.contains("reporters")) return;
  // As a file, stdout may be shared: what others write there comes first.
  constexpr const char* kStdout = "/dev/stdout";
  if (says_true("GITHUB_ACTIONS")) {
    config.reporters.push_back({"github", kStdout, "{}"});
    std::string summary;
    if (const auto file = environment_variable("GITHUB_STEP_SUMMARY"); file && file->starts_with('/')) {
      config.reporters.push_back({"markdown", *file, "{}"});
      summary = " and, for the step summary, markdown";
    }
    log_inform("GITHUB_ACTIONS is true: the reporter github" + summary +
               " is added; --reporter terminal leaves it out");
  } else if (says_true("GITLAB_CI")) {
    constexpr const char* kFile = "gl-code-quality-report.json";
    config.reporters.push_back({"gitlab", kFile, "{}"});
    log_inform(std::string("GITLAB_CI is true: the reporter gitlab is added and writes ") + kFile +
               "; --reporter terminal leaves it out");
  }
}

}  // namespace ktstr
