// SPDX-License-Identifier: Apache-2.0
#include "kernels/version_range.hpp"

#include <ktstr/kit/text.hpp>

#include "kernels/kernel.hpp"

namespace ktstr {

bool VersionRange::contains(const std::string& version) const {
  if (version.empty()) return false;
  const bool above = low.empty() || compare_versions(version, low) >= 0;
  const bool below = high.empty() || compare_versions(version, high) <= 0 || version_matches(high, version);
  return above && below;
}

Result<std::optional<VersionRange>> version_range(const std::string& spec) {
  const std::size_t dots = spec.find("..");
  if (dots == std::string::npos) return std::optional<VersionRange>();
  VersionRange range{spec.substr(0, dots), spec.substr(dots + 2)};
  const bool versions = (range.low.empty() || looks_like_version(range.low)) &&
                        (range.high.empty() || looks_like_version(range.high));
  if (!versions || (range.low.empty() && range.high.empty())) return std::optional<VersionRange>();
  if (!range.low.empty() && !range.high.empty() && compare_versions(range.low, range.high) > 0)
    return usage_error("--kernel " + printable(spec) + " begins behind its end",
                       "write it " + range.high + ".." + range.low);
  return std::optional<VersionRange>(std::move(range));
}

}  // namespace ktstr
