// SPDX-License-Identifier: Apache-2.0
#include "judge.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <limits>
#include <vector>

#include "benjamini_hochberg.hpp"
#include "evidence.hpp"
#include "outcome.hpp"
#include "priors.hpp"
#include "test.hpp"

namespace ktstr::fdr {
namespace {

struct Row {
  Evidence evidence;
  Variance history{0, 0};
  Adjusted adjusted;
  bool tested = false;
};

using Rows = std::vector<Row>;

/// Adjusts one direction of one family of comparisons. `level_of`: the p that a comparison needed, given what
/// the others found.
void adjust(Rows& rows, bool gates, const Options& options, double Test::*p_of, double Adjusted::*q_of,
            double Adjusted::*level_of) {
  std::vector<double> p(rows.size(), std::numeric_limits<double>::quiet_NaN());
  double tested = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].tested || rows[i].adjusted.gates != gates) continue;
    p[i] = rows[i].adjusted.test.*p_of;
    ++tested;
  }
  const TwoStage adjusted = options.strict ? TwoStage{holm(p), 0} : two_stage(p, options.q);
  const double findings = static_cast<double>(
      std::count_if(adjusted.q.begin(), adjusted.q.end(), [&](double q) { return q <= options.q; }));
  KTSTR_ASSERT(adjusted.q.size() == rows.size() && findings <= tested);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (std::isnan(adjusted.q[i])) continue;
    rows[i].adjusted.*q_of = adjusted.q[i];
    const double others = findings - (adjusted.q[i] <= options.q ? 1 : 0);
    KTSTR_ASSERT(others >= 0 && others <= tested - 1);
    rows[i].adjusted.*level_of =
        options.strict ? options.q / (tested - others) : std::min(options.q, adjusted.level * (others + 1));
  }
}

}  // namespace

void judge(const ktstr_comparison* const* in, ktstr_verdict* const* out, std::uint64_t count,
           const Options& options) {
  Rows rows(count);
  EvidenceReader read;
  Moderation moderation;
  for (std::size_t i = 0; i < count; ++i) {
    const ktstr_comparison& comparison = *in[i];
    Row& row = rows[i];
    row.evidence = read(comparison);
    row.history = history_of(comparison, row.evidence, options.prior_df);
    row.adjusted.gates = comparison.polarity != KTSTR_INFORMATIONAL &&
                         (comparison.metric_class != KTSTR_CLASS_EXTREME || options.extremes);
    fill_effect(comparison, *out[i]);
    row.tested = !judge_without_test(comparison, row.evidence, row.history.df > 0, *out[i]);
    if (row.tested && !(row.history.df > 0)) moderation.add(row.evidence);
  }
  moderation.finish(options.prior_df);
  double tested[2] = {0, 0};
  for (const Row& row : rows) tested[row.adjusted.gates ? 1 : 0] += row.tested ? 1 : 0;
  for (std::size_t i = 0; i < count; ++i) {
    Row& row = rows[i];
    if (!row.tested) continue;
    const Variance prior = row.history.df > 0 ? row.history : moderation.prior(row.evidence);
    // Pairs that change sides have no smaller p than one in all ways: with too few of them for so many rows
    // nothing could ever be found.
    const auto pairs = static_cast<int>(std::min<std::size_t>(row.evidence.baseline_count, kMostFlips));
    if (std::ldexp(3 * tested[row.adjusted.gates ? 1 : 0], -pairs) > options.q)
      row.evidence.levelled.possible = false;
    const double session_spread = (in[i]->flags & KTSTR_COMPARISON_CACHED) != 0 ? options.session_spread : 0;
    row.adjusted.test =
        test(row.evidence, prior, session_spread, std::log1p(options.margin * in[i]->rel_gate),
             in[i]->polarity == KTSTR_HIGHER_IS_BETTER);
    if (row.adjusted.test.levelled) row.evidence.shift = row.evidence.levelled.shift;
  }
  for (const bool gates : {true, false}) {
    adjust(rows, gates, options, &Test::p_gain, &Adjusted::q_gain, &Adjusted::level);
    adjust(rows, gates, options, &Test::p_harm, &Adjusted::q_harm,
           &Adjusted::level);  // the level that stays is harm's
  }
  OutcomeWriter write(options);
  for (std::size_t i = 0; i < count; ++i) {
    if (rows[i].tested) write(*in[i], rows[i].evidence, rows[i].adjusted, *out[i]);
  }
}

}  // namespace ktstr::fdr
