// SPDX-License-Identifier: Apache-2.0
#include "plugin/current_call.hpp"

#include <signal.h>
#include <unistd.h>

#include <cstring>

namespace ktstr {
namespace {

thread_local const char* current_what = nullptr;
thread_local const char* current_function = nullptr;

void say(const char* text) {
  if (::write(2, text, std::strlen(text)) < 0) return;
}

void on_crash(int number) {  // async-signal-safe calls only
  if (current_what != nullptr) {
    say("\nktstr: crashed inside ");
    say(current_what);
    say(", call ");
    say(current_function);
    say("\n");
  }
  ::signal(number, SIG_DFL);
  ::raise(number);
}

}  // namespace

CurrentCall::CurrentCall(const std::string& what, const char* function) : previous_what_(current_what), previous_function_(current_function) {
  current_what = what.c_str();
  current_function = function;
}

CurrentCall::~CurrentCall() {
  current_what = previous_what_;
  current_function = previous_function_;
}

void install_crash_handler() {
  struct sigaction action {};
  action.sa_handler = on_crash;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
  for (const int number : {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE}) ::sigaction(number, &action, nullptr);
}

}  // namespace ktstr
