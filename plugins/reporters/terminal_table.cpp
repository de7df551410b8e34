// SPDX-License-Identifier: Apache-2.0
#include "terminal_table.hpp"

#include <algorithm>

#include "display.hpp"

namespace ktstr::reporters {
namespace {

constexpr std::size_t kGap = 2;

struct Widths {
  std::size_t metric = 6, baseline = 8, head = 4, change = 6, p = 1, outcome = 7;
  bool with_p = false;
  std::size_t total() const { return kGap + metric + kGap + baseline + kGap + head + kGap + change + (with_p ? kGap + p : 0) + kGap + outcome; }
};

Widths widths_of(const std::vector<TableGroup>& groups, std::size_t width) {
  Widths w;
  for (const TableGroup& group : groups) {
    for (const TableRow& row : group.rows) {
      w.metric = std::max(w.metric, columns(row.metric));
      w.baseline = std::max(w.baseline, columns(row.baseline));
      w.head = std::max(w.head, columns(row.head));
      w.change = std::max(w.change, columns(row.change));
      w.p = std::max(w.p, columns(row.p));
      w.outcome = std::max(w.outcome, columns(row.outcome));
      w.with_p = w.with_p || row.p != "-";
    }
  }
  if (width > 0 && w.total() > width) w.with_p = false;
  return w;
}

std::string line_of(const TableRow& row, const Widths& w) {
  const std::string gap(kGap, ' ');
  return gap + pad_right(row.metric, w.metric) + gap + pad_left(row.baseline, w.baseline) + gap + pad_left(row.head, w.head) + gap + pad_left(row.change, w.change) +
         (w.with_p ? gap + pad_left(row.p, w.p) : "") + gap + row.outcome;
}

}  // namespace

std::string comparison_table(const std::vector<TableGroup>& groups, std::size_t width, const Paint& paint) {
  if (groups.empty()) return {};
  const Widths w = widths_of(groups, width);
  std::string out = paint.dim(line_of({"METRIC", "BASELINE", "HEAD", "CHANGE", "P", "VERDICT", ""}, w)) + "\n";
  for (const TableGroup& group : groups) {
    out += paint.bold(wrapped(group.title, 4, width)) + "\n";
    for (const TableRow& row : group.rows) {
      const std::string line = line_of(row, w);
      out += row.outcome == "REGRESSED"      ? paint.red(line)
             : row.outcome == "improved"     ? paint.green(line)
             : row.outcome == "inconclusive" ? paint.yellow(line)
                                             : line;
      out += "\n";
      if (!row.note.empty()) out += paint.dim("    " + wrapped(row.note, 4, width)) + "\n";
    }
  }
  return out;
}

std::string wrapped(const std::string& text, std::size_t indent, std::size_t width) {
  if (width <= indent + 10) return text;
  std::string out;
  std::size_t column = indent;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (column > indent && column + 1 + columns(word) > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (at > 0) {
      out += ' ';
      ++column;
    }
    out += word;
    column += columns(word);
    at = end + 1;
  }
  return out;
}

}  // namespace ktstr::reporters
