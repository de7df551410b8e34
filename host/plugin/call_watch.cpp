// SPDX-License-Identifier: Apache-2.0
#include "plugin/call_watch.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/mutex.hpp>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "plugin/current_call.hpp"
#include "support/result.hpp"

namespace ktstr {
namespace {

using Clock = std::chrono::steady_clock;

/// Calls that may take as long as they like: tests run in them, files are fetched, commits are written out.
constexpr std::string_view kEndless[] = {"run", "checkout", "shell", "verify"};
/// Calls that the ABI lets block, on a lock or a server.
constexpr std::string_view kBlocking[] = {
    "probe",           "discover",      "put",     "read",         "read_many",
    "list_runs",       "list_sidecars", "remove",  "list_history", "list_artifacts",
    "remove_artifact", "describe",      "resolve", "range",        "begin_session",
    "end_session",     "list_sessions", "tidy",    "changed_files"};

template <typename List>
bool is_in(const List& list, std::string_view function) {
  return std::find(std::begin(list), std::end(list), function) != std::end(list);
}

/// All calls that are going on, and the thread that looks at them. Never destroyed: plugins are called until
/// the very end of the process.
class Watch {
 public:
  static Watch& only() {
    static Watch& watch = *new Watch;
    return watch;
  }

  void set(const CallLimits& limits) {
    const kit::Lock lock(mutex_);
    limits_ = limits;
    change_.wake_all();
  }

  CallLimits limits() {
    const kit::Lock lock(mutex_);
    return limits_;
  }

  void enter(const void* call, const char* what, const char* function, CallPlace place) {
    const kit::Lock lock(mutex_);
    if (!started_) start();
    const bool is_new =
        calls_.emplace(call, Call{what, function, Clock::now(), is_in(kBlocking, function), place, false})
            .second;
    KTSTR_ASSERT(is_new);
  }

  void leave(const void* call) {
    const kit::Lock lock(mutex_);
    const std::size_t ended = calls_.erase(call);
    KTSTR_ASSERT(ended == 1);
  }

 private:
  struct Call {
    const char* what;
    const char* function;
    Clock::time_point since;
    bool may_block;
    CallPlace place;
    bool told;
  };

  void start() KTSTR_REQUIRES(mutex_) {
    started_ = true;
    try {
      std::thread([this] { look(); }).detach();
    } catch (const std::system_error&) {
      return;  // no thread is to be had: nobody is told, and nothing else is lost
    }
  }

  void look() {
    const kit::Lock lock(mutex_);
    for (;;) {
      change_.wait_for(mutex_, std::chrono::seconds(1));
      for (auto& [call, at] : calls_) look_at(at);
    }
  }

  void look_at(Call& call) KTSTR_REQUIRES(mutex_) {
    const auto passed = Clock::now() - call.since;
    const auto seconds = std::to_string(std::chrono::duration_cast<std::chrono::seconds>(passed).count());
    const std::string where = std::string(call.what) + ", call " + call.function + ", for " + seconds + " s";
    const bool ends_here = !call.may_block && call.place == CallPlace::kHere;
    // Who was stopped, or got no CPU, looks late: a call is told of before it is given up.
    const bool warned = call.told || limits_.ended <= limits_.told;
    if (ends_here && limits_.ended.count() > 0 && passed >= limits_.ended && warned) {
      tell_of_plugin("gave up waiting for " + where +
                     ": it hangs; KTSTR_PLUGIN_DEADLINE=SECONDS allows more");
      end_at_once(static_cast<int>(ExitCode::kPlugin));
    }
    if (call.told || passed < limits_.told * (call.may_block ? 6 : 1)) return;
    call.told = true;
    tell_of_plugin("still waiting for " + where);
  }

  kit::Mutex mutex_;
  kit::Condition change_;
  std::map<const void*, Call> calls_ KTSTR_GUARDED_BY(mutex_);
  CallLimits limits_ KTSTR_GUARDED_BY(mutex_);
  bool started_ KTSTR_GUARDED_BY(mutex_) = false;
};

}  // namespace

void set_call_limits(const CallLimits& limits) { Watch::only().set(limits); }

std::chrono::seconds patience_with(std::string_view function) {
  if (is_in(kEndless, function) || is_in(kBlocking, function)) return std::chrono::seconds(0);
  return Watch::only().limits().ended;
}

WatchedCall::WatchedCall(const char* what, const char* function, CallPlace place)
    : watched_(!is_in(kEndless, function)) {
  if (watched_) Watch::only().enter(this, what, function, place);
}

WatchedCall::~WatchedCall() {
  if (watched_) Watch::only().leave(this);
}

}  // namespace ktstr
