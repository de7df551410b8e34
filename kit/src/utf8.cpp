// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/utf8.hpp"

#include <algorithm>
#include <iterator>
#include <ktstr/kit/assert.hpp>

namespace ktstr::kit {
namespace {

void append_escaped(std::string& out, std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += {'\\', 'x', kDigits[byte >> 4U], kDigits[byte & 15U]};
  }
}

/// Most text is of these, and needs no decoding.
bool is_plain(char c) { return c >= ' ' && c < 0x7F; }

}  // namespace

std::size_t decode(std::string_view text, std::uint32_t& code) {
  if (text.empty()) return 0;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) {
    code = first;
    return 1;
  }
  const std::size_t length = first >= 0xF0 && first < 0xF5   ? 4
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xC2 && first < 0xE0 ? 2
                                                             : 0;
  if (length == 0 || text.size() < length) return 0;
  code = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
    code = code << 6U | (byte(i) & 0x3FU);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  return overlong || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? 0 : length;
}

bool is_unsafe(std::uint32_t code) {
  if (code < 0x7F) return code < 0x20;  // most of what there is
  struct Range {
    std::uint32_t first, last;
  };
  static constexpr Range kRanges[] = {
      {0x007F, 0x009F},   {0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x0600, 0x0605},   {0x061C, 0x061C},
      {0x06DD, 0x06DD},   {0x070F, 0x070F},   {0x0890, 0x0891},   {0x08E2, 0x08E2},   {0x115F, 0x1160},
      {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},
      {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},
      {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
      {0xE0000, 0xE0FFF},
  };
  const auto* const after =
      std::upper_bound(std::begin(kRanges), std::end(kRanges), code,
                       [](std::uint32_t value, const Range& range) { return value < range.first; });
  return after != std::begin(kRanges) && code <= std::prev(after)->last;
}

std::string printable(std::string_view text) { return printable_start(text, text.size()); }

std::string printable_start(std::string_view text, std::size_t most) {
  std::string out;
  out.reserve(std::min(text.size(), most) + 3);
  for (std::size_t at = 0; at < text.size();) {
    if (at >= most) return out + "…";
    if (is_plain(text[at])) {
      out += text[at++];
      continue;
    }
    std::uint32_t code = 0;
    const std::size_t length = decode(text.substr(at), code);
    const std::string_view bytes = text.substr(at, std::max<std::size_t>(length, 1));
    KTSTR_ASSERT(!bytes.empty());  // else it would go on for ever
    if (length == 0 || is_unsafe(code)) {
      append_escaped(out, bytes);
    } else {
      out += bytes;
    }
    at += bytes.size();
  }
  return out;
}

std::string printable_end(std::string_view text, std::size_t most) {
  if (text.size() <= most) return printable(text);
  text.remove_prefix(text.size() - most);
  while (!text.empty() && (static_cast<unsigned char>(text.front()) & 0xC0U) == 0x80U) text.remove_prefix(1);
  return "…" + printable(text);
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    std::uint32_t code = 0;
    const std::size_t length = decode(text.substr(at), code);
    out += length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(at, length);
    at += std::max<std::size_t>(length, 1);
  }
  return out;
}

}  // namespace ktstr::kit
