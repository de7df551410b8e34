// SPDX-License-Identifier: Apache-2.0
//
// Delta debugging of a test: as small as it gets while it still fails in the same way.
#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "explore/bounds.hpp"

namespace ktstr {

inline constexpr std::size_t kMostTried = 400;  ///< smaller tests, for one finding

/// Every test that is one step smaller, the largest steps first: a part of a list left out, a member left
/// out, a number lowered.
std::vector<json::object> smaller(const json::object& test, const Bounds& bounds);

struct Shrunk {
  json::object test;
  std::size_t tried = 0;
  bool minimal = false;  ///< no step is left; else it was stopped
};

/// Tells which of several tests, the first of them, still fails in the same way; nothing: none does.
using StillFails = std::function<Result<std::optional<std::size_t>>(const std::vector<json::object>& tests)>;

/// Asks about `at_once` tests together. `stop`: asked between.
Result<Shrunk> shrink(json::object test, const Bounds& bounds, std::size_t at_once,
                      const StillFails& still_fails, const std::function<bool()>& stop);

}  // namespace ktstr
