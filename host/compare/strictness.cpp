// SPDX-License-Identifier: Apache-2.0
#include "compare/strictness.hpp"

#include <algorithm>
#include <iterator>
#include <ktstr/kit/text.hpp>

namespace ktstr {

std::string strict_text(const std::vector<std::string>& reasons) {
  std::vector<std::string> given;
  std::copy_if(reasons.begin(), reasons.end(), std::back_inserter(given),
               [](const std::string& one) { return !one.empty(); });
  return given.empty() ? "" : "under --strict nothing may be missing or warned about: " + join(given, "; ");
}

std::string warnings_text(std::uint64_t warnings) {
  return warnings == 0 ? "" : std::to_string(warnings) + (warnings == 1 ? " warning" : " warnings");
}

}  // namespace ktstr
