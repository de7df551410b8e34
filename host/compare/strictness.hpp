// SPDX-License-Identifier: Apache-2.0
//
// What --strict makes of an end that would be a good one: the same words for every command that gives a
// verdict.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace ktstr {

/// Why it is inconclusive, of everything that was missing or warned about; empty without reasons.
std::string strict_text(const std::vector<std::string>& reasons);
/// "2 warnings"; empty: there were none.
std::string warnings_text(std::uint64_t warnings);

}  // namespace ktstr
