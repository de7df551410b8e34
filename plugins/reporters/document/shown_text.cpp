// SPDX-License-Identifier: Apache-2.0
#include "document/shown_text.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

namespace ktstr::reporters {
namespace {

std::string printable_lines(std::string_view text) {
  std::string out;
  for (const std::string& line : kit::lines(text)) out += printable(line) + "\n";
  if (!out.empty()) out.pop_back();
  return out;
}

/// U+FFFE, U+FFFF and their like in the other planes: printable, and yet no characters of XML.
bool is_noncharacter(std::uint32_t code) { return (code & 0xFFFEU) == 0xFFFEU; }

}  // namespace

std::string shown_line(std::string_view text, std::size_t most) { return printable_start(text, most); }

std::string shown_block(std::string_view text, std::size_t most) {
  if (text.size() <= most) return printable_lines(text);
  const std::string_view head = text.substr(0, most / 2), tail = text.substr(text.size() - most / 2);
  KTSTR_ASSERT(head.size() + tail.size() <= text.size());
  return printable_lines(head) + "\n[" + std::to_string(text.size() - head.size() - tail.size()) +
         " bytes left out]\n" + printable_lines(tail);
}

std::string xml_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  const auto put = [&](std::string_view instead, std::size_t from, std::size_t length) {
    out += text.substr(0, from);
    out += instead;
    text.remove_prefix(from + length);
  };
  for (std::size_t at = 0; (at = text.find_first_of("&<>\"'\xEF\xF0\xF1\xF2\xF3\xF4", at)) != text.npos;) {
    std::uint32_t code = 0;
    const std::size_t length = std::max<std::size_t>(decode(text.substr(at), code), 1);
    switch (text[at]) {
      case '&': put("&amp;", at, 1); break;
      case '<': put("&lt;", at, 1); break;
      case '>': put("&gt;", at, 1); break;
      case '"': put("&quot;", at, 1); break;
      case '\'': put("&#39;", at, 1); break;
      default: put(is_noncharacter(code) ? "\xEF\xBF\xBD" : text.substr(at, length), at, length);
    }
    at = 0;
  }
  return out += text;
}

}  // namespace ktstr::reporters
