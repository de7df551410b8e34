// SPDX-License-Identifier: Apache-2.0
#include "machine/own_time.hpp"

#include <algorithm>
#include <filesystem>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/read_file.hpp>
#include <string>

#include "machine/host_share.hpp"

namespace ktstr::kvm {
namespace {

/// Long beside a tick of the host's, at which it counts what a thread ran.
constexpr std::chrono::milliseconds kBetweenLooks{100};

}  // namespace

std::chrono::nanoseconds own_part(std::chrono::nanoseconds wall, std::chrono::nanoseconds ran,
                                  bool wants_cpu) {
  KTSTR_ASSERT(wall.count() >= 0 && ran.count() >= 0);
  return wants_cpu ? std::min(wall, ran) : wall;
}

bool wants_cpu(pid_t process) {
  std::error_code failure;
  std::filesystem::directory_iterator thread("/proc/" + std::to_string(process) + "/task", failure);
  for (; !failure && thread != std::filesystem::directory_iterator(); thread.increment(failure)) {
    const std::string text = kit::text_of(thread->path() / "stat");
    const std::size_t name_end = text.rfind(") ");  // a name may have parentheses of its own
    if (name_end == std::string::npos || name_end + 2 >= text.size()) continue;
    const char state = text[name_end + 2];
    if (state == 'R' || state == 'D') return true;
  }
  return false;
}

OwnTime::OwnTime(std::optional<pid_t> process, Clock::time_point begin)
    : process_(process), begin_(begin), slice_(begin) {
  if (process_) ran_ = host_share(*process_).ran;
}

std::chrono::nanoseconds OwnTime::look(Clock::time_point now) {
  if (!process_) return now - begin_;
  if (now - slice_ < kBetweenLooks) return own_;
  const std::chrono::nanoseconds ran = host_share(*process_).ran;
  const std::chrono::nanoseconds more = std::max(ran - ran_, std::chrono::nanoseconds(0));
  own_ += own_part(now - slice_, more, wants_cpu(*process_));
  ran_ = ran;
  slice_ = now;
  return own_;
}

}  // namespace ktstr::kvm
