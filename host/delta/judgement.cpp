// SPDX-License-Identifier: Apache-2.0
#include "delta/judgement.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/cpp/noise.hpp>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <limits>

#include "compare/insight.hpp"
#include "delta/companions.hpp"
#include "delta/trend.hpp"
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

/// What the C structs of a row have no field for.
json::object row_facts(const MetricComparison& comparison, double noisy_percent) {
  const double before = spread_percent(*comparison.c_struct().baseline),
               after = spread_percent(*comparison.c_struct().head);
  json::object facts{{"spread_percent", {{"baseline", before}, {"head", after}}},
                     {"noisy", before > noisy_percent || after > noisy_percent}};
  facts["family"] = printable(comparison.metric().family);
  if (is_suspect(comparison)) facts["suspect"] = true;
  if (comparison.overcommitted()) facts["overcommitted"] = true;
  if (comparison.declared()) facts["declared"] = true;
  if (!comparison.cgroup().empty()) facts["cgroup"] = comparison.cgroup();
  if (!comparison.also().empty())
    facts["also"] = json::array(comparison.also().begin(), comparison.also().end());
  if (comparison.settled()) facts["did_not_happen"] = true;
  if (!comparison.phase().empty()) facts["phase"] = printable(comparison.phase());
  return facts;
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
const JudgedRow* part_of(const JudgedRow& row, std::string_view part, const std::vector<JudgedRow>& rows) {
  const std::string& cgroup = row.comparison->cgroup();
  const std::string wanted = cgroup.empty() ? std::string(part) : path_of(cgroup, part);
  const auto it = std::find_if(rows.begin(), rows.end(), [&](const JudgedRow& other) {
    return other.comparison->is_named(wanted) && other.comparison->phase() == row.comparison->phase() &&
           other.comparison->scenario() == row.comparison->scenario();
  });
  return it == rows.end() ? nullptr : &*it;
}

/// A ratio of two things that both got better is no regression, nor is one of two that got worse an
/// improvement.
void settle_ratio(JudgedRow& row, const std::vector<JudgedRow>& rows) {
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
  for (JudgedRow& row : judgement.rows) {
    if (!row.comparison->settled()) settle_ratio(row, judgement.rows);
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

namespace {

std::uint32_t row_flags(const MetricComparison& comparison, const std::vector<std::string>& must_fail) {
  const bool watched = std::any_of(must_fail.begin(), must_fail.end(),
                                   [&](const std::string& name) { return comparison.is_named(name); });
  return (comparison.gates() ? KTSTR_ROW_COUNTS : KTSTR_ROW_INFORMATIONAL) |
         (comparison.declared() ? KTSTR_ROW_DECLARED : 0U) | (watched ? KTSTR_ROW_MUST_FAIL : 0U);
}

json::array companions(const JudgedRow& finding, const std::vector<JudgedRow>& rows) {
  json::array out;
  for (const Companion& one : companions_of(finding, rows)) {
    const ktstr_comparison& c = one.comparison->c_struct();
    out.push_back({{"metric", one.comparison->name()},
                   {"unit", one.comparison->metric().unit},
                   {"baseline", c.baseline_estimate},
                   {"head", c.head_estimate},
                   {"relative", one.relative},
                   {"deviations", one.deviations}});
  }
  return out;
}

json::array trend(const JudgedRow& finding, const Trends& trends) {
  json::array points;
  for (const TrendPoint& point : trends.of(*finding.comparison)) {
    points.push_back({{"commit", point.commit},
                      {"when", point.when},
                      {"mean", point.mean},
                      {"min", point.low},
                      {"max", point.high},
                      {"runs", point.runs}});
  }
  return points;
}

}  // namespace

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

void report_rows(Reports& reports, const Gates& gates, const Judgement& judgement,
                 const RowsRequest& request) {
  for (const JudgedRow& judged : judgement.rows) {
    KTSTR_ASSERT(judged.opinions.empty() || judged.opinions.size() == gates.all().size());
    std::vector<ktstr_gate_opinion> opinions;
    for (std::size_t i = 0; i < judged.opinions.size(); ++i) {
      const std::string& name = gates.all()[i]->name();
      opinions.push_back({sizeof(ktstr_gate_opinion), 0, {name.data(), name.size()}, &judged.opinions[i]});
    }
    std::vector<const ktstr_gate_opinion*> pointers;
    for (const ktstr_gate_opinion& opinion : opinions) pointers.push_back(&opinion);
    ktstr_report_row row{};
    row.size = sizeof row;
    row.outcome = judged.combined.outcome;
    row.flags = row_flags(*judged.comparison, request.must_fail);
    row.comparison = &judged.comparison->c_struct();
    row.verdict = &judged.combined;
    row.opinions = pointers.data();
    row.opinion_count = pointers.size();
    json::object facts = row_facts(*judged.comparison, request.noisy_percent);
    if (is_finding(judged)) {
      facts["companions"] = companions(judged, judgement.rows);
      facts["history"] = trend(judged, request.trends);
    }
    const std::string extra = to_text(facts, 0);
    row.extra_json = {extra.data(), extra.size()};
    reports.row(row);
  }
}

}  // namespace ktstr
