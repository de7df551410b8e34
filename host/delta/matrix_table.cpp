// SPDX-License-Identifier: Apache-2.0
#include "delta/matrix_table.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>

namespace ktstr {
namespace {

MatrixStep step_of(std::size_t from, const JudgedRow& row) {
  const ktstr_comparison& c = row.comparison->c_struct();
  MatrixStep step;
  step.from = from;
  step.outcome = row.combined.outcome;
  step.relative = row.combined.effect_rel;
  if (std::isnan(step.relative) && c.baseline_estimate != 0)
    step.relative = (c.head_estimate - c.baseline_estimate) / std::fabs(c.baseline_estimate);
  step.p_value = row.combined.p_value;
  step.q_value = row.combined.q_value;
  step.text = row.combined.text;
  step.gates = row.comparison->gates();
  return step;
}

void fill(MatrixCell& cell, double value, std::uint64_t runs) {
  if (!std::isnan(cell.value) || !std::isfinite(value) || runs == 0) return;
  cell.value = value;
  cell.runs = runs;
}

}  // namespace

MatrixTable::MatrixTable(std::vector<MatrixSide> sides, bool by_scheduler, std::vector<std::string> metrics)
    : sides_(std::move(sides)), by_scheduler_(by_scheduler), metrics_(std::move(metrics)) {
  KTSTR_ASSERT(!sides_.empty());
}

bool MatrixTable::one_kernel() const {
  return std::all_of(sides_.begin(), sides_.end(),
                     [&](const MatrixSide& side) { return side.kernel == sides_.front().kernel; });
}

std::vector<std::size_t> MatrixTable::before(std::size_t side) const {
  KTSTR_ASSERT(side < sides_.size());
  const bool any = one_kernel();
  std::vector<std::size_t> out;
  for (std::size_t at = side; at-- > 0;) {
    if (any || sides_[at].scheduler == sides_[side].scheduler) out.push_back(at);
  }
  return out;
}

void MatrixTable::add_ending(std::size_t side, const PlannedTest& test, MatrixEnding ending) {
  KTSTR_ASSERT(side < sides_.size());
  const std::string scheduler = by_scheduler_ ? std::string() : test.scheduler;
  auto found = std::find_if(tests_.begin(), tests_.end(), [&](const MatrixTest& one) {
    return one.test == test.test && one.topology == test.topology && one.scheduler == scheduler;
  });
  if (found == tests_.end()) {
    tests_.push_back(
        {test.test, test.topology, scheduler, test.work_type, std::vector<MatrixEnding>(sides_.size()), {}});
    found = std::prev(tests_.end());
  }
  found->endings[side] = std::move(ending);
}

void MatrixTable::set_problem(std::size_t side, const std::string& problem) {
  KTSTR_ASSERT(side < sides_.size() && !problem.empty());
  sides_[side].problem = problem;
  for (MatrixTest& test : tests_) {
    if (test.endings[side].outcome != "missing") test.endings[side] = {"error", problem};
  }
}

bool MatrixTable::is_wanted(const MetricComparison& comparison) const {
  if (!comparison.phase().empty()) return false;
  if (metrics_.empty()) return comparison.rule().polarity != KTSTR_INFORMATIONAL;
  return std::any_of(metrics_.begin(), metrics_.end(),
                     [&](const std::string& name) { return comparison.is_named(name); });
}

/// Null: of a test that no side planned.
MatrixRow* MatrixTable::row_of(const MetricComparison& comparison) {
  const ScenarioKey& key = comparison.scenario();
  const auto test = std::find_if(tests_.begin(), tests_.end(), [&](const MatrixTest& one) {
    return one.test == key.test && one.topology == key.topology &&
           (by_scheduler_ || one.scheduler == key.scheduler);
  });
  if (test == tests_.end()) return nullptr;
  const auto row = std::find_if(test->rows.begin(), test->rows.end(),
                                [&](const MatrixRow& one) { return one.metric == comparison.name(); });
  if (row != test->rows.end()) return &*row;
  test->rows.push_back({comparison.name(), std::string(comparison.metric().unit), comparison.rule().polarity,
                        std::vector<MatrixCell>(sides_.size())});
  return &test->rows.back();
}

void MatrixTable::add_values(std::size_t side, const ComparisonSet& set) {
  KTSTR_ASSERT(side < sides_.size());
  for (const auto& comparison : set.metrics) {
    if (!is_wanted(*comparison)) continue;
    const ktstr_comparison& c = comparison->c_struct();
    if (MatrixRow* row = row_of(*comparison)) fill(row->cells[side], c.head_estimate, c.head->count);
  }
}

void MatrixTable::add_steps(std::size_t from, std::size_t to, const Judgement& judgement) {
  KTSTR_ASSERT(from < to && to < sides_.size());
  for (const JudgedRow& judged : judgement.rows) {
    if (!is_wanted(*judged.comparison)) continue;
    MatrixRow* row = row_of(*judged.comparison);
    if (row == nullptr) continue;
    const ktstr_comparison& c = judged.comparison->c_struct();
    fill(row->cells[from], c.baseline_estimate, c.baseline->count);
    fill(row->cells[to], c.head_estimate, c.head->count);
    row->cells[to].step = step_of(from, judged);
  }
}

void MatrixTable::mark() {
  for (MatrixTest& test : tests_) {
    for (MatrixRow& row : test.rows) {
      if (row.polarity == KTSTR_INFORMATIONAL) continue;
      const bool higher = row.polarity == KTSTR_HIGHER_IS_BETTER;
      double low = std::numeric_limits<double>::infinity(), high = -low;
      for (const MatrixCell& cell : row.cells) {
        if (std::isnan(cell.value)) continue;
        low = std::min(low, cell.value);
        high = std::max(high, cell.value);
      }
      if (!(low < high)) continue;
      for (MatrixCell& cell : row.cells) {
        cell.best = cell.value == (higher ? high : low);
        cell.worst = cell.value == (higher ? low : high);
        KTSTR_ASSERT(!(cell.best && cell.worst));
      }
    }
  }
}

MatrixCounts MatrixTable::counts() const {
  MatrixCounts counts;
  for (const MatrixTest& test : tests_) {
    for (const MatrixRow& row : test.rows) {
      for (const MatrixCell& cell : row.cells) {
        if (!cell.step || !cell.step->gates) continue;
        ++counts.steps;
        counts.regressed += cell.step->outcome == KTSTR_REGRESSED ? 1 : 0;
        counts.improved += cell.step->outcome == KTSTR_IMPROVED ? 1 : 0;
        counts.inconclusive += cell.step->outcome == KTSTR_INCONCLUSIVE ? 1 : 0;
      }
    }
  }
  return counts;
}

bool MatrixTable::has_values() const {
  return std::any_of(tests_.begin(), tests_.end(), [](const MatrixTest& test) {
    return std::any_of(test.rows.begin(), test.rows.end(), [](const MatrixRow& row) {
      return std::any_of(row.cells.begin(), row.cells.end(),
                         [](const MatrixCell& cell) { return !std::isnan(cell.value); });
    });
  });
}

}  // namespace ktstr
