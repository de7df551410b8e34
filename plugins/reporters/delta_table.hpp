// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/sdk.hpp>
#include <set>
#include <string>
#include <vector>

#include "terminal_text.hpp"

namespace ktstr::reporters {

/// test, topology, scheduler, work type, kernel
using Scenario = std::vector<std::string>;

/// One judged metric, in the words of the table; all of it is safe to show.
struct Finding {
  Scenario scenario;
  std::string outcome;  ///< "REGRESSED", "suspect", "improved", …
  std::string metric, change, before, after;
  std::string n, interval, chance;  ///< empty: not known
  std::string ranges;               ///< of the values of both sides
  std::string remarks;
  std::string companions;  ///< what changed with it, where it got worse
  std::vector<double> baseline, head;
  bool quiet = false;     ///< shown with everything only
  std::string undecided;  ///< why nobody can tell; rows that share the reason are told once
};

Finding finding_of(const ktstr_report_row& row);

/// Where the values of both sides lie between the least and the largest of them, as in "○○····●●". Empty
/// without a spread.
std::string strip_of(const std::vector<double>& baseline, const std::vector<double>& head, std::size_t width);

/// The word of an outcome in its colour and a column's width.
std::string painted_outcome(const Paint& paint, const std::string& outcome, std::size_t width);

/// The rows of a comparison. As wide as it may be: runs a side, interval, values and chance are columns where
/// there is room for them, and a second line where there is not.
class DeltaTable {
 public:
  DeltaTable(Paint paint, std::size_t width, bool all) : paint_(paint), width_(width), all_(all) {}

  void add(Finding finding);
  std::size_t size() const { return findings_.size(); }
  std::string text() const;
  /// The parts of a scenario in which the scenarios of this document differ, the test always.
  std::string told_apart(const Scenario& scenario) const;

 private:
  struct Layout {
    std::size_t outcome = 0, metric = 0, change = 0, before = 0, after = 0;
    std::size_t n = 0, interval = 0, chance = 0, strip = 0;  ///< 0: no column of its own
    std::size_t base() const;
    bool wide() const { return n + interval + chance + strip > 0; }
  };
  std::vector<const Finding*> shown() const;
  Layout layout_of(const std::vector<const Finding*>& rows) const;
  std::string header(const Layout& layout) const;
  std::string line(const Finding& finding, const Layout& layout) const;
  std::string undecided() const;
  bool is_grouped(const Finding& finding) const;

  Paint paint_;
  std::size_t width_;
  bool all_;
  std::vector<Finding> findings_;
  std::set<std::size_t> differing_;  ///< parts of a scenario in which the scenarios so far differ
};

}  // namespace ktstr::reporters
