// SPDX-License-Identifier: Apache-2.0
//
// Text that came from a guest, a manifest or a file, made safe for people's terminals and for JSON documents.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr::kvm {

/// One line that any terminal may show: control characters, bidirectional overrides and bytes that are not
/// UTF-8 become \xNN or \u{NNNN}; longer texts end in "…". `limit` counts input bytes.
std::string printable(std::string_view text, std::size_t limit = 512);

/// The same text as valid UTF-8: every broken byte becomes U+FFFD. Control characters stay (JSON escapes
/// them).
std::string valid_utf8(std::string_view text);

/// The text without blanks and control characters at both ends.
std::string_view without_margins(std::string_view text);

/// The last line with anything on it, without margins.
std::string_view last_line(std::string_view text);

/// printable(), but of a longer text the end is shown.
std::string printable_end(std::string_view text, std::size_t limit);

/// The last `limit` bytes, starting at a line's beginning where there is one.
std::string_view tail(std::string_view text, std::size_t limit);

}  // namespace ktstr::kvm
