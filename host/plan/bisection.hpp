// SPDX-License-Identifier: Apache-2.0
//
// Which commit to try next. Pure.
#pragma once
#include <cstddef>
#include <ktstr/kit/assert.hpp>
#include <optional>
#include <vector>

namespace ktstr {

/// Halves a line of commits of which the first is good and the last is bad. A commit that cannot be judged is
/// left out, and the nearest one that is left is tried instead.
class Bisection {
 public:
  enum class State { kUnknown, kGood, kBad, kSkipped };

  explicit Bisection(std::size_t commits) : states_(commits, State::kUnknown) {
    KTSTR_ASSERT(!states_.empty());
    states_.front() = State::kGood;
    states_.back() = State::kBad;
  }
  void mark(std::size_t commit, State state) {
    KTSTR_ASSERT(commit < states_.size());
    states_[commit] = state;
  }
  /// Nothing when every commit between the last good and the first bad one has been tried.
  std::optional<std::size_t> next() const;
  std::size_t last_good() const;
  std::size_t first_bad() const;
  State state(std::size_t commit) const {
    KTSTR_ASSERT(commit < states_.size());
    return states_[commit];
  }

 private:
  std::vector<State> states_;
};

}  // namespace ktstr
