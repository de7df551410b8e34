// SPDX-License-Identifier: Apache-2.0
#include "app/judgement.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "support/text.hpp"

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
std::string row_facts(const MetricComparison& comparison, double noisy_percent) {
  const double before = spread_percent(comparison.c_struct().baseline), after = spread_percent(comparison.c_struct().head);
  json::object facts{{"spread_percent", {{"baseline", before}, {"head", after}}}, {"noisy", before > noisy_percent || after > noisy_percent}};
  if (comparison.declared()) facts["declared"] = true;
  if (!comparison.cgroup().empty()) facts["cgroup"] = comparison.cgroup();
  if (!comparison.also().empty()) facts["also"] = json::array(comparison.also().begin(), comparison.also().end());
  if (comparison.settled()) facts["did_not_happen"] = true;
  if (!comparison.phase().empty()) facts["phase"] = printable(comparison.phase());
  return to_text(facts, 0);
}

/// What did not happen at all comes before any number.
double size_of(const JudgedRow& row) {
  if (row.comparison->settled()) return std::numeric_limits<double>::infinity();
  return std::isnan(row.combined.effect_rel) ? -1 : std::fabs(row.combined.effect_rel);
}

/// A row whose values do not tell of what did not happen is no better than its gates think, and may not be as good.
void be_cautious(JudgedRow& row) {
  const Caution& caution = row.comparison->caution();
  const std::uint32_t outcome = row.combined.outcome;
  if (caution.text.empty() || outcome == KTSTR_REGRESSED || (caution.unchanged_stands && outcome != KTSTR_IMPROVED)) return;
  overrule(row.combined, KTSTR_INCONCLUSIVE, caution.text);
}

void conclude_row(JudgedRow& row, const std::function<void(JudgedRow&)>& adjust, VerdictCounter& counter) {
  const MetricComparison& comparison = *row.comparison;
  if (const auto& settled = comparison.settled()) {
    row.combined = settled_verdict(settled->outcome, settled->text);
  } else {
    std::vector<const ktstr_verdict*> opinions;
    for (const ktstr_verdict& opinion : row.opinions) opinions.push_back(&opinion);
    row.combined = combine_verdicts(opinions);
    if (adjust) adjust(row);
    be_cautious(row);
  }
  counter.add(comparison.name(), comparison.rule().polarity, row.combined, comparison.declared());
  if (comparison.settled() && comparison.gates()) counter.add_did_not_happen();
  for (const std::string& name : comparison.also()) counter.stands_for(name, row.combined);
}

}  // namespace

Result<Gates> Gates::make(PluginProvider& plugins, const std::vector<PluginChoice>& choices) {
  Gates gates;
  for (const PluginChoice& choice : choices) {
    auto gate = plugins.make_gate(choice.use, choice.options_json);
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

const GatePort& Gates::hungriest() const {
  return **std::max_element(gates_.begin(), gates_.end(), [](const auto& a, const auto& b) { return a->min_samples() < b->min_samples(); });
}

Result<Judgement> judge(Gates& gates, const ComparisonSet& set, const std::function<void(JudgedRow&)>& adjust) {
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
    for (std::size_t i = 0; i < asked.size(); ++i) judgement.rows[asked[i]].opinions.push_back((*verdicts)[i]);
  }
  for (JudgedRow& row : judgement.rows) conclude_row(row, adjust, judgement.counter);
  std::stable_sort(judgement.rows.begin(), judgement.rows.end(), [](const JudgedRow& a, const JudgedRow& b) {
    const int left = rank(a), right = rank(b);
    return left != right ? left < right : left < 4 && size_of(a) > size_of(b);
  });
  return judgement;
}

void report_rows(Reports& reports, const Gates& gates, const Judgement& judgement, double noisy_percent) {
  for (const JudgedRow& judged : judgement.rows) {
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
    row.comparison = &judged.comparison->c_struct();
    row.verdict = &judged.combined;
    row.opinions = pointers.data();
    row.opinion_count = pointers.size();
    const std::string extra = row_facts(*judged.comparison, noisy_percent);
    row.extra_json = {extra.data(), extra.size()};
    reports.row(row);
  }
}

}  // namespace ktstr
