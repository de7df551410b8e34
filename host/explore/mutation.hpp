// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <set>
#include <string_view>

#include "explore/bounds.hpp"

namespace ktstr {

/// Which of many scenarios: the same three give the same one, to the byte.
struct ScenarioId {
  std::string_view test;
  std::uint64_t seed = 0;
  unsigned attempt = 0;  ///< the next when the runner takes the one before for a mistake
};

inline constexpr std::uint64_t kMostChanges = 6;

/// The test with one to `most` changes within the bounds, of these dimensions only. Pure.
json::object mutated(const json::object& test, const Bounds& bounds, const std::set<std::string>& dimensions,
                     const ScenarioId& id, std::uint64_t most = kMostChanges);

/// RFC 7396.
void merge_patch(json::value& target, const json::value& patch);

}  // namespace ktstr
