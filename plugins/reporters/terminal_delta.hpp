// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/sdk.hpp>
#include <set>
#include <string>
#include <vector>

#include "terminal_text.hpp"

namespace ktstr::reporters {

/// A comparison for people: what changed, worst first, and what to make of it. Collected and printed at the end, because what tells
/// scenarios apart is known only then.
class TerminalDelta {
 public:
  TerminalDelta(Paint paint, std::size_t width, bool all, json::object begin) : paint_(paint), width_(width), all_(all), begin_(std::move(begin)) {}

  std::string heading() const;
  void add(const ktstr_report_row& row);
  std::string summary(const json::object& last) const;

 private:
  /// test, topology, scheduler, work type, kernel
  using Scenario = std::vector<std::string>;
  struct Finding {
    Scenario scenario;
    std::string outcome, metric, change, before, after;
    std::string detail;  ///< what does not fit into columns: interval, ranges, chances, remarks
    bool quiet = false;
  };
  struct Columns {
    std::size_t metric = 0, change = 0, before = 0, after = 0;
  };

  std::string table() const;
  std::string line(const Finding& finding, const Columns& widest) const;
  std::string painted(const std::string& outcome) const;
  /// The parts of a scenario in which the scenarios of this document differ, the test always.
  std::string told_apart(const Scenario& scenario) const;
  std::string failure_rates(const json::object& last) const;
  std::string pass_counts(const json::object& last) const;
  std::string phases(const json::object& last) const;
  std::string missing(const json::object& last) const;
  std::string verdict(const json::object& last) const;
  std::string labelled(const std::string& label, const std::string& text, const std::string& painted_label = {}) const;

  Paint paint_;
  std::size_t width_;
  bool all_;
  json::object begin_;
  std::vector<Finding> findings_;
  std::set<std::size_t> differing_;  ///< parts of a scenario in which the scenarios so far differ
};

}  // namespace ktstr::reporters
