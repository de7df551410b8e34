// SPDX-License-Identifier: Apache-2.0
//
// Text set in columns of a terminal.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr {

/// Lines of at most `width` columns, broken at spaces, else after _ - / , where there is one. One line when
/// it fits or `width` is 0. A character that is wider than `width` stays whole.
std::vector<std::string> folded(std::string_view text, std::size_t width);

/// The same as one text, every line with its line feed and all but the first indented.
std::string hanging(std::string_view text, std::size_t width, std::size_t indent);

/// Columns separated by two spaces, the header first. Right-aligned columns are named by index. Wider than
/// `width`, the widest columns are folded; 0: never. Nothing is ever cut.
std::string text_table(const std::vector<std::vector<std::string>>& rows,
                       const std::vector<std::size_t>& right_aligned = {}, std::size_t width = 0);

}  // namespace ktstr
