// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace ktstr {

/// Remembers, for the life of the object, which plugin this thread is in, so that a crash can be told by name. `what` must outlive it.
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

/// On SIGSEGV, SIGBUS, SIGABRT, SIGILL and SIGFPE: prints where the crash happened, then lets it happen.
void install_crash_handler();

}  // namespace ktstr
