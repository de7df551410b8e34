// SPDX-License-Identifier: Apache-2.0
#include "delta/judgement.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/cpp/noise.hpp>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <limits>

#include "compare/insight.hpp"
#include "delta/rows_by_scenario.hpp"
#include "metrics/cgroup_metrics.hpp"

namespace ktstr {
namespace {

/// Regressions, improvements, what could not be told, informational changes, the rest.
int rank(const JudgedRow& row) {
  const bool informational = !row.comparison->gates();
  switch (row.combined.outcome) {
    case KTSTR_REGRESSED: return informational ? 3 : 0;
    case KTSTR_IMPROVED: return informational ? 3 : 1;
    case KTSTR_INCONCLUSIVE: return 2;
    default: return 4;
  }
}

/// What did not happen at all comes before any number.
double size_of(const JudgedRow& row) {
  if (row.comparison->settled()) return std::numeric_limits<double>::infinity();
  return std::isnan(row.combined.effect_rel) ? -1 : std::fabs(row.combined.effect_rel);
}

/// A row whose values do not tell of what did not happen is no better than its gates think, and may not be as
/// good.
void be_cautious(JudgedRow& row) {
  const Caution& caution = row.comparison->caution();
  const std::uint32_t outcome = row.combined.outcome;
  if (caution.text.empty() || outcome == KTSTR_REGRESSED ||
      (caution.unchanged_stands && outcome != KTSTR_IMPROVED))
    return;
  overrule(row.combined, KTSTR_INCONCLUSIVE, caution.text);
}

void conclude_row(JudgedRow& row, const std::function<void(JudgedRow&)>& adjust) {
  if (const auto& settled = row.comparison->settled()) {
    row.combined = settled_verdict(settled->outcome, settled->text);
    return;
  }
  std::vector<const ktstr_verdict*> opinions;
  for (const ktstr_verdict& opinion : row.opinions) opinions.push_back(&opinion);
  KTSTR_ASSERT(!opinions.empty());  // a row that no gate judged is settled
  row.combined = combine_verdicts(opinions);
  if (adjust) adjust(row);
  be_cautious(row);
}

void count_row(const JudgedRow& row, VerdictCounter& counter) {
  const MetricComparison& comparison = *row.comparison;
  const std::uint32_t polarity = comparison.gates() ? comparison.rule().polarity : KTSTR_INFORMATIONAL;
  counter.add(comparison.name(), polarity, row.combined, comparison.declared(), comparison.family());
  if (comparison.settled() && comparison.gates()) counter.add_did_not_happen();
  for (const std::string& name : comparison.also()) counter.stands_for(name, row.combined);
}

/// Better by the estimates: +1, worse: -1, the same: 0.
int direction(const MetricComparison& comparison) {
  const double change = comparison.c_struct().head_estimate - comparison.c_struct().baseline_estimate;
  if (change == 0 || std::isnan(change)) return 0;
  return (change > 0) == (comparison.rule().polarity == KTSTR_HIGHER_IS_BETTER) ? 1 : -1;
}

/// The row of a part of this row's ratio, in the same scenario and phase; a cgroup's ratio is made of the
/// cgroup's own metrics.
const JudgedRow* part_of(const JudgedRow& row, std::string_view part, const RowsByScenario& rows) {
  const std::string& cgroup = row.comparison->cgroup();
  const std::string wanted = cgroup.empty() ? std::string(part) : path_of(cgroup, part);
  const auto beside = rows.beside(row);
  const auto it = std::find_if(beside.begin(), beside.end(), [&](const JudgedRow* other) {
    return other->comparison->is_named(wanted) && other->comparison->phase() == row.comparison->phase();
  });
  return it == beside.end() ? nullptr : *it;
}

/// A ratio of two things that both got better is no regression, nor is one of two that got worse an
/// improvement.
void settle_ratio(JudgedRow& row, const RowsByScenario& rows) {
  const Metric& metric = row.comparison->metric();
  const bool worse = row.combined.outcome == KTSTR_REGRESSED;
  if (!metric.is_ratio() || row.comparison->declared() || (!worse && row.combined.outcome != KTSTR_IMPROVED))
    return;
  const JudgedRow *above = part_of(row, metric.numerator, rows),
                  *below = part_of(row, metric.denominator, rows);
  if (above == nullptr || below == nullptr) return;
  const int both = worse ? 1 : -1;
  if (direction(*above->comparison) != both || direction(*below->comparison) != both) return;
  overrule(row.combined, KTSTR_UNCHANGED,
           worse ? "both of its parts improved" : "both of its parts got worse");
}

}  // namespace

bool is_suspect(const MetricComparison& comparison) {
  const ktstr_comparison& c = comparison.c_struct();
  return std::max(c.baseline->count, c.head->count) == 1 && (c.flags & KTSTR_COMPARISON_DETERMINISTIC) == 0 &&
         std::isnan(sdk::log_deviation(c));
}

Result<Gates> Gates::make(PluginProvider& plugins, const std::vector<PluginChoice>& choices) {
  Gates gates;
  for (const PluginChoice& choice : choices) {
    const std::vector<std::string> before = gates.names();
    if (std::find(before.begin(), before.end(), choice.use) != before.end()) {
      return usage_error("the gate \"" + printable(choice.use) +
                             "\" is named twice in one team: a second opinion is another gate's",
                         "name each gate once, with all of its options");
    }
    Creation creation(choice.options_json);
    creation.isolate = choice.isolate;
    auto gate = plugins.make_gate(choice.use, creation);
    if (!gate) return gate.error();
    gates.gates_.push_back(std::move(*gate));
  }
  return gates;
}

std::vector<std::string> Gates::names() const {
  std::vector<std::string> names;
  for (const auto& gate : gates_) names.push_back(gate->name());
  return names;
}

GatePolicy Gates::policy(GatePolicy policy) const {
  std::uint32_t asked = 0;
  for (const auto& gate : gates_) asked |= gate->capabilities();
  policy.by_family = (asked & KTSTR_GATE_FAMILIES) != 0 || (asked & KTSTR_GATE_EACH_METRIC) == 0;
  return policy;
}

bool Gates::judge_by_size_alone() const {
  return std::all_of(gates_.begin(), gates_.end(),
                     [](const auto& gate) { return (gate->capabilities() & KTSTR_GATE_SIZE_ALONE) != 0; });
}

const GatePort& Gates::hungriest() const {
  KTSTR_ASSERT(!gates_.empty());
  return **std::max_element(gates_.begin(), gates_.end(),
                            [](const auto& a, const auto& b) { return a->min_samples() < b->min_samples(); });
}

void prepare(const ComparisonSet& set, const NoiseHistory& history, const std::vector<std::string>& named) {
  for (const auto& metric : set.metrics) {
    metric->set_history(history.of(metric->scenario(), metric->name()));
    if (std::find(named.begin(), named.end(), metric->name()) != named.end()) metric->set_named();
  }
}

Result<Judgement> judge(Gates& gates, const ComparisonSet& set,
                        const std::function<void(JudgedRow&)>& adjust) {
  std::vector<const ktstr_comparison*> comparisons;
  std::vector<std::size_t> asked;
  Judgement judgement;
  for (const auto& metric : set.metrics) {
    judgement.rows.push_back({metric.get(), {}, {}});
    if (metric->settled()) continue;
    comparisons.push_back(&metric->c_struct());
    asked.push_back(judgement.rows.size() - 1);
  }
  for (const auto& gate : gates.all()) {
    if (comparisons.empty()) break;
    auto verdicts = gate->evaluate(comparisons);
    if (!verdicts) return verdicts.error();
    KTSTR_ASSERT(verdicts->size() == asked.size());  // the port has refused any other number
    for (std::size_t i = 0; i < asked.size(); ++i)
      judgement.rows[asked[i]].opinions.push_back((*verdicts)[i]);
  }
  for (JudgedRow& row : judgement.rows) conclude_row(row, adjust);
  const RowsByScenario by_scenario(judgement.rows);
  for (JudgedRow& row : judgement.rows) {
    if (!row.comparison->settled()) settle_ratio(row, by_scenario);
    count_row(row, judgement.counter);
  }
  KTSTR_ASSERT(judgement.rows.size() == set.metrics.size());
  KTSTR_ASSERT(judgement.counter.counts().rows() == judgement.rows.size());  // each counts once
  std::stable_sort(judgement.rows.begin(), judgement.rows.end(), [](const JudgedRow& a, const JudgedRow& b) {
    const int left = rank(a), right = rank(b);
    return left != right ? left < right : left < 4 && size_of(a) > size_of(b);
  });
  return judgement;
}

bool is_finding(const JudgedRow& row) {
  return row.comparison->gates() &&
         (row.combined.outcome == KTSTR_REGRESSED || row.combined.outcome == KTSTR_IMPROVED);
}

std::vector<const MetricComparison*> findings_of(const Judgement& judgement) {
  std::vector<const MetricComparison*> findings;
  for (const JudgedRow& row : judgement.rows) {
    if (is_finding(row)) findings.push_back(row.comparison);
  }
  return findings;
}

}  // namespace ktstr
