// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/sdk.hpp>
#include <string>

#include "delta_table.hpp"
#include "terminal_text.hpp"

namespace ktstr::reporters {

/// A comparison for people: what changed, worst first, and what to make of it. Collected and printed at the
/// end, because what tells scenarios apart is known only then.
class TerminalDelta {
 public:
  TerminalDelta(Paint paint, std::size_t width, bool all, json::object begin)
      : paint_(paint), width_(width), all_(all), begin_(std::move(begin)), table_(paint, width, all) {}

  void add(const ktstr_report_row& row) { table_.add(finding_of(row)); }
  /// The verdict in one sentence, what was compared, the table, and what to make of it.
  std::string document(const json::object& last) const;

 private:
  std::string failure_rates(const json::object& last) const;
  std::string pass_counts(const json::object& last) const;
  std::string phases(const json::object& last) const;
  std::string missing(const json::object& last) const;
  std::string verdict(const json::object& last) const;
  std::string heading() const;
  std::string counts(const json::object& last) const;
  std::string labelled(const std::string& label, const std::string& text,
                       const std::string& painted_label = {}) const;

  Paint paint_;
  std::size_t width_;
  bool all_;
  json::object begin_;
  DeltaTable table_;
};

}  // namespace ktstr::reporters
