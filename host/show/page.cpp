// SPDX-License-Identifier: Apache-2.0
#include "show/page.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/width.hpp>

#include "support/table.hpp"

namespace ktstr {
namespace {

constexpr std::string_view kBold = "\033[1m", kPlain = "\033[0m";

/// "perf-delta" of "perf-delta.md#gates"; empty when it leads out of the pages.
std::string page_of_link(std::string_view target) {
  target = target.substr(0, target.find('#'));
  if (!target.ends_with(".md") || target.find("://") != std::string_view::npos) return {};
  target.remove_suffix(3);
  if (target.starts_with("../")) return {};  // README and others of the tree, which are no pages
  return std::string(target.substr(target.starts_with("docs/") ? 5 : 0));
}

std::string link_text(std::string_view text, std::string_view target) {
  const std::string page = page_of_link(target);
  const std::string shown(text);
  if (target.find("://") != std::string_view::npos && text != target)
    return shown + " <" + std::string(target) + ">";
  if (page.empty() || shown.find(page + ".md") != std::string::npos) return shown;
  return shown + " (ktstr help " + page + ")";
}

/// A line without the marks of links and of stress; code keeps its backticks, and everything within.
std::string without_marks(std::string_view text) {
  std::string out;
  bool code = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '`') code = !code;
    if (code) {
      out += text[i];
    } else if (text[i] == '\\' && i + 1 < text.size() &&
               std::ispunct(static_cast<unsigned char>(text[i + 1])) != 0) {
      out += text[++i];
    } else if (text.substr(i, 2) == "**") {
      ++i;
    } else if (text[i] == '[') {
      const std::size_t end = text.find("](", i);
      const std::size_t close = end == std::string_view::npos ? end : text.find(')', end);
      if (close == std::string_view::npos) {
        out += text[i];
        continue;
      }
      if (out.ends_with('!')) out.pop_back();  // of a picture its text remains
      out += link_text(without_marks(text.substr(i + 1, end - i - 1)), text.substr(end + 2, close - end - 2));
      i = close;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// Cells between bars; those of code and escaped ones are none.
std::vector<std::string> cells_of(std::string_view row) {
  row = without_margins(row);
  if (row.starts_with('|')) row.remove_prefix(1);
  if (row.ends_with('|')) row.remove_suffix(1);
  std::vector<std::string> cells(1);
  bool code = false;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] == '`') code = !code;
    if (row[i] == '\\' && i + 1 < row.size() && row[i + 1] == '|')
      cells.back() += row[++i];
    else if (row[i] == '|' && !code)
      cells.emplace_back();
    else
      cells.back() += row[i];
  }
  for (std::string& cell : cells) cell = without_marks(without_margins(cell));
  return cells;
}

bool is_rule(std::string_view line) {
  return line.find_first_not_of("|-: ") == std::string_view::npos && line.find('-') != std::string_view::npos;
}

/// Where the text of a list's item begins; 0: the line begins none.
std::size_t item_mark(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(' ');
  if (begin == std::string_view::npos) return 0;
  if (line.substr(begin).starts_with("- ") || line.substr(begin).starts_with("* ")) return begin + 2;
  const std::size_t end = line.find_first_not_of("0123456789", begin);
  const bool number = end != std::string_view::npos && end > begin && line.substr(end).starts_with(". ");
  return number ? end + 2 : 0;
}

class Page {
 public:
  Page(std::size_t width, bool colour) : width_(std::max<std::size_t>(width, 20)), colour_(colour) {}

