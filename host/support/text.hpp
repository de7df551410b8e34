// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr {

/// Reads the code point at the front of `text` and returns its length in bytes; 0 when there is no valid
/// UTF-8.
std::size_t decode(std::string_view text, std::uint32_t& code);
/// Control characters, marks that reorder or break a line, and what nobody sees: see ktstr/cpp/show.hpp.
bool is_unsafe(std::uint32_t code);

/// Text that is safe to show: what is_unsafe() names, and invalid UTF-8, become \x1b-like escapes.
/// Line feeds are escaped too unless `keep_lines`.
std::string printable(std::string_view text, bool keep_lines = false);

/// The candidate that was probably meant; see ktstr/cpp/names.hpp.
std::optional<std::string> did_you_mean(std::string_view name, const std::vector<std::string>& candidates);
/// " (did you mean "x"?)", or empty.
std::string suggestion(std::string_view name, const std::vector<std::string>& candidates);

/// `*` any run of characters, `?` one. Everything else is itself.
bool glob_match(std::string_view pattern, std::string_view text);

/// One word of a shell's command line, in quotes where it needs them.
std::string shell_word(std::string_view text);

std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::vector<std::string> split(std::string_view text, char separator);
/// Columns that UTF-8 text takes on a terminal, counting every code point as one.
std::size_t display_width(std::string_view text);

/// Lines of at most `width` columns, broken at spaces, else after _ - / , where there is one. One line when
/// it fits or `width` is 0.
std::vector<std::string> folded(std::string_view text, std::size_t width);

/// The same as one text, every line with its line feed and all but the first indented.
std::string hanging(std::string_view text, std::size_t width, std::size_t indent);

/// Columns separated by two spaces, the header first. Right-aligned columns are named by index. Wider than
/// `width`, the widest columns are folded; 0: never. Nothing is ever cut.
std::string text_table(const std::vector<std::vector<std::string>>& rows,
                       const std::vector<std::size_t>& right_aligned = {}, std::size_t width = 0);

}  // namespace ktstr
