// SPDX-License-Identifier: Apache-2.0
//
// What `ktstr matrix` found: tests and their gated metrics as rows, kernels (and schedulers) as columns.
// Pure: comparisons and verdicts in, a table out.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "delta/judgement.hpp"

namespace ktstr {

/// A column: one kernel, or one scheduler on it.
struct MatrixSide {
  std::string kernel;     ///< as run keys have it: "6.18.12"
  std::string scheduler;  ///< of --scheduler; empty: every test's own
  std::string problem;    ///< why nothing could be measured; empty: it was
  bool cached = false;    ///< the store had all of its runs
  std::string label() const { return scheduler.empty() ? kernel : kernel + " " + scheduler; }
};

/// From the nearest side before that has numbers of the test to this one, as the gates judge it.
struct MatrixStep {
  std::size_t from = 0;  ///< index of that side
  std::uint32_t outcome = KTSTR_INCONCLUSIVE;
  double relative = std::numeric_limits<double>::quiet_NaN();  ///< 0.25 is +25 %
  double p_value = std::numeric_limits<double>::quiet_NaN(), q_value = p_value;
  std::string text;    ///< what the gates say to it; hostile text
  bool gates = false;  ///< its regression counts
};

struct MatrixCell {
  double value = std::numeric_limits<double>::quiet_NaN();  ///< in the metric's unit; NaN: there is none
  std::uint64_t runs = 0;                                   ///< behind it
  bool best = false, worst = false;                         ///< of its row
  std::optional<MatrixStep> step;
};

/// One metric of one test.
struct MatrixRow {
  std::string metric, unit;
  std::uint32_t polarity = KTSTR_INFORMATIONAL;
  std::vector<MatrixCell> cells;  ///< one for each side
};

/// How a test ended on one side.
struct MatrixEnding {
  std::string outcome = "missing";  ///< as run manifests spell it, or "missing": the side has no such test
  std::string reason;               ///< hostile text, one line; empty for "passed"
  bool passed() const { return outcome == "passed"; }
};

struct MatrixTest {
  std::string test, topology, scheduler, work_type;  ///< scheduler empty: it is the columns'
  std::vector<MatrixEnding> endings;                 ///< one for each side
  std::vector<MatrixRow> rows;
};

/// Steps by their outcome; those that do not gate are left out.
struct MatrixCounts {
  std::uint64_t steps = 0, regressed = 0, improved = 0, inconclusive = 0;
};

class MatrixTable {
 public:
  /// `by_scheduler`: tests that differ in their scheduler alone share their rows. `metrics`: only these;
  /// none: all that a regression can be found in.
  MatrixTable(std::vector<MatrixSide> sides, bool by_scheduler, std::vector<std::string> metrics);

  /// How a test of the side ended; before its numbers.
  void add_ending(std::size_t side, const PlannedTest& test, MatrixEnding ending);
  /// The numbers of a side: comparisons whose HEAD it is.
  void add_values(std::size_t side, const ComparisonSet& set);
  /// The verdicts between two sides. Values that the sides were not given yet are taken from them.
  void add_steps(std::size_t from, std::size_t to, const Judgement& judgement);
  /// Marks each row's best and worst value, where they differ and one way is better; after all values.
  void mark();
  /// That the side could not be measured is how each of its tests ended.
  void set_problem(std::size_t side, const std::string& problem);
  void set_cached(std::size_t side) { sides_.at(side).cached = true; }

  /// The sides before `side` that it may be compared with, the nearest first: of its scheduler, or of one
  /// kernel all.
  std::vector<std::size_t> before(std::size_t side) const;
  /// Whether it has a row here: of a whole run, and of a metric that was asked for.
  bool is_wanted(const MetricComparison& comparison) const;
  const std::vector<MatrixSide>& sides() const { return sides_; }
  const std::vector<MatrixTest>& tests() const { return tests_; }
  bool by_scheduler() const { return by_scheduler_; }
  bool one_kernel() const;
  MatrixCounts counts() const;
  bool has_values() const;

 private:
  MatrixRow* row_of(const MetricComparison& comparison);

  std::vector<MatrixSide> sides_;
  bool by_scheduler_;
  std::vector<std::string> metrics_;
  std::vector<MatrixTest> tests_;
};

}  // namespace ktstr
