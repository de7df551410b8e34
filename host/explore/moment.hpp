// SPDX-License-Identifier: Apache-2.0
//
// When a failure became inevitable: from which moment on it follows although another scheduler takes over.
#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "explore/bounds.hpp"
#include "explore/finding.hpp"

namespace ktstr {

/// The test with another scheduler from `at_ms` on; nothing: that cannot be had of it.
std::optional<json::object> with_takeover(const json::object& test, const Takeover& takeover,
                                          std::uint64_t at_ms);

/// Tells which of several tests fail all the same.
using FailAlike = std::function<Result<std::vector<bool>>(const std::vector<json::object>& tests)>;

/// Closes in on the moment with `at_once` takeovers at a time, up to a hundredth of the test's length.
/// `stop`: asked between; the moment stays open then.
Result<Moment> find_moment(const json::object& test, const Takeover& takeover, std::size_t at_once,
                           const FailAlike& fail_alike, const std::function<bool()>& stop);

}  // namespace ktstr
