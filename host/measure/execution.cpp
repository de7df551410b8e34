// SPDX-License-Identifier: Apache-2.0
#include "measure/execution.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <ctime>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/mutex.hpp>
#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/random.hpp>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/time.hpp>
#include <map>
#include <set>

#include "measure/listener.hpp"
#include "measure/variants.hpp"
#include "support/details.hpp"
#include "support/known_times.hpp"

namespace ktstr {
namespace {

/// What became of the tests. The run has ended when every selected test has. `pushed`: as it will be once
/// what was spooled is in the store.
RunManifest finished_manifest(RunManifest manifest, const ExecutionResult& result, bool pushed) {
  for (const TestResult& done : result.results) {
    for (PlannedTest& test : manifest.tests) {
      if (!test.selected || !is_planned(test, done.test)) continue;
      test.outcome = outcome_name(done.outcome);
      test.reason = done.outcome == TestOutcome::kPassed ? std::string() : split(done.message, '\n').front();
      const auto lost = result.not_stored.find(done.test.name);
      if (lost != result.not_stored.end() && !(pushed && result.spooled.contains(done.test.name))) {
        test.outcome = outcome_name(TestOutcome::kError);
        test.reason = lost->second;
      }
    }
  }
  if (!result.records.empty()) manifest.accelerator = result.records.front().accelerator;
  const bool all = std::all_of(manifest.tests.begin(), manifest.tests.end(), [](const PlannedTest& test) {
    return !test.selected || !test.outcome.empty();
  });
  if (all) manifest.ended = kit::utc_timestamp(std::time(nullptr));
  return manifest;
}

}  // namespace

const char* outcome_name(TestOutcome outcome) {
  switch (outcome) {
    case TestOutcome::kPassed: return "passed";
    case TestOutcome::kFailed: return "failed";
    case TestOutcome::kSkipped: return "skipped";
    case TestOutcome::kInconclusive: return "inconclusive";
    case TestOutcome::kError: return "error";
    case TestOutcome::kFlaky: return "flaky";
  }
  return "error";
}

std::chrono::milliseconds planned_time(const std::vector<TestEntry>& tests) {
  constexpr std::chrono::milliseconds kStart{
      400};  // from a test's start to its first worker, from a template
  std::chrono::milliseconds time{0};
  for (const TestEntry& test : tests)
    time += std::chrono::milliseconds(std::min<std::uint64_t>(test.duration_ms, 86'400'000)) + kStart;
  return time;
}

std::optional<double> known_pace(const std::filesystem::path& cache_dir, const std::string& pace) {
  const auto for_second = KnownTimes(cache_dir).of("second of tests, " + pace);
  return for_second ? std::optional(static_cast<double>(for_second->count()) / 1000) : std::nullopt;
}

std::string next_run_id() {
  static const std::time_t start = std::time(nullptr);
  static std::atomic<unsigned> counter{0};
  std::tm parts{};
  ::gmtime_r(&start, &parts);
  char text[40];
  std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts);
  return std::string(text) + "-" + std::to_string(counter.fetch_add(1));
}

std::string session_token(const std::string& from_environment) {
  return from_environment.empty() ? kit::random_name() : from_environment;
}

