// SPDX-License-Identifier: Apache-2.0
#include "agent/work/functions.hpp"

#include <utility>

namespace ktstr::agent {
namespace {

constexpr std::pair<std::string_view, WorkFunction> kFunctions[] = {
    {"SpinWait", spin_wait},
    {"YieldHeavy", spin_and_yield},  // YieldHeavy and Mixed differ in their default burst
    {"Mixed", spin_and_yield},
    {"Bursty", bursty},
    {"PipeIo", pipe_io},
    {"FutexPingPong", futex_ping_pong},
    {"FutexFanOut", futex_fan_out},
    {"TimerLatency", timer_latency},
    {"Sequence", sequence},
};

}  // namespace

WorkFunction work_function(std::string_view type) {
  for (const auto& [name, function] : kFunctions) {
    if (name == type) return function;
  }
  return nullptr;
}

}  // namespace ktstr::agent
