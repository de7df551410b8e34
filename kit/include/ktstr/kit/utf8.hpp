// SPDX-License-Identifier: Apache-2.0
//
// Text of others, made safe to show and to store. Needs the standard library alone, so that a static program
// may compile src/utf8.cpp by itself.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ktstr::kit {

/// Reads the code point at the front of `text` and returns its length in bytes; 0 when there is no valid
/// UTF-8 (overlong, a surrogate, above U+10FFFF, cut, empty).
std::size_t decode(std::string_view text, std::uint32_t& code);

/// Code points that a terminal obeys, that reorder or break a line, or that nobody sees: control characters,
/// separators of lines, the category Cf, and Default_Ignorable_Code_Point (Unicode 16). With what nobody sees
/// two names look alike, and text can hide in text.
bool is_unsafe(std::uint32_t code);

/// One line that any terminal may show: what is_unsafe() names, and bytes that are no UTF-8, become \xNN,
/// byte for byte. What is printable already stays as it is.
std::string printable(std::string_view text);
/// The same of the first `most` bytes, to the end of the character that they cut; what is left out shows as
/// "…".
std::string printable_start(std::string_view text, std::size_t most);
/// The same of the last `most` bytes, from the first character that begins there.
std::string printable_end(std::string_view text, std::size_t most);

/// The same text as valid UTF-8: each broken byte becomes U+FFFD. Control characters stay.
std::string valid_utf8(std::string_view text);

}  // namespace ktstr::kit

namespace ktstr {  // whose own code needs no prefix
using kit::decode;
using kit::is_unsafe;
using kit::printable;
using kit::printable_end;
using kit::printable_start;
using kit::valid_utf8;
}  // namespace ktstr
