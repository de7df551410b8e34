// SPDX-License-Identifier: Apache-2.0
#include "delta/told_rows.hpp"

#include <algorithm>
#include <deque>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <span>

#include "compare/insight.hpp"
#include "delta/companions.hpp"
#include "delta/rows_by_scenario.hpp"

namespace ktstr {
namespace {

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

std::uint32_t row_flags(const MetricComparison& comparison, const std::vector<std::string>& must_fail) {
  const bool watched = std::any_of(must_fail.begin(), must_fail.end(),
                                   [&](const std::string& name) { return comparison.is_named(name); });
  return (comparison.gates() ? KTSTR_ROW_COUNTS : KTSTR_ROW_INFORMATIONAL) |
         (comparison.declared() ? KTSTR_ROW_DECLARED : 0U) | (watched ? KTSTR_ROW_MUST_FAIL : 0U);
}

json::array companions(const JudgedRow& finding, const RowsByScenario& rows) {
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

/// A row with everything that it points to: it stays where it is.
class ToldRow {
 public:
  ToldRow(const JudgedRow& judged, const Gates& gates, const RowsRequest& request, json::object facts)
      : extra_(to_text(facts, 0)) {
    KTSTR_ASSERT(judged.opinions.empty() || judged.opinions.size() == gates.all().size());
    for (std::size_t i = 0; i < judged.opinions.size(); ++i) {
      const std::string& name = gates.all()[i]->name();
      opinions_.push_back({sizeof(ktstr_gate_opinion), 0, {name.data(), name.size()}, &judged.opinions[i]});
    }
    for (const ktstr_gate_opinion& opinion : opinions_) pointers_.push_back(&opinion);
    row_.size = sizeof row_;
    row_.outcome = judged.combined.outcome;
    row_.flags = row_flags(*judged.comparison, request.must_fail);
    row_.comparison = &judged.comparison->c_struct();
    row_.verdict = &judged.combined;
    row_.opinions = pointers_.data();
    row_.opinion_count = pointers_.size();
    row_.extra_json = {extra_.data(), extra_.size()};
  }
  ToldRow(const ToldRow&) = delete;
  ToldRow& operator=(const ToldRow&) = delete;
  const ktstr_report_row& c_struct() const { return row_; }

 private:
  std::string extra_;
  std::vector<ktstr_gate_opinion> opinions_;
  std::vector<const ktstr_gate_opinion*> pointers_;
  ktstr_report_row row_{};
};

}  // namespace

void report_rows(Reports& reports, const Gates& gates, const Judgement& judgement,
                 const RowsRequest& request) {
  constexpr std::size_t kMostAtOnce = 256;  // a call for each was a fifth of a large comparison
  const RowsByScenario by_scenario(judgement.rows);
  for (std::size_t at = 0; at < judgement.rows.size(); at += kMostAtOnce) {
    std::deque<ToldRow> told;
    std::vector<const ktstr_report_row*> rows;
    for (const JudgedRow& judged :
         std::span(judgement.rows).subspan(at).first(std::min(kMostAtOnce, judgement.rows.size() - at))) {
      json::object facts = row_facts(*judged.comparison, request.noisy_percent);
      if (is_finding(judged)) {
        facts["companions"] = companions(judged, by_scenario);
        facts["history"] = trend(judged, request.trends);
      }
      rows.push_back(&told.emplace_back(judged, gates, request, std::move(facts)).c_struct());
    }
    reports.rows(rows);
  }
}

}  // namespace ktstr
