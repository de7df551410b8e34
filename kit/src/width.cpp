// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/width.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <ktstr/kit/assert.hpp>

namespace ktstr::kit {
namespace {

/// Of the character at the front: its bytes, and its columns.
std::size_t first_character(std::string_view text, std::size_t& columns) {
  std::uint32_t code = 0;
  const std::size_t length = decode(text, code);
  columns = 1;
  if (length > 1) {
    const int width = ::utf8proc_charwidth(static_cast<utf8proc_int32_t>(code));
    columns = static_cast<std::size_t>(std::max(width, 0));
  }
  return length == 0 ? std::min<std::size_t>(text.size(), 1) : length;
}

}  // namespace

std::size_t first_cluster(std::string_view text, std::size_t& columns) {
  columns = 0;
  if (text.empty()) return 0;
  std::size_t length = first_character(text, columns);
  while (length < text.size() && static_cast<unsigned char>(text[length]) >= 0x80) {
    std::size_t more = 0;
    const std::size_t next = first_character(text.substr(length), more);
    if (more > 0) break;
    length += next;
  }
  KTSTR_ASSERT(length > 0 && length <= text.size());
  return length;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    std::size_t columns = 0;
    text.remove_prefix(first_cluster(text, columns));
    width += columns;
  }
  return width;
}

std::string_view start_of_width(std::string_view text, std::size_t columns) {
  std::size_t end = 0, used = 0;
  while (end < text.size()) {
    std::size_t more = 0;
    const std::size_t length = first_cluster(text.substr(end), more);
    if (used + more > columns) break;
    end += length;
    used += more;
  }
  return text.substr(0, end);
}

std::string pad_left(std::string text, std::size_t width) {
  const std::size_t have = display_width(text);
  return have >= width ? text : std::string(width - have, ' ') + text;
}

std::string pad_right(std::string text, std::size_t width) {
  const std::size_t have = display_width(text);
  return have >= width ? text : text + std::string(width - have, ' ');
}

}  // namespace ktstr::kit
