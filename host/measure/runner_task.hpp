// SPDX-License-Identifier: Apache-2.0
//
// A runner called by itself, without a store: what a runner that hands its tests on to other machines has
// done there (`ktstr plugin call`). Nothing here makes a verdict or a sidecar's stamp; that is done where the
// results come together.
#pragma once
#include <filesystem>
#include <string>

#include "session/context.hpp"

namespace ktstr {

/// {"schema_version": 1, "runner": "kvm", "options": {…}, "request": {…}}, the latter as ktstr/abi/runner.h
/// has it.
struct RunnerTask {
  std::string runner, options_json;
  json::object request;
};
/// `file` empty: what stdin has.
Result<RunnerTask> read_runner_task(const std::filesystem::path& file);

/// What the runner answers: {"tests": […]}, {"checks": […]}, or {"failure": {"code", "message", "hint"}}.
Result<std::string> discover_task(const AppContext& context, const RunnerTask& task);
Result<std::string> probe_task(const AppContext& context, const RunnerTask& task);

/// Where one test of a task runs.
struct TaskPlace {
  std::size_t test = 0;             ///< in the request's "tests", from 0
  std::filesystem::path directory;  ///< is made, its parent is not
  std::string node;                 ///< how the farm calls this machine
};

/// Runs it. The directory gets progress.json while it runs, and at the end artifact-0, artifact-1, … and,
/// last and whole, result.json: {"schema_version", "test", "outcome", "attempt", "duration_ns", "message",
/// "sidecar", "node", "host", "host_before", "artifacts": [{"name", "type", "failure"}]}, or {…, "node",
/// "failure"} when the runner could not run it. No result.json when it was interrupted.
Status run_task(const AppContext& context, const RunnerTask& task, const TaskPlace& place);

}  // namespace ktstr
