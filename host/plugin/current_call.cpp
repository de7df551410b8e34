// SPDX-License-Identifier: Apache-2.0
#include "plugin/current_call.hpp"

#include <dlfcn.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstring>
#include <memory>

#include "support/result.hpp"

namespace ktstr {
namespace {

thread_local const char* current_what = nullptr;
thread_local const char* current_function = nullptr;

constexpr int kNotFinal = -1;
constexpr unsigned kPatience = 5;  // s for telling a crash, should what crashed hold a lock that this takes
std::atomic<int> calls{0};         // of all threads
std::atomic<int> final_code{kNotFinal};
const pid_t main_process = ::getpid();

void say(const char* text) {
  if (::write(2, text, std::strlen(text)) < 0) return;
}

/// A second stack for the life of a thread: the first may be what a plugin used up. A sanitizer brings its
/// own.
class SignalStack {
 public:
  SignalStack() {
    stack_t old{};
    if (::sigaltstack(nullptr, &old) != 0 || (old.ss_flags & SS_DISABLE) == 0) return;
    memory_ = std::make_unique<std::byte[]>(kSize);
    const stack_t ours{memory_.get(), 0, kSize};
    if (::sigaltstack(&ours, nullptr) != 0) memory_.reset();
  }
  ~SignalStack() {
    if (!memory_) return;
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    ::sigaltstack(&none, nullptr);
  }
  SignalStack(const SignalStack&) = delete;
  SignalStack& operator=(const SignalStack&) = delete;

 private:
  static constexpr std::size_t kSize = 64 << 10;
  std::unique_ptr<std::byte[]> memory_;
};

const void* place_of(const void* context) {
#if defined(__x86_64__)
  return reinterpret_cast<const void*>(static_cast<const ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return reinterpret_cast<const void*>(static_cast<const ucontext_t*>(context)->uc_mcontext.pc);
#else
  return nullptr;
#endif
}

void on_crash(int number, siginfo_t*, void* context) {
  ::signal(number, SIG_DFL);
  if (current_what != nullptr) {
    say("\nktstr: crashed inside ");
    say(current_what);
    say(", call ");
    say(current_function);
    say("\n");
  } else {
    ::alarm(kPatience);
    Dl_info where{};
    const void* place = place_of(context);
    if (place != nullptr && ::dladdr(place, &where) != 0 && where.dli_fname != nullptr) {
      say("\nktstr: crashed in ");
      say(where.dli_fname);
      say("\n");
    }
  }
  ::raise(number);
}

}  // namespace

CurrentCall::CurrentCall(const std::string& what, const char* function)
    : previous_what_(current_what), previous_function_(current_function) {
  thread_local const SignalStack stack;
  current_what = what.c_str();
  current_function = function;
  ++calls;
}

CurrentCall::~CurrentCall() {
  --calls;
  current_what = previous_what_;
  current_function = previous_function_;
}

void install_crash_handler() {
  struct sigaction action {};
  action.sa_sigaction = on_crash;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER | SA_ONSTACK | SA_SIGINFO);
  for (const int number : {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE}) ::sigaction(number, &action, nullptr);
}

void set_final_exit_code(int code) { final_code = code; }

void leave_process(int code, const char* function) noexcept {
  if (::getpid() == main_process) {
    if (calls > 0) {
      say("\nktstr: error: ");
      say(current_what != nullptr ? current_what : "a thread of a plugin");
      say(" called ");
      say(function);
      if (current_function != nullptr) {
        say(" in its call ");
        say(current_function);
      }
      say(": it may not end ktstr\n");
      code = static_cast<int>(ExitCode::kPlugin);
    } else if (final_code != kNotFinal) {
      code = final_code;
    }
  }
  end_at_once(code);
}

void end_at_once(int code) noexcept {
  for (;;) ::syscall(SYS_exit_group, code);
}

}  // namespace ktstr
