// SPDX-License-Identifier: Apache-2.0
//
// What the judged rows are worth, and the sentence that says so: which change was found, where, how large,
// how sure, and by how many runs. What should have been judged and was not is conclusion.hpp's half. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compare/insight.hpp"
#include "compare/verdict.hpp"

namespace ktstr {

/// A value as people read it, times in the unit that reads best: 58561 us is "58.56 ms".
std::string amount_text(double value, std::string_view unit);
/// "+35 %", "x 11.4" from ten times on; empty for what is not finite, as after a baseline of 0.
std::string change_text(double relative);

/// Runs a side behind the rows; they differ where runs of some scenarios failed.
struct RunsASide {
  std::uint64_t least = 0, most = 0;
  void add(std::uint64_t runs);
  /// "5 runs a side", "3 to 5 runs a side"; empty when there is no row.
  std::string text() const;
};

/// The change that a headline names.
struct MetricFinding {
  std::string test, metric, unit;  ///< printable
  double baseline = 0, head = 0, relative = 0;
  double p_value = 0, q_value = 0;  ///< NaN: the gates give none
  bool virtual_time = false;
  RunsASide runs;
};

/// "worst_p99_wake_latency_us of wakeups rose from 196 us to 2.31 ms (x 11.8; q=0.003, 5 runs a side)"
std::string sentence_of(const MetricFinding& finding);

struct JudgedFacts {
  VerdictCounts counts;
  Overall judged = Overall::kEmpty;  ///< what the counts alone say
  std::uint64_t fail_threshold = 5;  ///< 0: counting is off
  bool by_family = false;            ///< what it counts
  bool reached = false;
  bool asked_for_count = false;        ///< somebody gave that number
  std::vector<std::string> must_fail;  ///< metrics of --must-fail that did regress
  std::uint64_t watched = 0;  ///< rows of --must-fail: they fail the build although they may not gate
  std::optional<MetricFinding> worst;  ///< of the regressions
  std::vector<std::string>
      failing;     ///< tests of which in virtual time every run of HEAD failed and none of the baseline
  RunsASide runs;  ///< of the gating rows
  /// The gate's name when the numbers are stored ones and a gate judges them by size alone: the reference
  /// page's rule.
  std::string by_size_alone;
  bool repeated = false;       ///< both sides were measured for this comparison
  bool virtual_time = false;   ///< of every row
  bool same_program = false;   ///< scheduler, kernel and manifest are known to be equal in every scenario
  std::uint64_t suspects = 0;  ///< regressions of one run a side whose noise nobody knows
  std::string undecided;       ///< why most of the inconclusive rows are, printable
  std::uint64_t overcommitted = 0;  ///< rows that would gate if their guests had had a CPU each
  Sight sight;
  double least_sight = 0.5;
};

struct JudgedConclusion {
  Overall overall = Overall::kEmpty;
  std::string headline;  ///< printable; empty when no row was judged
};

JudgedConclusion conclude_rows(const JudgedFacts& facts);

/// "6 metrics in 2 families"
std::string counted_findings(std::uint64_t metrics, std::uint64_t families);

}  // namespace ktstr
