// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>

namespace ktstr {

/// Says which plugin a command waits for, and does not wait for ever.
struct CallLimits {
  std::chrono::seconds told{
      10};  ///< after that long a call is told, once; one that may block after six times that
  std::chrono::seconds ended{600};  ///< then ktstr ends with 4, unless the call may block; 0: never
};
void set_call_limits(const CallLimits& limits);

/// One call of a plugin for as long as the object lives. Both texts must outlive it.
class WatchedCall {
 public:
  WatchedCall(const char* what, const char* function);
  ~WatchedCall();
  WatchedCall(const WatchedCall&) = delete;
  WatchedCall& operator=(const WatchedCall&) = delete;

 private:
  bool watched_;
};

}  // namespace ktstr
