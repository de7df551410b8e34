// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace ktstr::reporters {

/// ANSI colours, or nothing at all.
class Paint {
 public:
  explicit Paint(bool enabled = false) : enabled_(enabled) {}
  std::string red(const std::string& text) const { return in("31", text); }
  std::string bold_red(const std::string& text) const { return in("1;31", text); }
  std::string green(const std::string& text) const { return in("32", text); }
  std::string yellow(const std::string& text) const { return in("33", text); }
  std::string dim(const std::string& text) const { return in("2", text); }
  std::string bold(const std::string& text) const { return in("1", text); }

 private:
  std::string in(const char* code, const std::string& text) const { return enabled_ ? "\033[" + std::string(code) + "m" + text + "\033[0m" : text; }
  bool enabled_;
};

/// One judged metric as it is shown; texts are safe already.
struct TableRow {
  std::string metric, baseline, head, change, p, outcome, note;
};

/// Rows of one scenario.
struct TableGroup {
  std::string title;
  std::vector<TableRow> rows;
};

/// Groups under their titles, columns aligned across all of them. On a terminal of `width` columns (0: no terminal) the p column goes
/// when there is no room for it.
std::string comparison_table(const std::vector<TableGroup>& groups, std::size_t width, const Paint& paint);

/// Breaks `text` at spaces so that lines after the first start with `indent` spaces; width 0 leaves it alone.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t width);

}  // namespace ktstr::reporters
