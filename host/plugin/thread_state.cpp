// SPDX-License-Identifier: Apache-2.0
#include "plugin/thread_state.hpp"

#include <cstring>

namespace ktstr {

ThreadState::ThreadState() : control_(control()) {
  std::fegetenv(&floating_);
  ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked_);
}

/// The part that says how to compute; what has happened (inexact, underflow) is in the rest of the registers.
unsigned long ThreadState::control() {
#if defined(__x86_64__)
  constexpr unsigned kHappened = 0x3F;
  unsigned short x87 = 0;
  asm volatile("fnstcw %0" : "=m"(x87));
  return (static_cast<unsigned long>(x87) << 32) | (__builtin_ia32_stmxcsr() & ~kHappened);
#elif defined(__aarch64__)
  unsigned long fpcr = 0;
  asm volatile("mrs %0, fpcr" : "=r"(fpcr));
  return fpcr;
#else
  return static_cast<unsigned long>(std::fegetround());
#endif
}

void ThreadState::restore(std::vector<std::string>& changes) const {
  if (control() != control_) {
    std::fesetenv(&floating_);
    changes.emplace_back("how floating-point numbers are computed");
  }
  sigset_t now;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &now);
  static_assert(NSIG % 8 == 1);
  if (std::memcmp(&now, &blocked_, NSIG / 8) == 0)
    return;  // as nearly always: what the kernel fills of a set
  for (int number = 1; number < NSIG; ++number) {
    if (sigismember(&now, number) == sigismember(&blocked_, number)) continue;
    ::pthread_sigmask(SIG_SETMASK, &blocked_, nullptr);
    changes.emplace_back("the mask of blocked signals");
    return;
  }
}

}  // namespace ktstr
