// SPDX-License-Identifier: Apache-2.0
#include "app/execution.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <map>
#include <random>
#include <set>

#include "app/host_context.hpp"
#include "support/text.hpp"

namespace ktstr {
namespace {

class Listener : public RunEventsPort {
 public:
  Listener(StorePort& store, StoreRunPort* run, const ExecutionRequest& request, Progress& progress, const std::function<void(const TestResult&)>& on_result, ExecutionResult& result)
      : store_(store), run_(run), request_(request), progress_(progress), on_result_(on_result), result_(result) {}

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
    if (test.empty() && request_.inform && progress_.is_news(line)) return progress_.around([&] { request_.inform(line); });
    progress_.note(line);
  }

  Status sidecar(std::string_view test, std::string_view text) override {
    HostStamp stamp = request_.stamp;
    stamp.timestamp = utc_timestamp(std::time(nullptr));
    stamp.run_id = next_run_id();
    if (stamp.host.is_object()) {
      for (const auto& reading : host_readings()) stamp.host.get_object()[reading.key()] = reading.value();
    }
    const std::lock_guard lock(mutex_);
    sent_.emplace(test);
    if (const auto before = before_.find(test); before != before_.end()) stamp.host_before = before->second;
    auto completed = complete_sidecar(text, stamp);
    if (completed && completed->test != test) completed = plugin_error("the runner sent a sidecar of " + printable(completed->test) + " for the test " + printable(test));
    if (!completed) return failed(test, completed.error());
    hashes_[completed->test] = completed->hash;
    if (const Status stored = run_->put(sidecar_name(completed->test, completed->hash), completed->text); !stored) return failed(test, stored.error());
    auto record = read_sidecar(completed->text, sidecar_name(completed->test, completed->hash), *request_.metrics);
    if (!record) return failed(test, record.error());
    result_.records.push_back(std::move(*record));
    return Ok{};
  }

  Status failure_dump(std::string_view test, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    const auto hash = hashes_.find(std::string(test));
    if (hash == hashes_.end()) return failed(test, plugin_error("a failure dump came without a sidecar before it"));
    const std::string name = failure_dump_name(hash->first, hash->second);
    if (const Status stored = run_->put_artifact(name, text); !stored) return failed(test, stored.error());
    if (const auto where = store_.locate(request_.run_key, name)) dumps_[hash->first] = *where;
    return Ok{};
  }

  void finished(std::string_view test, TestOutcome outcome, std::uint64_t duration_ns, std::string_view message) override {
    const std::lock_guard lock(mutex_);
    const auto entry = std::find_if(request_.tests.begin(), request_.tests.end(), [&](const TestEntry& t) { return t.name == test; });
    if (entry == request_.tests.end()) {
      result_.store_errors.push_back(plugin_error("the runner reported a test that nobody asked for: " + printable(test)));
      return;
    }
    // Whoever compares would miss it without a word.
    if (outcome == TestOutcome::kPassed && !sent_.contains(test)) (void)failed(test, plugin_error("it passed, but the runner left no sidecar of it"));
    TestResult done{*entry, outcome, duration_ns, std::string(message), {}};
    if (const auto dump = dumps_.find(entry->name); dump != dumps_.end()) done.location = dump->second;
    progress_.finished(entry->name);
    progress_.around([&] { on_result_(done); });
    result_.results.push_back(std::move(done));
  }

 private:
  Status failed(std::string_view test, Error error) {
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
  std::map<std::string, std::string> hashes_, dumps_;
  std::set<std::string, std::less<>> sent_;  ///< tests of which a sidecar came, whatever became of it
  std::map<std::string, json::object, std::less<>> before_;  ///< readings of the host when the test began
};

}  // namespace

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
  if (!from_environment.empty()) return from_environment;
  std::random_device random;
  return std::to_string(::getpid()) + "-" + std::to_string(std::time(nullptr)) + "-" + std::to_string(random());
}

ExecutionResult execute_tests(RunnerPort& runner, StorePort& store, const ExecutionRequest& request, Progress& progress,
                              const std::function<void(const TestResult&)>& on_result) {
  ExecutionResult result;
  auto run = store.begin_run(request.run_key, request.session, request.preclear);
  if (!run) {
    result.runner = run.error();
    result.never_started = request.tests.size();
    return result;
  }
  progress.total(request.tests.size());
  Listener listener(store, run->get(), request, progress, on_result, result);
  result.runner = runner.run(request.request_json, listener);
  if (const Status ended = (*run)->end(); !ended) result.store_errors.push_back(ended.error());
  progress.total(0);
  result.never_started = request.tests.size() - std::min(request.tests.size(), result.results.size());
  return result;
}

}  // namespace ktstr
