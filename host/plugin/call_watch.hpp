// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <string_view>

namespace ktstr {

/// Says which plugin a command waits for, and does not wait for ever.
struct CallLimits {
  std::chrono::seconds told{
      10};  ///< after that long a call is told, once; one that may block after six times that
  std::chrono::seconds ended{600};  ///< then ktstr ends with 4, unless the call may block; 0: never
};
void set_call_limits(const CallLimits& limits);

/// How long a call of that function may take until it is given up; 0: for ever. Of a process of its own, that
/// is: in this one a call is watched by the object below.
std::chrono::seconds patience_with(std::string_view function);

/// Where the code of a plugin runs.
enum class CallPlace {
  kHere,
  kIsolated  ///< in a process of its own, which can be ended without this one
};

/// One call of a plugin for as long as the object lives. Both texts must outlive it.
class WatchedCall {
 public:
  WatchedCall(const char* what, const char* function, CallPlace place);
  ~WatchedCall();
  WatchedCall(const WatchedCall&) = delete;
  WatchedCall& operator=(const WatchedCall&) = delete;

 private:
  bool watched_;
};

}  // namespace ktstr
