// SPDX-License-Identifier: Apache-2.0
//
// How long calls of plugins take: one record for the table of -v and for the trace of --trace-plugins.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace ktstr {

/// From now on calls are measured; `each`: every one is kept by itself. Before the first call.
void measure_calls(bool each);

/// Which plugin is behind a name that calls have ("gate welch"), for the trace.
void name_plugin(const std::string& what, const std::string& plugin_id);

/// All calls of one function of one plugin. Those of several threads are added up.
struct CallSum {
  std::string what, function;
  std::uint64_t calls = 0;
  std::chrono::nanoseconds total{0}, longest{0};
};
/// The one that took longest first.
std::vector<CallSum> call_sums();

/// Every call so far as a trace that ui.perfetto.dev and chrome://tracing open.
std::string call_trace();

/// One call, for as long as the object lives. Both texts must outlive it.
class TimedCall {
 public:
  TimedCall(const char* what, const char* function);
  ~TimedCall();
  TimedCall(const TimedCall&) = delete;
  TimedCall& operator=(const TimedCall&) = delete;

 private:
  const char *what_, *function_;
  std::chrono::steady_clock::time_point begin_;
};

}  // namespace ktstr
