// SPDX-License-Identifier: Apache-2.0
#include "app/judgement.hpp"

#include <algorithm>
#include <cmath>

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
  if (!comparison.phase().empty()) facts["phase"] = printable(comparison.phase());
  return to_text(facts, 0);
}

double size_of(const JudgedRow& row) { return std::isnan(row.combined.effect_rel) ? -1 : std::fabs(row.combined.effect_rel); }

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
  for (const auto& metric : set.metrics) comparisons.push_back(&metric->c_struct());
  Judgement judgement;
  for (const auto& metric : set.metrics) judgement.rows.push_back({metric.get(), {}, {}});
  if (comparisons.empty()) return judgement;
  for (const auto& gate : gates.all()) {
    auto verdicts = gate->evaluate(comparisons);
    if (!verdicts) return verdicts.error();
    for (std::size_t i = 0; i < judgement.rows.size(); ++i) judgement.rows[i].opinions.push_back((*verdicts)[i]);
  }
  for (JudgedRow& row : judgement.rows) {
    std::vector<const ktstr_verdict*> opinions;
    for (const ktstr_verdict& opinion : row.opinions) opinions.push_back(&opinion);
    row.combined = combine_verdicts(opinions);
    if (adjust) adjust(row);
    judgement.counter.add(std::string(row.comparison->metric().name), row.comparison->rule().polarity, row.combined, row.comparison->declared());
  }
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
