// SPDX-License-Identifier: Apache-2.0
#include "plugin/call_times.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/json.hpp>
#include <ktstr/kit/mutex.hpp>
#include <ktstr/kit/numbers.hpp>
#include <map>
#include <thread>

#include "support/details.hpp"

namespace ktstr {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostEvents = 1'000'000;  // some 200 MB of trace; more than a viewer opens

struct Event {
  const CallSum* of;
  Clock::time_point begin, end;
  unsigned thread;
};

/// Never destroyed: plugins are called until the very end of the process.
class Record {
 public:
  static Record& only() {
    static Record& record = *new Record;
    return record;
  }

  void start(bool each) {
    const kit::Lock lock(mutex_);
    each_ = each;
    running = true;
  }

  void name(const std::string& what, const std::string& plugin_id) {
    const kit::Lock lock(mutex_);
    plugins_[what] = plugin_id;
  }

  void add(const char* what, const char* function, Clock::time_point begin, Clock::time_point end) {
    KTSTR_ASSERT(begin <= end);
    const kit::Lock lock(mutex_);
    CallSum& sum = sums_[{what, function}];
    if (sum.calls == 0) {
      sum.what = what;
      sum.function = function;
    }
    ++sum.calls;
    sum.total += end - begin;
    sum.longest = std::max<std::chrono::nanoseconds>(sum.longest, end - begin);
    if (!each_) return;
    if (events_.size() < kMostEvents)
      events_.push_back({&sum, begin, end, thread_number()});
    else
      ++left_out_;
  }

  std::vector<CallSum> sums() {
    const kit::Lock lock(mutex_);
    std::vector<CallSum> all;
    for (const auto& [key, sum] : sums_) all.push_back(sum);
    std::stable_sort(all.begin(), all.end(),
                     [](const CallSum& a, const CallSum& b) { return a.total > b.total; });
    return all;
  }

  std::string trace() {
    const kit::Lock lock(mutex_);
    json::array events;
    const int pid = ::getpid();
    events.push_back({{"ph", "M"}, {"name", "process_name"}, {"pid", pid}, {"args", {{"name", "ktstr"}}}});
    for (const auto& [thread, number] : threads_) {
      events.push_back({{"ph", "M"},
                        {"name", "thread_name"},
                        {"pid", pid},
                        {"tid", number},
                        {"args", {{"name", "thread " + std::to_string(number)}}}});
    }
    for (const Event& event : events_) {
      events.push_back({{"ph", "X"},
                        {"name", event.of->what + ": " + event.of->function},
                        {"cat", event.of->what.substr(0, event.of->what.find(' '))},
                        {"ts", microseconds(event.begin - start_)},
                        {"dur", microseconds(event.end - event.begin)},
                        {"pid", pid},
                        {"tid", event.thread},
                        {"args", {{"plugin", id_of(event.of->what)}, {"call", event.of->function}}}});
    }
    return to_text(json::object{{"displayTimeUnit", "ms"},
                                {"otherData", {{"left_out", left_out_}}},
                                {"traceEvents", std::move(events)}},
                   0) +
           "\n";
  }

  std::atomic<bool> running{false};

 private:
  static double microseconds(std::chrono::nanoseconds time) {
    return static_cast<double>(time.count()) / 1000;
  }
  /// Small numbers in the order of first calls, 1 the main thread as a rule.
  unsigned thread_number() KTSTR_REQUIRES(mutex_) {
    return threads_.try_emplace(std::this_thread::get_id(), threads_.size() + 1).first->second;
  }
  std::string id_of(const std::string& what) const KTSTR_REQUIRES(mutex_) {
    const auto named = plugins_.find(what);
    if (named != plugins_.end()) return named->second;
    return what.starts_with("plugin ") ? what.substr(7) : what;  // a library, before it has an instance
  }

  const Clock::time_point start_ = Clock::now();
  kit::Mutex mutex_;
  bool each_ KTSTR_GUARDED_BY(mutex_) = false;
  std::map<std::pair<std::string, std::string>, CallSum> sums_ KTSTR_GUARDED_BY(mutex_);
  std::map<std::string, std::string> plugins_ KTSTR_GUARDED_BY(mutex_);
  std::map<std::thread::id, unsigned> threads_ KTSTR_GUARDED_BY(mutex_);
  std::vector<Event> events_ KTSTR_GUARDED_BY(mutex_);
  std::uint64_t left_out_ KTSTR_GUARDED_BY(mutex_) = 0;
};

}  // namespace

void measure_calls(bool each) { Record::only().start(each); }
void name_plugin(const std::string& what, const std::string& plugin_id) {
  Record::only().name(what, plugin_id);
}
std::vector<CallSum> call_sums() { return Record::only().sums(); }
std::string call_trace() { return Record::only().trace(); }

TimedCall::TimedCall(const char* what, const char* function)
    : what_(Record::only().running ? what : nullptr), function_(function), begin_(Clock::now()) {}

TimedCall::~TimedCall() {
  if (what_ == nullptr) return;
  const auto end = Clock::now();
  Record::only().add(what_, function_, begin_, end);
  if (!is_told(Detail::kDebug)) return;
  const double milliseconds = std::chrono::duration<double, std::milli>(end - begin_).count();
  tell_debug(std::string(what_) + ", call " + function_ + ": " + fixed(milliseconds, 2) + " ms");
}

}  // namespace ktstr
