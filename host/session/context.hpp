// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <functional>
#include <ktstr/kit/process.hpp>
#include <string>

#include "config/config.hpp"
#include "kernels/catalogue.hpp"
#include "ports/ports.hpp"
#include "support/environment.hpp"
#include "support/json.hpp"

namespace ktstr {

/// What a session works with. Everything is borrowed from the command that runs it.
struct AppContext {
  const Environment& environment;
  const Config& config;  ///< with the command's own flags applied
  PluginProvider& plugins;
  const KernelCatalogue& kernels;
  const std::atomic<bool>& cancelled;
  std::function<void(std::function<void()>)> on_cancel;  ///< registers what to do at Ctrl-C; {} clears
  std::function<void(const std::string&)> warn, inform;  ///< one line to stderr
  bool out_is_terminal = false, err_is_terminal = false, out_colour = false;
  unsigned width = 0;
  std::function<void(const std::string&)> explain = inform;  ///< a line that belongs to an error
};

/// What an instance of a plugin that the configuration chose is made from.
Creation creation_of(const AppContext& context, const std::string& options_json);
Creation creation_of(const AppContext& context, const ReporterChoice& choice);

struct StoreWish {
  bool with_override = false;  ///< the one directory that KTSTR_SIDECAR_DIR names stands for the store
  std::string archive;  ///< a directory of runs instead of the project's; relative to the working directory
  bool read_only = false;
  const PluginChoice* store = nullptr;  ///< instead of the configured one
};
/// Opens the configured store, or what the wish names.
Result<std::unique_ptr<StorePort>> open_store(const AppContext& context, const StoreWish& wish = {});

/// Files that the configuration's manifest patterns name below `project_dir`; a pattern that matches nothing
/// is an error.
Result<std::vector<std::string>> expand_manifests(const std::vector<std::string>& patterns,
                                                  const std::filesystem::path& project_dir);

struct BuildRequest {
  std::filesystem::path project_dir;
  std::string what;  ///< for messages, empty for the project as it lies there
  std::string
      way_there;  ///< shell commands that lead a person to the same files, for when `project_dir` is gone
  std::string session;  ///< what a ktstr started by it belongs to
  std::vector<std::pair<std::string, std::string>> variables;
  std::vector<std::string> without;  ///< variables of ours that it does not get
};

/// What its builds are remembered by (support/known_times.hpp).
std::string build_name(const Config& config);

/// Runs the project's build command; its output is shown when it fails.
Status build_project(const AppContext& context, const Kernel& kernel, const BuildRequest& request);

/// Runs a build program and shows its output when it fails. `of`: " of HEAD"; `way_there`: as above; `name`:
/// under which the time it takes is remembered.
Status run_build(const AppContext& context, kit::Program program, const std::string& of,
                 const std::string& way_there, const std::string& name);

/// --kernel, the configuration's kernel, or the default one; the running one, without an image, when the
/// configured runner needs none.
Result<Kernel> resolve_kernel(const AppContext& context, const std::string& flag);
/// The same of several --kernel, which may be ranges of the cache; never none.
Result<std::vector<Kernel>> resolve_kernels(const AppContext& context, const std::vector<std::string>& flags);

/// The request object that runners get; docs in ktstr/abi/runner.h.
struct RunnerRequest {
  std::filesystem::path project_dir;
  std::vector<std::string> manifests, tests;
  const Kernel* kernel = nullptr;
  bool performance_only = false, deterministic = false, cold = false, trace = false, cost = false;
  std::uint64_t seed = 1;
  unsigned jobs = 0;
  std::string label;
  json::object more{};  ///< further keys
};
std::string runner_request(const AppContext& context, const RunnerRequest& request);

/// The plugins that were used so far as results and reports keep them; `kinds` empty: all.
json::array used_plugins(const AppContext& context, std::initializer_list<std::string_view> kinds = {});

}  // namespace ktstr
