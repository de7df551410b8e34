// SPDX-License-Identifier: Apache-2.0
#include "markdown/markdown_text.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "document/shown_text.hpp"

namespace ktstr::reporters {
namespace {

std::string row_text(const std::vector<std::string>& cells) { return "| " + join(cells, " | ") + " |\n"; }

}  // namespace

std::string markdown_text(std::string_view text, std::size_t most) {
  const std::string line = shown_line(text, most);
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    constexpr std::string_view kMarkup = "\\`*_{}[]#|~!$";
    const std::string_view rest = std::string_view(line).substr(i);
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '@') {
      out += "&#64;";  // mentions
    } else if (rest.starts_with("://")) {
      out += "&#58;";  // links
    } else if (rest.starts_with("www.")) {
      out += "&#119;";
    } else {
      if (kMarkup.find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

std::string markdown_block(std::string_view text, std::size_t most) {
  const std::string block = shown_block(text, most);
  std::size_t longest = 2, run = 0;
  for (const char c : block) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  KTSTR_ASSERT(block.find(fence) == std::string::npos);  // else it would end there
  return fence + "text\n" + block + "\n" + fence + "\n";
}

MarkdownTable::MarkdownTable(const std::vector<std::string>& columns, std::size_t budget)
    : text_(row_text(columns) + row_text(std::vector<std::string>(columns.size(), "---"))), budget_(budget) {}

void MarkdownTable::add(const std::vector<std::string>& cells) {
  const std::string row = row_text(cells);
  if (text_.size() + row.size() > budget_) {
    ++left_out_;
    return;
  }
  text_ += row;
  ++rows_;
}

std::string MarkdownTable::text() const {
  if (empty()) return {};
  return (rows_ == 0 ? std::string() : text_) +
         (left_out_ == 0 ? std::string()
                         : "\n" + std::to_string(left_out_) + " more rows are left out here.\n");
}

std::string markdown_details(const std::string& title, const std::string& inside) {
  return inside.empty() ? inside
                        : "\n<details><summary>" + title + "</summary>\n\n" + inside + "\n</details>\n";
}

}  // namespace ktstr::reporters
