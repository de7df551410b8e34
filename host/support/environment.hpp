// SPDX-License-Identifier: Apache-2.0
//
// What the host knows of the process environment, as a value: cli/environment.cpp reads it once, everybody
// else is handed it.
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace ktstr {

struct Environment {
  std::string cwd;  ///< absolute; empty when it was deleted
  std::string home, user_name;
  std::string xdg_cache_home, xdg_config_home, xdg_data_home;
  std::string cargo_target_dir;  ///< CARGO_TARGET_DIR
  std::string kernel;            ///< KTSTR_KERNEL
  std::string test_kernel;       ///< KTSTR_TEST_KERNEL
  std::string sidecar_dir;       ///< KTSTR_SIDECAR_DIR
  std::string project_commit;    ///< KTSTR_PROJECT_COMMIT: label to use instead of probing
  std::string run_epoch;         ///< KTSTR_RUN_EPOCH: session token of an enclosing invocation
  std::string profile;           ///< KTSTR_PROFILE, or what --profile says instead
  std::string store;             ///< KTSTR_STORE, or what --store says instead
  std::string cache_dir;         ///< KTSTR_CACHE_DIR
  std::string safe_directories;  ///< KTSTR_SAFE_DIRECTORIES: more of them, separated by colons
  std::string plugin_path;       ///< KTSTR_PLUGIN_PATH; empty when the process runs with raised privileges
  std::string plugin_deadline;   ///< KTSTR_PLUGIN_DEADLINE: seconds that a call may take which may not block
  std::string ci_base_ref;       ///< branch or commit that the CI's merge request is against
  std::string ci_base_variable;  ///< the variable that said so
  std::string sudo_uid;          ///< SUDO_UID: who root runs this for
  std::string tmpdir;            ///< TMPDIR, else /tmp
  std::string terminal;          ///< TERM
  /// Variables, with their values, that tell builds where to put their results.
  std::vector<std::pair<std::string, std::string>> build_outputs;
  bool safe = false;                           ///< KTSTR_SAFE is set, and not empty or 0
  bool has_source_date = false;                ///< SOURCE_DATE_EPOCH is set
  bool ci = false;                             ///< KTSTR_CI is set and not empty
  bool no_color = false, force_color = false;  ///< NO_COLOR; CLICOLOR_FORCE or FORCE_COLOR
};

}  // namespace ktstr