namespace {

/// Manifests of earlier invocations that ran no test which this one did not run again would only pile up.
Status remove_superseded(StorePort& store, StoreRunPort& run, const std::string& key,
                         const std::string& own_name, const RunManifest& own) {
  const auto files = store.list_artifacts(key);
  if (!files) return files.error();
  for (const SidecarEntry& file : *files) {
    if (!is_run_manifest_name(file.name) || file.name == own_name || file.name.find('/') != std::string::npos)
      continue;
    const auto text = store.read(key, file.name, kMaxRunManifest);
    const auto other = text ? parse_run_manifest(*text, file.name) : Result<RunManifest>(text.error());
    if (!other || !supersedes(own, *other)) continue;
    if (const Status removed = run.remove_artifact(file.name); !removed) return removed;
  }
  return Ok{};
}

/// The manifest as the store has it, and as it will be once the spool has been pushed: last, over the other.
void keep_manifest(StorePort& store, StoreRunPort& run, Spool& spool, const ExecutionRequest& request,
                   const std::string& name, ExecutionResult& result) {
  const RunManifest manifest = finished_manifest(*request.manifest, result, false);
  const Status stored = run.put({name, run_manifest_text(manifest), true});
  if (!stored || !spool.empty()) {
    const std::string text = run_manifest_text(finished_manifest(*request.manifest, result, true));
    const Status kept = spool.keep({name, text, true}, stored ? Error{} : stored.error());
    if (!kept) result.store_errors.push_back(stored ? kept.error() : stored.error());
  }
  if (!stored) return;
  const Status removed = remove_superseded(store, run, request.run.key, name, manifest);
  if (!removed) result.store_errors.push_back(removed.error());
}

/// Everything of the request ended, and nothing that should be in the store is missing there. A test that
/// could not be run says nothing, and what the same inputs gave before still holds.
bool is_complete(const ExecutionRequest& request, const ExecutionResult& result) {
  const bool all_ran = std::none_of(result.results.begin(), result.results.end(), [](const TestResult& done) {
    return done.outcome == TestOutcome::kError;
  });
  return result.runner && result.store_errors.empty() && all_ran &&
         result.results.size() >= request.tests.size();
}

}  // namespace

ExecutionResult execute_tests(RunnerPort& runner, StorePort& store, const ExecutionRequest& request,
                              Progress& progress, const std::function<void(const TestResult&)>& on_result) {
  ExecutionResult result;
  const std::string manifest_name = run_manifest_name(kit::random_name());
  KTSTR_ASSERT(is_run_manifest_name(manifest_name));  // as readers of the run tell it
  auto run = store.begin_run(request.run);
  Status ready = run ? Status(Ok{}) : Status(run.error());
  if (run && request.manifest)
    ready = (*run)->put({manifest_name, run_manifest_text(*request.manifest), true});
  if (!ready) {
    result.runner = ready;
    result.never_started = request.tests.size();
    return result;
  }
  progress.total(request.tests.size());
  const std::chrono::milliseconds planned = planned_time(request.tests);
  if (const auto pace = known_pace(request.scratch, request.pace))
    progress.expect(std::chrono::milliseconds(std::llround(static_cast<double>(planned.count()) * *pace)));
  const auto begin = std::chrono::steady_clock::now();
  Spool spool(request.spool_places, request.store, request.run);
  Listener listener(runner.elsewhere(), store, **run, spool, request, progress, on_result, result);
  result.runner = runner.run(request.request_json, listener);
  const auto stopped = [&] { return !result.runner || (request.cancelled != nullptr && *request.cancelled); };
  for (unsigned retry = 0; retry < request.retries && !stopped(); ++retry) {
    const std::vector<TestEntry> failed = listener.to_run_again();
    if (failed.empty()) break;
    progress.total(failed.size());
    result.runner = runner.run(request.again(failed), listener);
  }
  if (!stopped() && !request.pace.empty() && planned.count() > 0) {
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    const double second = took.count() / static_cast<double>(planned.count()) * 1000;
    KnownTimes(request.scratch)
        .learn("second of tests, " + request.pace, std::chrono::milliseconds(std::llround(second)));
    tell_step(counted(request.tests.size(), "test", "tests") + " took " + fixed(took.count() / 1000, 2) +
              " s; one after the other they plan " + fixed(static_cast<double>(planned.count()) / 1000, 1) +
              " s");
  }
  listener.close(result.runner && (request.cancelled == nullptr || !*request.cancelled));
  if (request.manifest) keep_manifest(store, **run, spool, request, manifest_name, result);
  auto changes = (*run)->end(spool.empty() && is_complete(request, result));
  if (changes)
    result.changes = *changes;
  else
    result.store_errors.push_back(changes.error());
  if (!spool.empty()) result.store_errors.insert(result.store_errors.begin(), spool.told());
  progress.total(0);
  KTSTR_ASSERT(result.results.size() <= request.tests.size());  // each ends once
  result.never_started = request.tests.size() - std::min(request.tests.size(), result.results.size());
  return result;
}

}  // namespace ktstr
