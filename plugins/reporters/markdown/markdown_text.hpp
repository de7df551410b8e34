// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace ktstr::reporters {

/// Text of others within a line or a table's cell: no markup, no link, nobody is mentioned.
std::string markdown_text(std::string_view text, std::size_t most = 300);
/// A block of lines as they are; the fence is longer than any within.
std::string markdown_block(std::string_view text, std::size_t most);

/// A table whose rows are added while they fit.
class MarkdownTable {
 public:
  MarkdownTable(const std::vector<std::string>& columns, std::size_t budget);
  void add(const std::vector<std::string>& cells);  ///< which are markdown
  std::string text() const;                         ///< empty without rows
  bool empty() const { return rows_ + left_out_ == 0; }

 private:
  std::string text_;
  std::size_t budget_, rows_ = 0, left_out_ = 0;
};

/// Folded away; `inside` is markdown of whole lines. Nothing of nothing.
std::string markdown_details(const std::string& title, const std::string& inside);

}  // namespace ktstr::reporters
