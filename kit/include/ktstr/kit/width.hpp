// SPDX-License-Identifier: Apache-2.0
//
// Columns on a terminal, as libutf8proc knows them.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "ktstr/kit/utf8.hpp"

namespace ktstr::kit {

/// The length in bytes of the first character of `text` with the marks that combine with it, and the columns
/// that they take: two for most of Chinese, Japanese and Korean. What is no UTF-8, and each control
/// character, is one byte and one column. 0 of nothing.
std::size_t first_cluster(std::string_view text, std::size_t& columns);

/// Columns that the text takes.
std::size_t display_width(std::string_view text);

/// As much of its start as takes at most so many columns; no character is cut.
std::string_view start_of_width(std::string_view text, std::size_t columns);

/// With spaces before or after it, so that it takes `width` columns; wider texts stay.
std::string pad_left(std::string text, std::size_t width);
std::string pad_right(std::string text, std::size_t width);

}  // namespace ktstr::kit

namespace ktstr {  // whose own code needs no prefix
using kit::display_width;
using kit::first_cluster;
using kit::pad_left;
using kit::pad_right;
using kit::start_of_width;
}  // namespace ktstr
