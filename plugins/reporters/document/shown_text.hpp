// SPDX-License-Identifier: Apache-2.0
//
// Text of others on its way into a document: valid UTF-8 without control characters, no longer than allowed.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace ktstr::reporters {

/// One line; longer text is cut and ends in "…".
std::string shown_line(std::string_view text, std::size_t most = 1000);

/// Lines, each printable; of long text the beginning and the end, with a line between them that says how much
/// is left out.
std::string shown_block(std::string_view text, std::size_t most);

/// Text of XML or HTML, also within quotes. For what is printable already.
std::string xml_escaped(std::string_view text);

}  // namespace ktstr::reporters
