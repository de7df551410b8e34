// SPDX-License-Identifier: Apache-2.0
//
// What a command may use. One per process, made by main; everything in it is made when it is first asked for,
// so that `ktstr --version` opens no file.
#pragma once
#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/environment.hpp"
#include "config/config.hpp"
#include "ports/ports.hpp"
#include "support/result.hpp"

namespace ktstr {

class PluginCatalogue;  // plugin/catalogue.hpp

struct Terminal {
  bool out_is_terminal = false, err_is_terminal = false;
  bool out_colour = false, err_colour = false;
  unsigned width = 0;  ///< columns of stdout's terminal, 0 when it is none
};

/// Flags that stand before or after any command.
struct GlobalFlags {
  std::string directory;                 ///< -C DIR
  std::string color = "auto";            ///< --color auto|always|never
  std::vector<std::string> plugin_dirs;  ///< --plugin-dir DIR, repeatable
  std::string profile;                   ///< --profile NAME
  std::string store;                     ///< --store STORE
  int verbose = 0;                       ///< -v
  bool quiet = false;                    ///< -q
  std::string trace_plugins;             ///< --trace-plugins FILE
  bool safe = false;                     ///< --safe
};

/// Where this ktstr is installed: above the folder of its executable; so in a build tree as well.
std::filesystem::path installation_prefix();

class Session {
 public:
  Session(Environment environment, GlobalFlags flags);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Environment& environment() const { return environment_; }
  const GlobalFlags& flags() const { return flags_; }
  const Terminal& terminal() const { return terminal_; }

  /// The merged configuration. Commands apply their own flags to a copy.
  Result<const Config*> config();
  /// Plugins found on the search path; loads a library only when an instance of it is made.
  Result<PluginProvider*> plugins();
  Result<PluginCatalogue*> catalogue();
  /// Adds what the configured runner measures beyond the built-in metrics.
  Status add_runner_metrics(Config& config);
  /// Names and options of plugins that the configuration has and no plugin knows, also of those that the
  /// command does without.
  Status check_choices(const Config& config);
  /// Holds what a cloned project says of places on this machine inside of it: report files, and options that
  /// plugins declare as paths.
  Status keep_project_inside(Config& config);

  /// Becomes true on SIGINT or SIGTERM. The second signal ends the process at once.
  static const std::atomic<bool>& cancelled();
  /// `action` runs on a thread of its own at the first signal (to interrupt a runner); replaced by the next
  /// call, cleared by {}.
  static void on_cancel(std::function<void()> action);

 private:
  Environment environment_;
  GlobalFlags flags_;
  Terminal terminal_;
  std::unique_ptr<Config> config_;
  std::unique_ptr<PluginCatalogue> catalogue_;
};

}  // namespace ktstr
