// SPDX-License-Identifier: Apache-2.0
//
// What is done with words and lines everywhere. Nothing here looks at the locale.
#pragma once
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ktstr/kit/utf8.hpp"

namespace ktstr::kit {

/// The parts of a range of texts with `separator` between them.
template <typename Texts>
std::string join(const Texts& parts, std::string_view separator) {
  std::string out;
  bool first = true;
  for (const auto& part : parts) {
    if (!first) out += separator;
    first = false;
    out += part;
  }
  return out;
}
inline std::string join(std::initializer_list<std::string_view> parts, std::string_view separator) {
  return join(std::vector<std::string_view>(parts), separator);
}

/// Everything between separators: "a,,b," has four parts, "" has one.
std::vector<std::string> split(std::string_view text, char separator);
/// Everything that ends in `end`, and what is left: "a\nb\n" has two lines, as "a\nb" has, and "" has none.
std::vector<std::string> split_terminated(std::string_view text, char end);
inline std::vector<std::string> lines(std::string_view text) { return split_terminated(text, '\n'); }
/// Of programs that were told -z.
inline std::vector<std::string> split_nul(std::string_view text) { return split_terminated(text, '\0'); }

/// The text without blanks and control characters at both ends.
std::string_view without_margins(std::string_view text);
/// Up to the first line feed.
std::string_view first_line_of(std::string_view text);
/// The last line with anything on it, without margins.
std::string_view last_line(std::string_view text);
/// The last `most` bytes, from a line's beginning where there is one.
std::string_view tail(std::string_view text, std::size_t most);

/// "1 test", "2 tests".
std::string counted(std::uint64_t count, std::string_view one, std::string_view many);

/// The candidate that was probably meant; see ktstr/cpp/names.hpp.
std::optional<std::string> did_you_mean(std::string_view name, const std::vector<std::string>& candidates);
/// " (did you mean "x"?)", or empty.
std::string suggestion(std::string_view name, const std::vector<std::string>& candidates);

/// `*` any run of characters, `?` one. Everything else is itself.
bool glob_match(std::string_view pattern, std::string_view text);

/// One word of a shell's command line, in quotes where it needs them.
std::string shell_word(std::string_view text);
/// A whole one.
std::string shell_line(const std::vector<std::string>& words);

}  // namespace ktstr::kit

namespace ktstr {  // whose own code needs no prefix
using kit::counted;
using kit::did_you_mean;
using kit::glob_match;
using kit::join;
using kit::last_line;
using kit::shell_line;
using kit::shell_word;
using kit::split;
using kit::split_nul;
using kit::split_terminated;
using kit::suggestion;
using kit::without_margins;
}  // namespace ktstr
