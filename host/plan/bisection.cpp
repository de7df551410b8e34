// SPDX-License-Identifier: Apache-2.0
#include "plan/bisection.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>

namespace ktstr {

std::size_t Bisection::first_bad() const {
  return static_cast<std::size_t>(std::find(states_.begin(), states_.end(), State::kBad) - states_.begin());
}

std::size_t Bisection::last_good() const {
  std::size_t at = first_bad();
  KTSTR_ASSERT(at < states_.size());
  while (at > 0 && states_[at] != State::kGood) --at;
  KTSTR_ASSERT(states_[at] == State::kGood);
  return at;
}

std::optional<std::size_t> Bisection::next() const {
  const std::size_t low = last_good(), high = first_bad(), middle = low + (high - low) / 2;
  KTSTR_ASSERT(low < high && high < states_.size());
  std::optional<std::size_t> best;
  const auto distance = [&](std::size_t at) { return at > middle ? at - middle : middle - at; };
  for (std::size_t at = low + 1; at < high; ++at) {
    if (states_[at] == State::kUnknown && (!best || distance(at) < distance(*best))) best = at;
  }
  KTSTR_ASSERT(!best || (*best > low && *best < high));
  return best;
}

}  // namespace ktstr
