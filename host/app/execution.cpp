// SPDX-License-Identifier: Apache-2.0
#include "app/execution.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <map>
#include <random>

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
    if (const auto before = before_.find(test); before != before_.end()) stamp.host_before = before->second;
    auto completed = complete_sidecar(text, stamp);
    const auto entry = find(test);
    if (completed && entry == request_.tests.end()) completed = nobody_asked(test);
    if (completed && completed->test != entry->test) completed = plugin_error("the runner sent a sidecar of " + printable(completed->test) + " for the test " + printable(test));
    if (!completed) return failed(test, completed.error());
    names_[std::string(test)] = {completed->test, completed->hash};
    if (const Status stored = run_->put(sidecar_name(completed->test, completed->hash), completed->text); !stored) return failed(test, stored.error());
    auto record = read_sidecar(completed->text, sidecar_name(completed->test, completed->hash), *request_.metrics);
    if (!record) return failed(test, record.error());
    result_.records.push_back(std::move(*record));
    return Ok{};
  }

  Status failure_dump(std::string_view test, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    const auto known = names_.find(std::string(test));
    if (known == names_.end()) return failed(test, plugin_error("a failure dump came without a sidecar before it"));
    const std::string name = failure_dump_name(known->second.first, known->second.second);
    if (const Status stored = run_->put_artifact(name, text); !stored) return failed(test, stored.error());
    if (const auto where = store_.locate(request_.run_key, name)) dumps_[known->first] = *where;
    return Ok{};
  }

  void finished(std::string_view test, TestOutcome outcome, std::uint64_t duration_ns, std::string_view message) override {
    const std::lock_guard lock(mutex_);
    const auto entry = find(test);
    if (entry == request_.tests.end()) {
      result_.store_errors.push_back(nobody_asked(test));
      return;
    }
    TestResult done{*entry, outcome, duration_ns, std::string(message), {}};
    if (const auto dump = dumps_.find(entry->name); dump != dumps_.end()) done.location = dump->second;
    progress_.finished(entry->name);
    progress_.around([&] { on_result_(done); });
    result_.results.push_back(std::move(done));
  }

 private:
  std::vector<TestEntry>::const_iterator find(std::string_view test) const {
    return std::find_if(request_.tests.begin(), request_.tests.end(), [&](const TestEntry& t) { return t.name == test; });
  }
  static Error nobody_asked(std::string_view test) {
    return plugin_error("the runner reported a test that nobody asked for: " + printable(test));
  }
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
  std::map<std::string, std::pair<std::string, std::string>> names_;  ///< by the runner's name: what the sidecar is named after, its hash
  std::map<std::string, std::string> dumps_;
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
