// SPDX-License-Identifier: Apache-2.0
#include "plugin/current_call.hpp"

#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <memory>
#include <string_view>

#include "plugin/code_owner.hpp"
#include "support/result.hpp"

namespace ktstr {
namespace {

thread_local const char* current_what = nullptr;
thread_local const char* current_function = nullptr;

constexpr int kNotFinal = -1;
constexpr std::size_t kLastWords = 4096;
constexpr unsigned kPatience = 5;  // s for telling a crash, should what crashed hold a lock that this takes
std::atomic<int> calls{0};         // of all threads
std::atomic<int> final_code{kNotFinal};
std::atomic<char*> words{nullptr};
std::atomic<std::size_t> words_used{0};
pid_t main_process = ::getpid();
std::atomic<void (*)(const std::string&)> news{nullptr};
std::atomic<const std::atomic<bool>*> cancelled_by_user{nullptr};

/// Calls that overlap each other: threads, not the process, are looked at after these.
constexpr std::string_view kOverlapping[] = {"list_sidecars", "list_artifacts", "read",
                                             "read_many",     "locate",         "describe",
                                             "resolve",       "checkout",       "range"};
/// Calls that are made by the thousand.
constexpr std::string_view kFrequent[] = {"put"};

std::optional<ProcessState> process_before(std::string_view function) {
  for (const std::string_view one : kOverlapping) {
    if (one == function) return std::nullopt;
  }
  for (const std::string_view one : kFrequent) {
    if (one == function) return ProcessState(ProcessState::Depth::kQuick);
  }
  return ProcessState(ProcessState::Depth::kWhole);
}

void say(const char* text) {
  const std::size_t length = std::strlen(text);
  char* const page = words;
  if (page == nullptr) {
    if (::write(STDERR_FILENO, text, length) < 0) return;
  } else if (const std::size_t at = words_used.fetch_add(length); at + length < kLastWords) {
    std::memcpy(page + at, text, length);
  }
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

/// The plugin whose code is the innermost on this thread's stack; null when there is none.
const char* owner_on_stack() {
  void* frames[64];
  const int count = ::backtrace(frames, 64);
  for (int i = 0; i < count; ++i) {
    if (const char* owner = owner_of(frames[i]); owner != nullptr) return owner;
  }
  return nullptr;
}

void tell_crash(const void* place) {
  if (current_what != nullptr) {
    say("\nktstr: crashed inside ");
    say(current_what);
    say(", call ");
    say(current_function);
    say("\n");
    return;
  }
  ::alarm(kPatience);
  const char* owner = owner_of(place);
  if (owner == nullptr) owner = owner_on_stack();
  Dl_info where{};
  if (owner == nullptr && place != nullptr && ::dladdr(place, &where) != 0) owner = where.dli_fname;
  if (owner == nullptr) return;
  say("\nktstr: crashed in ");
  say(owner);
  say("\n");
}

void on_crash(int number, siginfo_t*, void* context) {
  ::signal(number, SIG_DFL);
  tell_crash(place_of(context));
  ::raise(number);
}

}  // namespace

CurrentCall::CurrentCall(const std::string& what, const char* function, CallPlace place)
    : previous_what_(current_what),
      previous_function_(current_function),
      timed_(std::in_place, what.c_str(), function),
      watched_(what.c_str(), function, place),
      process_(place == CallPlace::kHere ? process_before(function) : std::nullopt) {
  thread_local const SignalStack stack;
  current_what = what.c_str();
  current_function = function;
  ++calls;
}

CurrentCall::~CurrentCall() {
  if (::getpid() != main_process) end_at_once(static_cast<int>(ExitCode::kPlugin));  // a fork came back
  timed_.reset();  // what follows is no time of the plugin's
  put_back();
  KTSTR_ASSERT(calls > 0 && current_function != nullptr);
  --calls;
  current_what = previous_what_;
  current_function = previous_function_;
}

void CurrentCall::put_back() const {
  std::vector<std::string> changes;
  const bool whole = !process_ || process_->restore(changes);
  thread_.restore(changes);
  if (changes.empty()) return;
  std::string list;
  for (std::size_t i = 0; i < changes.size(); ++i)
    list += (i == 0 ? "" : i + 1 == changes.size() ? " and " : ", ") + changes[i];
  KTSTR_ASSERT(current_what != nullptr);
  const std::string where =
      std::string(current_what) + " changed " + list + " in its call " + current_function;
  if (whole) {
    tell_of_plugin(where + "; ktstr put it back");
    return;
  }
  say(("\nktstr: error: " + where + ", and it cannot be put back\n").c_str());
  end_at_once(static_cast<int>(ExitCode::kPlugin));
}

void on_plugin_news(void (*tell)(const std::string& line)) { news = tell; }

void tell_of_plugin(const std::string& line) {
  if (const auto tell = news.load(); tell != nullptr) {
    tell(line);
  } else {
    say(("ktstr: " + line + "\n").c_str());
  }
}

void believe_cancelled(const std::atomic<bool>& flag) { cancelled_by_user = &flag; }

bool was_cancelled() noexcept {
  const std::atomic<bool>* flag = cancelled_by_user;
  return flag == nullptr || *flag;
}

void adopt_process() { main_process = ::getpid(); }

bool is_from_plugin(const siginfo_t& info) noexcept {
  return calls > 0 && info.si_code <= 0 && info.si_pid == ::getpid();
}

void install_crash_handler() {
  void* frame = nullptr;
  ::backtrace(&frame, 1);  // its first use loads a library, which a crash may not
  struct sigaction action {};
  action.sa_sigaction = on_crash;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER | SA_ONSTACK | SA_SIGINFO);
  for (const int number : {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE}) ::sigaction(number, &action, nullptr);
}

void leave_last_words(int fd) {
  if (::ftruncate(fd, kLastWords) != 0) return;
  void* page = ::mmap(nullptr, kLastWords, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page != MAP_FAILED) words = static_cast<char*>(page);
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
