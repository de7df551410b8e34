// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <signal.h>

#include <atomic>
#include <optional>
#include <string>

#include "plugin/call_times.hpp"
#include "plugin/call_watch.hpp"
#include "plugin/process_state.hpp"
#include "plugin/thread_state.hpp"

namespace ktstr {

/// A plugin's code in this thread for the life of the object. A crash, a hang, and what the code leaves
/// changed of the thread or the process is told by the plugin's name; the latter is put back. Gives the
/// thread a second stack to tell a crash from. `what` must outlive it.
class CurrentCall {
 public:
  CurrentCall(const std::string& what, const char* function, CallPlace place = CallPlace::kHere);
  ~CurrentCall();
  CurrentCall(const CurrentCall&) = delete;
  CurrentCall& operator=(const CurrentCall&) = delete;

 private:
  void put_back() const;

  const char* previous_what_;
  const char* previous_function_;
  std::optional<TimedCall> timed_;
  WatchedCall watched_;
  ThreadState thread_;
  /// None for calls that overlap others: whose doing would it be? Nor for those in another process.
  std::optional<ProcessState> process_;
};

/// Who is told what plugins do besides their work, one line each; stderr until then. Any thread.
void on_plugin_news(void (*tell)(const std::string& line));
void tell_of_plugin(const std::string& line);

/// After a fork of ktstr's own, in the child and before any plugin is called: from now on this is the process
/// that plugins are called in, not one that a plugin has forked.
void adopt_process();

/// Who knows whether the user asked to stop. Until then everybody is believed who says so.
void believe_cancelled(const std::atomic<bool>& flag);
/// False when a plugin that says that it was cancelled makes that up.
bool was_cancelled() noexcept;

/// True for a signal that this process sent to itself: no person asked for anything. Then it is the doing of
/// a plugin, is told and ends ktstr with 4 while one is called. Async-signal-safe.
bool is_from_plugin(const siginfo_t& info) noexcept;

/// On SIGSEGV, SIGBUS, SIGABRT, SIGILL and SIGFPE: prints where the crash happened, then lets it happen. A
/// stack that overflowed and a thread that a plugin started itself are told too; of the latter the file is
/// named in which it was.
void install_crash_handler();

/// Crashes and ends are told in that file from now on, which is mapped, so that nobody closes it; on stderr
/// until then.
void leave_last_words(int fd);

/// What the process ends with from now on, whatever handler a plugin has left behind for its end.
void set_final_exit_code(int code);

/// The end of the process as `function` (exit, _exit, …) asks for it. Nobody but main decides how ktstr ends:
/// while a plugin is called, and in a thread that it started meanwhile, this is the plugin's doing, is told
/// with its name and ends with 4. Other processes that were forked from this one end as they like.
/// Async-signal-safe.
[[noreturn]] void leave_process(int code, const char* function) noexcept;

/// The host's own way out in the middle of a plugin's call, for a second Ctrl-C. Async-signal-safe.
[[noreturn]] void end_at_once(int code) noexcept;

}  // namespace ktstr
