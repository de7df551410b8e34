// SPDX-License-Identifier: Apache-2.0
#include "delta/matrix_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "delta/matrix.hpp"
#include "show/matrix.hpp"

namespace ktstr {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Three kernels and one test; comparisons are made by hand.
class MatrixTables : public ::testing::Test {
 protected:
  static std::vector<MatrixSide> kernels() {
    return {{"6.1.0", "", "", false}, {"6.12.1", "", "", false}, {"6.18.2", "", "", false}};
  }
  static PlannedTest planned(const std::string& test = "load", const std::string& scheduler = "eevdf") {
    return {test, "1n1l2c1t", scheduler, "SpinWait", true, true, "passed", ""};
  }
  void add(ComparisonSet& set, const char* metric, double before, double after) const {
    const Metric* known = registry.find(metric);
    ASSERT_NE(known, nullptr) << metric;
    auto row = std::make_unique<MetricComparison>(
        ScenarioKey{"load", "1n1l2c1t", "eevdf", "SpinWait", "6.18", "tcg", "virtual"}, *known,
        MetricRule{known->abs_gate, known->rel_gate, known->polarity});
    row->add(false, before, 0, 1);
    row->add(true, after, 0, 1);
    row->finish(false, true, false);
    row->set_history(unknown_history());
    set.metrics.push_back(std::move(row));
  }
  void value(MatrixTable& table, std::size_t side, const char* metric, double value) const {
    ComparisonSet set;
    add(set, metric, value, value);
    table.add_values(side, set);
  }
  void step(MatrixTable& table, std::size_t from, std::size_t to, std::uint32_t outcome) const {
    ComparisonSet set;
    add(set, "worst_gap_ms", 10, 25);
    Judgement judgement;
    judgement.rows.push_back({set.metrics.front().get(), settled_verdict(outcome, "why"), {}});
    table.add_steps(from, to, judgement);
  }
  static std::string marks(const MatrixRow& row) {
    std::string out;
    for (const MatrixCell& cell : row.cells) out += cell.best ? '*' : cell.worst ? '!' : '.';
    return out;
  }
  MetricRegistry registry;
};

TEST_F(MatrixTables, BestAndWorstFollowTheMetricsDirection) {
  MatrixTable table(kernels(), false, {});
  for (std::size_t side = 0; side < 3; ++side) table.add_ending(side, planned(), {"passed", ""});
  const double gaps[] = {30, 20, 40}, iterations[] = {5, 5, 7};
  for (std::size_t side = 0; side < 3; ++side) {
    value(table, side, "worst_gap_ms", gaps[side]);
    value(table, side, "total_iterations", iterations[side]);
    value(table, side, "total_migrations", 3);
  }
  table.mark();
  const std::vector<MatrixRow>& rows = table.tests().at(0).rows;
  EXPECT_EQ(marks(rows.at(0)), ".*!");
  EXPECT_EQ(marks(rows.at(1)), "!!*") << "equal ones share a mark, and more is better";
  EXPECT_EQ(marks(rows.at(2)), "...") << "nothing is best where all are equal";
}

TEST_F(MatrixTables, AHoleIsNoValue) {
  MatrixTable table(kernels(), false, {});
  table.add_ending(0, planned(), {"skipped", "no sched_ext"});
  table.add_ending(1, planned(), {"passed", ""});
  table.add_ending(2, planned(), {"passed", ""});
  EXPECT_FALSE(table.has_values());
  value(table, 1, "worst_gap_ms", 20);
  value(table, 2, "worst_gap_ms", kNone);
  EXPECT_TRUE(table.has_values());
  MatrixOutcome outcome{table, "abc1234", {"fdr"}, {}, "sentence", ExitCode::kFine};
  const std::string text = matrix_text(outcome, 0);
  EXPECT_THAT(text, HasSubstr("worst_gap_ms  skipped   20 ms  no value"));
  EXPECT_THAT(text, HasSubstr("6.1.0 skipped: no sched_ext"));
}

TEST_F(MatrixTables, StepsAreCountedAndTellWhereTheyStart) {
  MatrixTable table(kernels(), false, {});
  for (std::size_t side = 0; side < 3; ++side) table.add_ending(side, planned(), {"passed", ""});
  step(table, 0, 2, KTSTR_REGRESSED);
  const MatrixCell& cell = table.tests().at(0).rows.at(0).cells.at(2);
  EXPECT_EQ(cell.value, 25) << "taken from the step where nobody gave one";
  EXPECT_DOUBLE_EQ(cell.step->relative, 1.5);
  EXPECT_EQ(table.counts().regressed, 1U);
  EXPECT_EQ(table.counts().steps, 1U);
  MatrixOutcome outcome{table, "abc1234", {"fdr"}, {}, "sentence", ExitCode::kFailed};
  EXPECT_THAT(matrix_text(outcome, 0), HasSubstr("+150 % worse since 6.1.0"));
  step(table, 1, 2, KTSTR_INCONCLUSIVE);
  EXPECT_EQ(table.counts().inconclusive, 1U);
  outcome.table = table;
  EXPECT_THAT(matrix_text(outcome, 0), HasSubstr("unsure, 1 step: why"));
}

TEST_F(MatrixTables, NeighboursAreOfOneSchedulerOrOfOneKernel) {
  MatrixTable table(
      {{"6.1", "a", "", false}, {"6.2", "a", "", false}, {"6.1", "b", "", false}, {"6.2", "b", "", false}},
      true, {});
  EXPECT_THAT(table.before(0), IsEmpty());
  EXPECT_THAT(table.before(1), ElementsAre(0U));
  EXPECT_THAT(table.before(2), IsEmpty());
  EXPECT_THAT(table.before(3), ElementsAre(2U));
  const MatrixTable one({{"6.1", "a", "", false}, {"6.1", "b", "", false}}, true, {});
  EXPECT_THAT(one.before(1), ElementsAre(0U));
}

TEST_F(MatrixTables, ChosenMetricsAloneHaveRows) {
  MatrixTable table(kernels(), false, {"total_iterations"});
  table.add_ending(0, planned(), {"passed", ""});
  value(table, 0, "worst_gap_ms", 20);
  EXPECT_THAT(table.tests().at(0).rows, IsEmpty());
  value(table, 0, "total_iterations", 20);
  EXPECT_EQ(table.tests().at(0).rows.size(), 1U);
}

TEST_F(MatrixTables, AKernelThatDoesNotBootIsHowItsTestsEnded) {
  MatrixTable table(kernels(), false, {});
  table.add_ending(1, planned("load"), {"error", "it did not end"});
  table.set_problem(1, "no such image");
  EXPECT_EQ(table.tests().at(0).endings.at(1).reason, "no such image");
  EXPECT_EQ(table.tests().at(0).endings.at(0).outcome, "missing");
}

TEST_F(MatrixTables, WhatIsShownHoldsNoMarkupOfOthers) {
  MatrixTable table(kernels(), false, {});
  table.add_ending(0, planned("a|b<i>\x1b"), {"failed", "x|y"});
  const MatrixOutcome outcome{table, "abc1234", {"fdr"}, {}, "sentence", ExitCode::kFailed};
  const std::string page = matrix_markdown(outcome);
  EXPECT_THAT(page, HasSubstr("a\\|b\\<i\\>"));
  EXPECT_THAT(page, HasSubstr("failed: x\\|y"));
  EXPECT_EQ((page + matrix_text(outcome, 0)).find('\x1b'), std::string::npos);
}

TEST(MatrixFilter, NamesExpressionAndSchedulersMustAllMatch) {
  MatrixRequest request;
  EXPECT_TRUE(matrix_filter(request)->empty());
  request.tests = {"wake", "pipe*"};
  request.expression = "topology(1n*) or none()";
  request.schedulers = {"a", "b(c)"};
  const auto filter = matrix_filter(request);
  ASSERT_TRUE(filter) << filter.error().message;
  EXPECT_TRUE(filter->matches(FilterSubject{"my_wakeups", "1n1l1c1t", "a", "w"}));
  EXPECT_TRUE(filter->matches(FilterSubject{"pipes", "1n1l1c1t", "b(c)", "w"}));
  EXPECT_FALSE(filter->matches(FilterSubject{"my_pipes", "1n1l1c1t", "a", "w"}))
      << "a glob is the whole name";
  EXPECT_FALSE(filter->matches(FilterSubject{"wake", "2n1l1c1t", "a", "w"}));
  EXPECT_FALSE(filter->matches(FilterSubject{"wake", "1n1l1c1t", "c", "w"}));
  request.expression = "wake and";
  EXPECT_FALSE(matrix_filter(request));
}

}  // namespace
}  // namespace ktstr
