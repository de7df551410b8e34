// SPDX-License-Identifier: Apache-2.0
#include "support/table.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/width.hpp>

namespace ktstr {

std::vector<std::string> folded(std::string_view text, std::size_t width) {
  if (width == 0 || display_width(text) <= width) return {std::string(text)};
  std::vector<std::string> lines;
  while (display_width(text) > width) {
    std::size_t end = 0, good = 0, space = 0, taken = 0;
    while (end < text.size()) {
      std::size_t columns = 0;
      const std::size_t length = first_cluster(text.substr(end), columns);
      if (end > 0 && taken + columns > width) break;
      end += length;
      taken += columns;
      if (std::string_view("_-/,|").find(text[end - 1]) != std::string_view::npos) good = end;
      if (text[end - 1] == ' ' && text.find_first_not_of(' ') < end) space = end;
    }
    if (end < text.size() && text[end] == ' ') space = end;
    if (space > end / 2) {
      end = space;
    } else if (good > 0) {
      end = good;
    }
    KTSTR_ASSERT(end > 0 && end <= text.size());  // each line takes some of the text
    std::string_view line = text.substr(0, end);
    while (line.ends_with(' ')) line.remove_suffix(1);
    lines.emplace_back(line);
    text.remove_prefix(end);
    while (text.starts_with(' ')) text.remove_prefix(1);
  }
  if (!text.empty()) lines.emplace_back(text);
  return lines;
}

std::string hanging(std::string_view text, std::size_t width, std::size_t indent) {
  const std::string first = folded(text, width).front();
  std::string out = first + "\n";
  text.remove_prefix(first.size());
  while (text.starts_with(' ')) text.remove_prefix(1);
  if (text.empty()) return out;
  for (const std::string& line : folded(text, width > indent + 8 ? width - indent : width))
    out += std::string(indent, ' ') + line + "\n";
  return out;
}

std::string text_table(const std::vector<std::vector<std::string>>& rows,
                       const std::vector<std::size_t>& right_aligned, std::size_t width) {
  constexpr std::size_t kNarrowest = 8;
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  std::size_t total = widths.empty() ? 0 : 2 * (widths.size() - 1);
  for (const std::size_t w : widths) total += w;
  while (width > 0 && total > width) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= kNarrowest) break;
    --*widest;
    --total;
  }
  std::string out;
  for (const auto& row : rows) {
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 1;
    for (std::size_t i = 0; i < row.size(); ++i) {
      cells.push_back(folded(row[i], widths[i]));
      height = std::max(height, cells.back().size());
    }
    for (std::size_t l = 0; l < height; ++l) {
      std::string line;
      for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string cell = l < cells[i].size() ? cells[i][l] : "";
        const bool right = std::find(right_aligned.begin(), right_aligned.end(), i) != right_aligned.end();
        line += (i > 0 ? "  " : "") + (right ? pad_left(cell, widths[i]) : pad_right(cell, widths[i]));
      }
      line.erase(line.find_last_not_of(' ') + 1);
      out += line + "\n";
    }
  }
  return out;
}

}  // namespace ktstr
