// SPDX-License-Identifier: Apache-2.0
#include "measure/execution.hpp"

#include <algorithm>
#include <atomic>
#include <ctime>
#include <ktstr/kit/random.hpp>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/time.hpp>
#include <map>
#include <set>

#include "measure/host_context.hpp"
#include "measure/variants.hpp"

namespace ktstr {
namespace {

class Listener : public RunEventsPort {
 public:
  Listener(StorePort& store, StoreRunPort* run, const ExecutionRequest& request, Progress& progress,
           const std::function<void(const TestResult&)>& on_result, ExecutionResult& result)
      : store_(store),
        run_(run),
        request_(request),
        progress_(progress),
        on_result_(on_result),
        result_(result) {}

  void started(std::string_view test) override {
    json::object readings = host_readings();
    {
      const std::lock_guard lock(mutex_);
      before_[std::string(test)] = std::move(readings);
    }
    progress_.started(std::string(test));
  }
  void note(std::string_view test, std::string_view text) override {
    const std::string line = printable(text);
    if (test.empty() && request_.inform && progress_.is_news(line))
      return progress_.around([&] { request_.inform(line); });
    progress_.note(line);
  }

  Status sidecar(std::string_view test, std::string_view text) override {
    HostStamp stamp = request_.stamp;
    stamp.timestamp = kit::utc_timestamp(std::time(nullptr));
    stamp.run_id = next_run_id();
    if (stamp.host.is_object()) {
      for (const auto& reading : host_readings()) stamp.host.get_object()[reading.key()] = reading.value();
    }
    const std::lock_guard lock(mutex_);
    sent_.emplace(test);
    if (const auto before = before_.find(test); before != before_.end()) stamp.host_before = before->second;
    auto completed = complete_sidecar(text, stamp);
    const auto entry = find(test);
    if (completed && entry == request_.tests.end()) completed = nobody_asked(test);
    if (completed && completed->test != entry->test)
      completed = plugin_error("the runner sent a sidecar of " + printable(completed->test) +
                               " for the test " + printable(test));
    if (!completed) return failed(test, completed.error());
    names_[std::string(test)] = {completed->test, completed->hash};
    if (const Status stored = run_->put(sidecar_name(completed->test, completed->hash), completed->text);
        !stored)
      return failed(test, stored.error());
    auto record =
        read_sidecar(completed->text, sidecar_name(completed->test, completed->hash), *request_.metrics);
    if (!record) return failed(test, record.error());
    result_.records.push_back(std::move(*record));
    return Ok{};
  }

  Status failure_dump(std::string_view test, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    const auto known = names_.find(std::string(test));
    if (known == names_.end())
      return failed(test, plugin_error("a failure dump came without a sidecar before it"));
    const std::string name = failure_dump_name(known->second.first, known->second.second);
    if (const Status stored = run_->put_artifact(name, text); !stored) return failed(test, stored.error());
    if (const auto where = store_.locate(request_.run.key, name)) dumps_[known->first] = *where;
    return Ok{};
  }

  void finished(std::string_view test, TestOutcome outcome, std::uint64_t duration_ns,
                std::string_view message) override {
    const std::lock_guard lock(mutex_);
    const auto entry = find(test);
    if (entry == request_.tests.end()) {
      result_.store_errors.push_back(nobody_asked(test));
      return;
    }
    // Whoever compares would miss it without a word.
    if (outcome == TestOutcome::kPassed && !sent_.contains(test))
      (void)failed(test, plugin_error("it passed, but the runner left no sidecar of it"));
    TestResult done{*entry, outcome, duration_ns, std::string(message), {}};
    if (const auto dump = dumps_.find(entry->name); dump != dumps_.end()) done.location = dump->second;
    progress_.finished(entry->name);
    progress_.around([&] { on_result_(done); });
    result_.results.push_back(std::move(done));
  }

 private:
  std::vector<TestEntry>::const_iterator find(std::string_view test) const {
    return std::find_if(request_.tests.begin(), request_.tests.end(),
                        [&](const TestEntry& t) { return t.name == test; });
  }
  static Error nobody_asked(std::string_view test) {
    return plugin_error("the runner reported a test that nobody asked for: " + printable(test));
  }
  Status failed(std::string_view test, Error error) {
    result_.not_stored.emplace(test, error.message);
    error.message = printable(test) + ": " + error.message;
    result_.store_errors.push_back(error);
    return error;
  }

  StorePort& store_;
  StoreRunPort* run_;
  const ExecutionRequest& request_;
  Progress& progress_;
  const std::function<void(const TestResult&)>& on_result_;
  ExecutionResult& result_;
  std::mutex mutex_;
  std::map<std::string, std::pair<std::string, std::string>>
      names_;  ///< by the runner's name: what the sidecar is named after, its hash
  std::map<std::string, std::string> dumps_;
  std::set<std::string, std::less<>> sent_;  ///< tests of which a sidecar came, whatever became of it
  std::map<std::string, json::object, std::less<>> before_;  ///< readings of the host when the test began
};

/// What became of the tests. The run has ended when every selected test has.
RunManifest finished_manifest(RunManifest manifest, const ExecutionResult& result) {
  for (const TestResult& done : result.results) {
    for (PlannedTest& test : manifest.tests) {
      if (!test.selected || !is_planned(test, done.test)) continue;
      test.outcome = outcome_name(done.outcome);
      test.reason = done.outcome == TestOutcome::kPassed ? std::string() : split(done.message, '\n').front();
      if (const auto lost = result.not_stored.find(done.test.name); lost != result.not_stored.end()) {
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
  }
  return "error";
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
  auto run = store.begin_run(request.run);
  Status ready = run ? Status(Ok{}) : Status(run.error());
  if (run && request.manifest)
    ready = (*run)->put_artifact(manifest_name, run_manifest_text(*request.manifest));
  if (!ready) {
    result.runner = ready;
    result.never_started = request.tests.size();
    return result;
  }
  progress.total(request.tests.size());
  Listener listener(store, run->get(), request, progress, on_result, result);
  result.runner = runner.run(request.request_json, listener);
  const auto keep_error = [&](const Status& status) {
    if (!status) result.store_errors.push_back(status.error());
    return static_cast<bool>(status);
  };
  if (request.manifest) {
    const RunManifest manifest = finished_manifest(*request.manifest, result);
    if (keep_error((*run)->put_artifact(manifest_name, run_manifest_text(manifest)))) {
      keep_error(remove_superseded(store, **run, request.run.key, manifest_name, manifest));
    }
  }
  auto changes = (*run)->end(is_complete(request, result));
  if (changes)
    result.changes = *changes;
  else
    result.store_errors.push_back(changes.error());
  progress.total(0);
  result.never_started = request.tests.size() - std::min(request.tests.size(), result.results.size());
  return result;
}

}  // namespace ktstr
