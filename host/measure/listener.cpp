// SPDX-License-Identifier: Apache-2.0
#include "measure/listener.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/time.hpp>

#include "measure/host_context.hpp"
#include "measure/timeline.hpp"
#include "sidecar/variant_hash.hpp"

namespace ktstr {
namespace {

Error nobody_asked(std::string_view test) {
  return plugin_error("the runner reported a test that nobody asked for: " + printable(test));
}

/// What a sidecar says of how its test ended.
TestOutcome outcome_of(const SidecarRecord& record) {
  if (record.skipped) return TestOutcome::kSkipped;
  if (record.inconclusive) return TestOutcome::kInconclusive;
  return record.passed ? TestOutcome::kPassed : TestOutcome::kFailed;
}

/// A test whose environment failed may leave what it had measured, but no pass.
bool fits(TestOutcome told, TestOutcome sidecar) {
  return told == sidecar || (told == TestOutcome::kError && sidecar != TestOutcome::kPassed);
}

std::string first_line(const TestResult& result) { return split(result.message, '\n').front(); }

/// For files of a test that left no sidecar: its name, as far as file names may have it.
std::string stem_of(const std::string& test) {
  std::string stem = test.substr(0, 120);
  for (char& c : stem) {
    if (!is_artifact_name({&c, 1}) && c != '.') c = '_';
  }
  if (stem.empty() || stem.front() == '.') stem.insert(stem.begin(), '_');
  return stem;
}

}  // namespace

Listener::Listener(bool elsewhere, StorePort& store, StoreRunPort& run, Spool& spool,
                   const ExecutionRequest& request, Progress& progress,
                   const std::function<void(const TestResult&)>& on_result, ExecutionResult& result)
    : elsewhere_(elsewhere),
      store_(store),
      run_(run),
      spool_(spool),
      request_(request),
      progress_(progress),
      on_result_(on_result),
      result_(result) {}

void Listener::started(std::string_view test) {
  json::object readings = elsewhere_ ? json::object() : host_readings();
  {
    const kit::Lock lock(mutex_);
    before_[std::string(test)] = std::move(readings);
    running_.emplace(test);
  }
  progress_.started(std::string(test));
}

void Listener::progress(std::string_view test, std::string_view text, double done) {
  std::string line = printable(text);
  if (test.empty() && request_.inform && progress_.is_news(line))
    return progress_.around([&] { request_.inform(line); });
  if (done >= 0 && done <= 1) line += " (" + std::to_string(std::lround(done * 100)) + " %)";
  progress_.note(line);
}

Status Listener::check_artifact(const ArtifactRequest& request) {
  if (find(request.test) == nullptr) return nobody_asked(request.test);
  const std::string what = printable(request.test) + ": the artifact \"" + printable(request.name) + "\" ";
  if (!is_artifact_name(request.name)) {
    return plugin_error(what + "has a name that no file beside a sidecar may have",
                        "letters, digits, \".\", \"-\", \"_\" and \"+\", at most 100, no \".\" first");
  }
  if (!running_.contains(request.test) || ended_.contains(request.test))
    return plugin_error(what + "came while the test was not running");
  const bool twice = std::any_of(artifacts_.begin(), artifacts_.end(), [&](const auto& other) {
    return other->test() == request.test && other->name() == request.name;
  });
  return twice ? Status(plugin_error(what + "came twice")) : Status(Ok{});
}

Result<ArtifactPort*> Listener::artifact(const ArtifactRequest& request) {
  const kit::Lock lock(mutex_);
  if (const Status fine = check_artifact(request); !fine) {
    result_.store_errors.push_back(fine.error());
    return fine.error();
  }
  auto file = ArtifactFile::make(request_.scratch, request);
  if (!file) {
    result_.store_errors.push_back(file.error());
    return file.error();
  }
  artifacts_.push_back(std::move(*file));
  return static_cast<ArtifactPort*>(artifacts_.back().get());
}

HostStamp Listener::stamp_of(std::string_view test) {
  HostStamp stamp = request_.stamp;
  stamp.elsewhere = elsewhere_;
  stamp.timestamp = kit::utc_timestamp(std::time(nullptr));
  stamp.run_id = next_run_id();
  if (stamp.host.is_object()) {
    for (const auto& reading : host_readings()) stamp.host.get_object()[reading.key()] = reading.value();
  }
  if (const auto before = before_.find(test); before != before_.end()) stamp.host_before = before->second;
  return stamp;
}

Status Listener::finished(const TestEnd& end) {
  std::shared_ptr<Ended> ended;
  bool again = false;
  {
    const kit::Lock lock(mutex_);
    const TestEntry* entry = find(end.test);
    const bool first = entry != nullptr && ended_.emplace(end.test).second;
    if (!first) {
      result_.store_errors.push_back(
          entry == nullptr ? nobody_asked(end.test)
                           : plugin_error(printable(end.test) + ": the runner said twice how it ended"));
      return result_.store_errors.back();
    }
    ended = ended_of(*entry, end);
    add_earlier(ended);
    again = may_run_again(*ended);
    if (again) {
      ended_.erase(ended_.find(end.test));
      running_.erase(running_.find(end.test));
      failed_[std::string(end.test)] = ended;
    }
  }
  progress_.finished(std::string(end.test));
  if (!again) {
    hand_over(ended);
  } else if (request_.inform) {
    const std::string line = printable(end.test) + " failed and will run again: " + first_line(ended->result);
    progress_.around([&] { request_.inform(line); });
  }
  return Ok{};
}

std::shared_ptr<Listener::Ended> Listener::ended_of(const TestEntry& entry, const TestEnd& end) {
  auto ended = std::make_shared<Ended>();
  ended->result = {entry, end.outcome, end.duration_ns, std::string(end.message), {}, false, {}};
  ended->sidecar = end.sidecar;
  ended->attempt = end.attempt;
  ended->stamp = stamp_of(end.test);
  const auto mine = std::stable_partition(artifacts_.begin(), artifacts_.end(),
                                          [&](const auto& file) { return file->test() != end.test; });
  std::move(mine, artifacts_.end(), std::back_inserter(ended->artifacts));
  artifacts_.erase(mine, artifacts_.end());
  return ended;
}

bool Listener::may_run_again(const Ended& ended) const {
  return ended.result.outcome == TestOutcome::kFailed && ended.earlier.size() < request_.retries &&
         (request_.cancelled == nullptr || !*request_.cancelled);
}

/// A failure is not undone by an attempt that could not be judged: only a pass makes the test flaky.
void Listener::add_earlier(std::shared_ptr<Ended>& now) {
  const auto found = failed_.find(now->result.test.name);
  if (found == failed_.end()) return;
  const std::shared_ptr<Ended> before = std::move(found->second);
  failed_.erase(found);
  const TestOutcome outcome = now->result.outcome;
  if (outcome != TestOutcome::kPassed && outcome != TestOutcome::kFailed) {
    before->result.message += "\nrun again, it did not get as far (" + std::string(outcome_name(outcome)) +
                              "): " + first_line(now->result);
    now = before;
    return;
  }
  now->earlier = std::move(before->earlier);
  now->earlier.push_back({first_line(before->result), std::move(before->artifacts)});
  KTSTR_ASSERT(now->earlier.size() <= request_.retries);
}

void Listener::hand_over(std::shared_ptr<Ended> ended) {
  std::uint64_t bytes = ended->sidecar.size();
  for (const auto& artifact : ended->artifacts) bytes += artifact->size();
  queue_.add(bytes, [this, ended = std::move(ended)] { keep(*ended); });
}

std::vector<TestEntry> Listener::to_run_again() {
  const kit::Lock lock(mutex_);
  std::vector<TestEntry> tests;
  for (const TestEntry& test : request_.tests) {
    if (failed_.contains(test.name)) tests.push_back(test);
  }
  return tests;
}

/// What was to run again and did not, because everything was stopped: it failed.
void Listener::give_up_retries() {
  std::map<std::string, std::shared_ptr<Ended>, std::less<>> left;
  {
    const kit::Lock lock(mutex_);
    left.swap(failed_);
    for (const auto& [name, ended] : left) {
      const bool is_new = ended_.insert(name).second;
      KTSTR_ASSERT(is_new);  // what is to run again has not ended
    }
  }
  for (auto& [name, ended] : left) hand_over(std::move(ended));
}

void Listener::close(bool all_ran) {
  give_up_retries();
  const std::string thrown = queue_.finish();
  const std::set<std::string> kept = kept_tests();
  for (const TestEntry& test : request_.tests) {
    const bool ended = has_ended(test.name);
    if (kept.contains(test.name) || (!ended && !all_ran)) continue;
    Ended never;
    never.result = {test, TestOutcome::kError, 0, {}, {}, false, {}};
    failed(never,
           plugin_error(ended ? "its results could not be kept: " + printable(thrown)
                              : "the runner returned and never said how it ended"),
           true);
    progress_.around([&] { on_result_(never.result); });
    const kit::Lock lock(mutex_);
    result_.results.push_back(std::move(never.result));
  }
}

/// How the earlier attempts ended, for the sidecar and for people.
void Listener::tell_attempts(Ended& ended) {
  if (ended.earlier.empty()) return;
  TestResult& done = ended.result;
  json::array attempts;
  std::vector<std::string> lines;
  const std::string of = " of " + std::to_string(ended.earlier.size() + 1) + " failed: ";
  for (const Attempt& attempt : ended.earlier) {
    attempts.push_back({{"outcome", "failed"}, {"reason", attempt.reason}});
    lines.push_back("attempt " + std::to_string(attempts.size()) + of + attempt.reason);
  }
  done.facts["earlier_attempts"] = attempts;
  ended.stamp.earlier_attempts = std::move(attempts);
  if (!done.message.empty()) lines.insert(lines.begin(), done.message);
  done.message = join(lines, "\n");
}

void Listener::keep(Ended& ended) {
  TestResult& done = ended.result;
  tell_attempts(ended);
  Name name{stem_of(done.test.name), ""};
  if (!ended.sidecar.empty()) {
    if (auto kept = keep_sidecar(ended)) name = std::move(*kept);
  } else if (done.outcome == TestOutcome::kPassed) {
    // Whoever compares would miss it without a word.
    failed(ended, plugin_error("it passed, but the runner left no sidecar of it"), true);
  }
  keep_artifacts(ended, name);
  if (done.outcome == TestOutcome::kPassed && !ended.earlier.empty()) done.outcome = TestOutcome::kFlaky;
  progress_.around([&] {
    if (ended.attempt > 1 && request_.inform) {
      request_.inform(printable(done.test.name) + " was begun " + std::to_string(ended.attempt) +
                      " times until it ended");
    }
    on_result_(done);
  });
  const kit::Lock lock(mutex_);
  result_.results.push_back(std::move(done));
}

/// What the store refuses is kept on this machine, and with it all else of the test: a sidecar that comes
/// later takes the place of everything that lies beside it.
Listener::Kept Listener::put(Ended& ended, const StoredFile& file) {
  if (!ended.refused) {
    const Status stored = run_.put(file);
    if (stored) return Kept::kStored;
    ended.refused = stored.error();
  }
  const std::string& test = ended.result.test.name;
  const Status kept = spool_.keep(file, *ended.refused);
  if (!kept) {
    ended.lost = true;
    Error error = *ended.refused;
    error.message += "; nor could it be kept here: " + kept.error().message;
    failed(ended, std::move(error), false);
  }
  const kit::Lock lock(mutex_);
  result_.not_stored.emplace(test, ended.refused->message);
  if (ended.lost)
    result_.spooled.erase(test);
  else
    result_.spooled.insert(test);
  return kept ? Kept::kSpooled : Kept::kLost;
}

Result<Listener::Name> Listener::keep_sidecar(Ended& ended) {
  const TestEntry& entry = ended.result.test;
  const auto completed = complete_sidecar(ended.sidecar, ended.stamp);
  const auto wrong = [&](Error error) {
    failed(ended, error, true);
    return error;
  };
  if (!completed) return wrong(completed.error());
  if (completed->test != entry.test) {
    return wrong(plugin_error("the runner sent a sidecar of " + printable(completed->test) +
                              " for the test " + printable(entry.name)));
  }
  const std::string file = sidecar_name(completed->test, completed->hash);
  auto record = read_sidecar(completed->text, file, *request_.metrics);
  if (!record) return wrong(record.error());
  if (!fits(ended.result.outcome, outcome_of(*record))) {
    return wrong(plugin_error(std::string("the runner says ") + outcome_name(ended.result.outcome) +
                              " and its sidecar " + outcome_name(outcome_of(*record))));
  }
  if (json::array timeline = timeline_of(completed->text); !timeline.empty())
    ended.result.facts["timeline"] = std::move(timeline);
  const Kept kept = put(ended, {file, completed->text});
  KTSTR_ASSERT(kept == Kept::kStored || ended.refused.has_value());
  if (kept == Kept::kLost) return *ended.refused;
  if (kept == Kept::kStored) {
    const kit::Lock lock(mutex_);
    result_.records.push_back(std::move(*record));
  }
  return Name{completed->test, completed->hash};
}

void Listener::keep_artifacts(Ended& ended, const Name& name) {
  for (const auto& artifact : ended.artifacts) keep_artifact(ended, *artifact, name, "");
  for (std::size_t i = 0; i < ended.earlier.size(); ++i) {
    const std::string prefix = "attempt" + std::to_string(i + 1) + "-";
    for (const auto& artifact : ended.earlier[i].artifacts) keep_artifact(ended, *artifact, name, prefix);
  }
}

/// `prefix`: of what an earlier attempt left.
void Listener::keep_artifact(Ended& ended, ArtifactFile& artifact, const Name& name,
                             const std::string& prefix) {
  constexpr std::size_t kLongest = 100;  // of an artifact's name
  const std::size_t size = prefix.size() + artifact.name().size();
  const std::string own = prefix + artifact.name().substr(size > kLongest ? size - kLongest : 0);
  KTSTR_ASSERT(own.size() <= kLongest);
  const std::string file = artifact_name(name.test, name.hash, own, artifact.failure());
  bool stored = false;
  const Status read = artifact.read([&](std::string_view bytes) {
    stored = put(ended, {file, bytes, true}) == Kept::kStored;
    return Status(Ok{});
  });
  if (!read) {
    failed(ended, read.error(), false);
  } else if (stored && artifact.failure() && ended.result.location.empty()) {
    if (const auto where = store_.locate(request_.run.key, file)) ended.result.location = *where;
  }
}

/// What is the runner's mistake is no result: nobody can know what it would have been.
void Listener::failed(Ended& ended, Error error, bool of_runner) {
  TestResult& result = ended.result;
  if (of_runner) {
    result.outcome = TestOutcome::kError;
    result.message = error.message + (result.message.empty() ? "" : "\n" + result.message);
    result.fault = true;
  }
  const kit::Lock lock(mutex_);
  result_.not_stored.emplace(result.test.name, error.message);
  error.message = printable(result.test.name) + ": " + error.message;
  result_.store_errors.push_back(std::move(error));
}

std::set<std::string> Listener::kept_tests() {
  const kit::Lock lock(mutex_);
  std::set<std::string> names;  // copies: what more results are added may move the old ones
  for (const TestResult& done : result_.results) names.insert(done.test.name);
  return names;
}

bool Listener::has_ended(const std::string& test) {
  const kit::Lock lock(mutex_);
  return ended_.contains(test);
}

const TestEntry* Listener::find(std::string_view test) const {
  const auto found = std::find_if(request_.tests.begin(), request_.tests.end(),
                                  [&](const TestEntry& t) { return t.name == test; });
  return found == request_.tests.end() ? nullptr : &*found;
}

}  // namespace ktstr
