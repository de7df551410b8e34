// SPDX-License-Identifier: Apache-2.0
#include "support/pace.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>

namespace ktstr {

std::string rough_duration(std::chrono::milliseconds time) {
  const auto seconds = (time.count() + 999) / 1000;
  if (seconds < 90) return std::to_string(seconds) + " s";
  const auto minutes = (seconds + 59) / 60;
  if (minutes < 90) return std::to_string(minutes) + " min";
  return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
}

void Pace::done(std::chrono::milliseconds planned, std::chrono::milliseconds took) {
  KTSTR_ASSERT(planned.count() >= 0 && took.count() >= 0);
  planned_done_ += planned;
  took_ += took;
}

std::chrono::milliseconds Pace::left() const {
  const auto rest = std::max(planned_ - planned_done_, std::chrono::milliseconds(0));
  if (planned_done_.count() <= 0) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(rest.count()) * learned_));
  }
  return std::chrono::milliseconds(
      static_cast<std::int64_t>(static_cast<double>(rest.count()) * static_cast<double>(took_.count()) /
                                static_cast<double>(planned_done_.count())));
}

}  // namespace ktstr
