// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

namespace ktstr::kit {

/// Seconds since 1970 as "2026-06-21T00:00:00Z". What no calendar has (beyond the year 2^31) is told as the
/// number.
std::string utc_timestamp(std::int64_t unix_seconds);
/// The same for a file's name: "20260621T000000Z".
std::string utc_name(std::int64_t unix_seconds);

}  // namespace ktstr::kit
