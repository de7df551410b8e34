// SPDX-License-Identifier: Apache-2.0
//
// One pass of a runner over a list of tests: sidecars are completed and stored, results handed on as they
// come.
#pragma once
#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pool/spool.hpp"
#include "ports/ports.hpp"
#include "sidecar/run_manifest.hpp"
#include "sidecar/sidecar.hpp"
#include "support/progress.hpp"

namespace ktstr {

struct TestResult {
  TestEntry test;
  TestOutcome outcome = TestOutcome::kError;
  std::uint64_t duration_ns = 0;
  std::string message;
  std::string location;  ///< of what explains a failure, empty when there is nothing
  bool fault = false;    ///< an ERROR because of what the runner said, or did not say
  json::object facts;    ///< what its row in reports tells beside that
};

/// "passed", as manifests of runs spell it.
const char* outcome_name(TestOutcome outcome);

struct ExecutionRequest {
  std::string request_json;  ///< for the runner
  std::vector<TestEntry> tests;
  unsigned retries = 0;  ///< how often a test that failed is run again
  /// What the runner is asked then; required with retries.
  std::function<std::string(const std::vector<TestEntry>&)> again;
  const MetricRegistry* metrics = nullptr;  ///< what the sidecars' records hold; required
  RunRequest run;                           ///< how the store is to write it
  StoreIdentity store;
  std::vector<std::filesystem::path> spool_places;  ///< for what the store refuses
  HostStamp stamp;
  std::string
      pace;  ///< what decides how fast tests are, for expectations: kernel, clock; empty: nothing is learned
  std::filesystem::path scratch;                 ///< where artifacts lie until their test ends
  const std::atomic<bool>* cancelled = nullptr;  ///< tests that did not end may have been interrupted
  std::optional<RunManifest> manifest;  ///< stored in the run before the first test and again after the last;
                                        ///< `tests` are those it selects
  std::function<void(const std::string&)>
      inform;  ///< for what the runner tells of the whole run, such as why KVM is not used; once each
};

struct ExecutionResult {
  std::vector<TestResult> results;     ///< in order of ending
  std::vector<SidecarRecord> records;  ///< of every sidecar that was stored
  std::vector<Error> store_errors;
  std::map<std::string, std::string> not_stored;  ///< by test: why it left no sidecar although it ran
  std::set<std::string> spooled;                  ///< those of them whose files wait to be pushed
  Status runner = Ok{};                           ///< how `run` itself returned
  RunChanges changes;                             ///< what became of earlier results
  std::size_t never_started = 0;
};

/// `on_result` is called with the progress line taken away, one call at a time.
ExecutionResult execute_tests(RunnerPort& runner, StorePort& store, const ExecutionRequest& request,
                              Progress& progress, const std::function<void(const TestResult&)>& on_result);

/// What tests are as fast as each other by.
inline std::string pace_name(const Kernel& kernel, bool deterministic, bool cold) {
  return kernel.id() + (deterministic ? ", virtual time" : "") + (cold ? ", cold" : "");
}

/// How long the tests would take one after the other, by what they plan.
std::chrono::milliseconds planned_time(const std::vector<TestEntry>& tests);
/// How many times that such tests took before; nothing: nobody knows yet.
std::optional<double> known_pace(const std::filesystem::path& cache_dir, const std::string& pace);

/// "20260705T101050Z-0": when this process started, and a counter.
std::string next_run_id();
/// Names an invocation to the store: from the enclosing one, or made for this process.
std::string session_token(const std::string& from_environment);

}  // namespace ktstr
