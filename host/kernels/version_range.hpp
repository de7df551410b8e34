// SPDX-License-Identifier: Apache-2.0
//
// "6.12..6.18": every version from 6.12 to the newest 6.18; an end may be left out.
#pragma once
#include <optional>
#include <string>

#include "support/result.hpp"

namespace ktstr {

struct VersionRange {
  std::string low, high;  ///< empty: no end
  bool contains(const std::string& version) const;
};

/// Nothing when `spec` is no range but one kernel; an error for a range that begins behind its end.
Result<std::optional<VersionRange>> version_range(const std::string& spec);

}  // namespace ktstr