  void line(std::string_view text) {
    if (text.starts_with("```") || text.starts_with("  ```")) {
      end_block();
      if (!code_) gap();
      code_ = !code_;
    } else if (code_) {
      out_ += text.empty() ? "\n" : "    " + std::string(text) + "\n";
    } else if (text.starts_with("<!--")) {
      end_block();
    } else if (without_margins(text).empty()) {
      end_block();
      list_ = false;
    } else if (text.starts_with('#')) {
      heading(text);
    } else if (text.starts_with('|')) {
      if (!paragraph_.empty()) end_block();
      if (is_rule(text))
        alignment(text);
      else
        table_.push_back(cells_of(text));
    } else if (const std::size_t mark = item_mark(text); mark > 0) {
      end_block();
      if (!list_) gap();
      list_ = true;
      indent_ = mark;
      paragraph_ = std::string(text);
    } else {
      if (!table_.empty()) end_block();
      if (paragraph_.empty()) {
        if (!list_) gap();
        const std::size_t begin = text.find_first_not_of(' ');
        indent_ = list_ ? begin : 0;
        paragraph_ = list_ ? std::string(text) : std::string(text.substr(begin));
      } else {
        paragraph_ += " " + std::string(without_margins(text));
      }
    }
  }

  std::string end() {
    end_block();
    return std::move(out_);
  }

 private:
  /// One empty line between blocks.
  void gap() {
    if (!out_.empty() && !out_.ends_with("\n\n")) out_ += "\n";
  }

  void heading(std::string_view text) {
    end_block();
    gap();
    const std::size_t level = text.find_first_not_of('#');
    const std::string title = without_marks(without_margins(text.substr(std::min(level, text.size()))));
    if (colour_)
      out_ += std::string(kBold) + title + std::string(kPlain) + "\n";
    else
      out_ += title + "\n" + std::string(display_width(title), level == 1 ? '=' : '-') + "\n";
    list_ = false;
  }

  void alignment(std::string_view rule) {
    const std::vector<std::string> cells = cells_of(rule);
    right_.clear();
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].ends_with(':') && !cells[i].starts_with(':')) right_.push_back(i);
    }
  }

  void end_block() {
    if (!table_.empty()) {
      gap();
      const bool headless = std::all_of(table_.front().begin(), table_.front().end(),
                                        [](const std::string& cell) { return cell.empty(); });
      if (headless) table_.erase(table_.begin());
      out_ += text_table(table_, right_, width_);
    } else if (!paragraph_.empty()) {
      out_ += with_code(hanging(without_marks(paragraph_), width_, indent_));
    }
    table_.clear();
    right_.clear();
    paragraph_.clear();
  }

  /// On a terminal code is bold instead of in backticks; a span may go over several lines.
  std::string with_code(const std::string& text) const {
    if (!colour_) return text;
    std::string out;
    bool code = false;
    for (const char c : text) {
      if (c == '`') {
        code = !code;
        out += code ? kBold : kPlain;
      } else if (c == '\n' && code) {
        out += std::string(kPlain) + "\n" + std::string(kBold);
      } else {
        out += c;
      }
    }
    return out + (code ? std::string(kPlain) : "");
  }

  std::size_t width_;
  bool colour_;
  std::string out_, paragraph_;
  std::vector<std::vector<std::string>> table_;
  std::vector<std::size_t> right_;
  std::size_t indent_ = 0;
  bool code_ = false, list_ = false;
};

}  // namespace

std::vector<PageEntry> page_index(std::string_view readme) {
  std::vector<PageEntry> entries;
  std::string kind;
  for (const std::string& line : kit::lines(readme)) {
    if (line.starts_with("## ")) kind = line.substr(3);
    const std::size_t end = line.find("]("), close = line.find("): ");
    if (!line.starts_with("- [") || end == std::string::npos || close == std::string::npos) continue;
    const std::string page = page_of_link(line.substr(end + 2, close - end - 2));
    if (page.empty()) continue;
    entries.push_back({page, kind, line.substr(3, end - 3), without_marks(line.substr(close + 3))});
  }
  return entries;
}

std::string page_text(std::string_view markdown, std::size_t width, bool colour) {
  Page page(width, colour);
  for (const std::string& line : kit::lines(markdown)) page.line(line);
  return page.end();
}

}  // namespace ktstr
