// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace ktstr {

/// Remembers, for the life of the object, which plugin this thread is in, so that a crash can be told by
/// name, and gives the thread a second stack to tell it from. `what` must outlive it.
class CurrentCall {
 public:
  CurrentCall(const std::string& what, const char* function);
  ~CurrentCall();
  CurrentCall(const CurrentCall&) = delete;
  CurrentCall& operator=(const CurrentCall&) = delete;

 private:
  const char* previous_what_;
  const char* previous_function_;
};

/// On SIGSEGV, SIGBUS, SIGABRT, SIGILL and SIGFPE: prints where the crash happened, then lets it happen. A
/// stack that overflowed and a thread that a plugin started itself are told too; of the latter the file is
/// named in which it was.
void install_crash_handler();

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
