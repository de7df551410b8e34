// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <signal.h>

#include <cfenv>
#include <string>
#include <vector>

namespace ktstr {

/// What each thread has of its own and a call may leave behind changed: how floating-point numbers are
/// computed (rounding, traps, denormals; libraries that are compiled with -ffast-math change it when they are
/// loaded), and which signals are blocked.
class ThreadState {
 public:
  ThreadState();  ///< as it is now

  /// Puts back what has changed since, and names it in `changes`.
  void restore(std::vector<std::string>& changes) const;

 private:
  static unsigned long control();

  std::fenv_t floating_;
  unsigned long control_;
  sigset_t blocked_;
};

}  // namespace ktstr
