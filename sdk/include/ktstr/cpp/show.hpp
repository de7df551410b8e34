// SPDX-License-Identifier: Apache-2.0
//
// What must not reach a reader raw: text of others is shown with these escaped. Needs nothing of the host.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <string>

namespace ktstr::sdk {

/// Code points that a terminal obeys, that reorder or break a line, or that nobody sees: control characters,
/// separators of lines, the category Cf, and Default_Ignorable_Code_Point (Unicode 16). With what nobody sees
/// two names look alike, and text can hide in text.
inline bool is_unsafe(std::uint32_t code) {
  if (code < 0x7F) return code < 0x20;  // most of what there is
  struct Range {
    std::uint32_t first, last;
  };
  constexpr Range kRanges[] = {
      {0x0000, 0x001F},   {0x007F, 0x009F},   {0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x0600, 0x0605},
      {0x061C, 0x061C},   {0x06DD, 0x06DD},   {0x070F, 0x070F},   {0x0890, 0x0891},   {0x08E2, 0x08E2},
      {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E},
      {0x2060, 0x206F},   {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
      {0xFFF0, 0xFFFB},   {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3},
      {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
  };
  const auto* const after =
      std::upper_bound(std::begin(kRanges), std::end(kRanges), code,
                       [](std::uint32_t value, const Range& range) { return value < range.first; });
  return after != std::begin(kRanges) && code <= std::prev(after)->last;
}

/// As JSON writes any code point: \u202e, or two of them above U+FFFF.
inline void append_json_escape(std::string& out, std::uint32_t code) {
  std::array<char, 16> text{};
  if (code < 0x10000) {
    std::snprintf(text.data(), text.size(), "\\u%04x", static_cast<unsigned>(code));
  } else {
    const unsigned rest = (code - 0x10000U) & 0xFFFFFU;
    std::snprintf(text.data(), text.size(), "\\u%04x\\u%04x", 0xD800U + (rest >> 10U),
                  0xDC00U + (rest & 0x3FFU));
  }
  out += text.data();
}

}  // namespace ktstr::sdk
