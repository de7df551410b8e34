// SPDX-License-Identifier: Apache-2.0
#include "manifest/number_pattern.hpp"

#include <re2/re2.h>

#include <charconv>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

namespace ktstr::kvm {
namespace {

std::optional<double> parse_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size() && std::isfinite(number);
  return whole ? std::optional(number) : std::nullopt;
}

}  // namespace

std::string pattern_problem(const std::string& expression) {
  const re2::RE2 compiled(expression, re2::RE2::Quiet);
  if (!compiled.ok()) return "no regular expression: " + printable_start(compiled.error(), 200);
  if (compiled.NumberOfCapturingGroups() < 1) return "the regular expression has no group";
  return {};
}

std::optional<double> last_number(const std::string& expression, std::string_view text) {
  const re2::RE2 regex(expression, re2::RE2::Quiet);
  KTSTR_ASSERT(regex.ok() && regex.NumberOfCapturingGroups() >= 1);  // pattern_problem had none to tell
  const re2::StringPiece whole(text.data(), text.size());
  re2::StringPiece match[2];
  std::optional<double> found;
  // One match after the other in the same text, so that "^" is its beginning only. One of nothing is passed
  // by.
  for (std::size_t at = 0; at <= text.size();) {
    if (!regex.Match(whole, at, text.size(), re2::RE2::UNANCHORED, match, 2)) break;
    if (const auto number = parse_number({match[1].data(), match[1].size()})) found = *number;
    const auto end = static_cast<std::size_t>(match[0].data() - text.data()) + match[0].size();
    KTSTR_ASSERT(end >= at && end <= text.size());
    at = match[0].empty() ? end + 1 : end;
  }
  return found;
}

}  // namespace ktstr::kvm
