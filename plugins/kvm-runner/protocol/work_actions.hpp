// SPDX-License-Identifier: Apache-2.0
//
// What a Sequence is made of: {"run_us": 500}, {"sleep_us": 1000} … A new one is a row here and a case in
// agent/work/sequence.cpp.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace ktstr::kvm {

struct WorkAction {
  std::string_view name;
  std::uint64_t min = 0, max = 0;
  std::string_view description;
};

inline constexpr std::uint64_t kLongestAction = 10'000'000;  // us
inline constexpr std::uint32_t kLocksOfGroup = 8, kPiLocksOfGroup = 4;

inline constexpr std::array<WorkAction, 11> kWorkActions = {{
    {"run_us", 1, kLongestAction, "works for so long"},
    {"run_units", 1, 100'000'000, "does so many units of work, however long that takes"},
    {"sleep_us", 1, kLongestAction, "sleeps for so long"},
    {"yield_us", 1, kLongestAction, "calls sched_yield for so long"},
    {"io_us", 1, kLongestAction, "writes 64 KiB to a file and sleeps 100 us, again and again for so long"},
    {"timer_us", 1, kLongestAction,
     "sleeps until the next multiple of the period since it began; measures how late it wakes"},
    {"lock", 0, kLocksOfGroup - 1, "takes a lock that all workers of the set share (a futex)"},
    {"unlock", 0, kLocksOfGroup - 1, "gives the lock back"},
    {"barrier", 1, 1, "waits until all workers of the set are here"},
    {"pi_lock", 0, kPiLocksOfGroup - 1,
     "takes another lock, whose holder has the priority of who waits for it"},
    {"pi_unlock", 0, kPiLocksOfGroup - 1, "gives that lock back"},
}};

}  // namespace ktstr::kvm
