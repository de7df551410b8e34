// SPDX-License-Identifier: Apache-2.0
//
// The merged configuration: defaults < system < user < project < environment < flags. Each value knows where
// it came from.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "metrics/metric_registry.hpp"
#include "support/result.hpp"

namespace ktstr {

/// A plugin selected by name, with its options as JSON text ("{}" when none).
struct PluginChoice {
  std::string use;
  std::string options_json = "{}";
  bool from_project = false;  ///< said by a cloned project: its options may name no place outside of it
  bool isolate = false;       ///< runs in a process of its own
};

struct ReporterChoice {
  std::string use;
  std::string out;  ///< "-" or empty: stdout; else a path
  std::string options_json = "{}";
  bool from_project = false;
  bool isolate = false;
};

/// What only a profile says, as a default of the flags of that name. Nothing: the profile is silent.
struct ProfileDefaults {
  std::optional<std::uint32_t> jobs, repeats, retries, fail_threshold;
  std::optional<double> threshold;  ///< percent
  std::string partition;            ///< as --partition has it; empty: none
  std::filesystem::path policy;     ///< absolute; empty: none
  std::optional<bool> flaky_fails;
};

struct Config {
  std::filesystem::path project_dir;  ///< where ktstr.json lies, else the working directory
  bool has_project_file = false;
  std::string searched_from;       ///< the working directory that the search for ktstr.json began in
  std::string project;             ///< name for people; the directory's name by default
  std::string build;               ///< shell command, run in the project directory; empty: nothing to build
  std::vector<std::string> tests;  ///< manifest globs, relative to project_dir
  /// Files by the scheduler that is built of them, "*": every one; see ChangeRules (select/affected.hpp).
  std::vector<std::pair<std::string, std::vector<std::string>>> sources;
  std::vector<std::string> irrelevant{"*.md", "*.rst", "docs/"};  ///< files that no test depends on
  std::string kernel;                                             ///< default for --kernel; may be empty
  bool kernel_from_project = false;  ///< said by ktstr.json: it names no place outside of the project
  std::string default_branch = "main";
  bool strict = false;  ///< default of --strict: nothing may be missing, skipped or warned about
  PluginChoice store{"fs", "{}"}, runner{"kvm", "{}"}, baseline{"git", "{}"};
  std::vector<PluginChoice> gates{{"fdr", "{}"}};               ///< perf-delta with repeats; all must agree
  std::vector<PluginChoice> cached_gates{{"threshold", "{}"}};  ///< perf-delta over stored sidecars
  double least_sight = 50;  ///< percent of the gating metrics that must have been able to show a change
  std::vector<ReporterChoice> reporters{{"terminal", "", "{}"}};
  MetricRegistry metrics;                          ///< the built-in ones and those that configuration adds
  std::vector<std::filesystem::path> plugin_dirs;  ///< never from a project file
  std::vector<std::string> trusted_sha256;         ///< never from a project file
  std::vector<std::string>
      safe_directories;             ///< projects of other users that may be used; never from a project file
  std::filesystem::path cache_dir;  ///< KTSTR_CACHE_DIR, else XDG_CACHE_HOME/ktstr, else ~/.cache/ktstr

  std::string profile;                ///< the one in force; empty: none
  std::vector<std::string> profiles;  ///< names of all that the files declare
  ProfileDefaults defaults;

  /// "gates[0].use" -> "project /src/ktstr.json:7", for `ktstr config show`.
  std::map<std::string, std::string> origins;
};

}  // namespace ktstr
