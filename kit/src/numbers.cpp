// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/numbers.hpp"

#include <array>
#include <charconv>
#include <ktstr/kit/assert.hpp>

namespace ktstr::kit {
namespace {

constexpr int kMostDigits = 80;

std::string text_of(double value, std::chars_format format, int digits) {
  KTSTR_ASSERT(digits >= 0 && digits <= kMostDigits);
  std::array<char, 400> text;  // the largest double has 309 digits before the point
  const auto [end, failed] = std::to_chars(text.data(), text.data() + text.size(), value, format, digits);
  KTSTR_ASSERT(failed == std::errc());
  return {text.data(), end};
}

}  // namespace

std::string fixed(double value, int decimals) { return text_of(value, std::chars_format::fixed, decimals); }

std::string significant(double value, int digits) {
  return text_of(value, std::chars_format::general, digits);
}

std::string hex64(std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t at = text.size(); at-- > 0; value >>= 4) text[at] = kDigits[value & 15];
  return text;
}

}  // namespace ktstr::kit
