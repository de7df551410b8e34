// SPDX-License-Identifier: Apache-2.0
//
// The pages of docs/ as they were installed with this ktstr; docs/README.md among them is their index.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "show/page.hpp"
#include "support/result.hpp"

namespace ktstr {

/// All pages in the order of the index; none when they are not installed.
std::vector<PageEntry> installed_pages();
/// "docs/filter.md" and "filter.md" are "filter", as docs and messages name pages.
std::string page_name(std::string word);
/// Of the command "stats list" the page "stats-list", else "stats"; empty when there is none.
std::string page_of_command(const std::string& words);
/// As Markdown.
Result<std::string> read_page(const std::string& name);

}  // namespace ktstr
