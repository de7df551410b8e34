// SPDX-License-Identifier: Apache-2.0
//
// Pages of docs/ as text for a terminal, and their index. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace ktstr {

/// One line of docs/README.md: `- [title](page.md): what it is about`, below the heading of its kind.
struct PageEntry {
  std::string name;     ///< "perf-delta"
  std::string kind;     ///< "How-to"
  std::string title;    ///< "Comparing commits"
  std::string summary;  ///< without markup
};
std::vector<PageEntry> page_index(std::string_view readme);

/// Markdown without its marks: paragraphs and tables set in `width` columns, code as it is. `colour`:
/// headings and code stand out by what a terminal obeys; without it by lines below and backticks. A link to
/// another page becomes the command that shows it.
std::string page_text(std::string_view markdown, std::size_t width, bool colour);

}  // namespace ktstr
