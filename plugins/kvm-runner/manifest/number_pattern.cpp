// SPDX-License-Identifier: Apache-2.0
#include "manifest/number_pattern.hpp"

#include <re2/re2.h>

#include <charconv>
#include <cmath>
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
  re2::StringPiece rest(text.data(), text.size()), group;
  std::optional<double> found;
  while (re2::RE2::FindAndConsume(&rest, regex, &group)) {
    if (const auto number = parse_number({group.data(), group.size()})) found = *number;
    if (rest.empty()) break;
  }
  return found;
}

}  // namespace ktstr::kvm
