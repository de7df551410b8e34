// SPDX-License-Identifier: Apache-2.0
#include "priors.hpp"

#include <algorithm>
#include <cmath>

namespace ktstr::fdr {
namespace {

constexpr Variance kUnknown{0, 0};

bool known(double variance, double df) { return variance > 0 && std::isfinite(variance) && df > 0; }

}  // namespace

Variance history_of(const ktstr_comparison& comparison, const Evidence& evidence, double most_df) {
  if (evidence.scale.plain) return kUnknown;
  const ktstr_history& history = *comparison.history;
  if (evidence.paired && known(history.paired_log_variance, history.paired_log_variance_df)) {
    return {history.paired_log_variance, std::min(history.paired_log_variance_df, most_df)};
  }
  if (!known(history.log_variance, history.log_variance_df)) return kUnknown;
  // Pairs whose sides share no noise differ by that of both; if they share some, this errs on the safe side.
  return {history.log_variance * (evidence.paired ? 2 : 1), std::min(history.log_variance_df, most_df)};
}

void Moderation::add(const Evidence& evidence) {
  if (evidence.scale.plain || !(evidence.own.df > 0) || !(evidence.own.value > 0)) return;
  (evidence.paired ? paired_ : unpaired_).push_back(evidence.own);
}

void Moderation::finish(double most_df) {
  const auto prior_from = [&](const std::vector<Variance>& variances) {
    // The weight is itself an estimate from so many metrics. Without this caution ten unchanged metrics of
    // three runs would go red in 8 of 100 invocations instead of 5.
    const double certain = 1 - 2 / std::sqrt(static_cast<double>(variances.size()));
    if (!(certain > 0)) return kUnknown;
    const Variance prior = prior_of(variances);
    return known(prior.value, prior.df) ? Variance{prior.value, certain * std::min(prior.df, most_df)}
                                        : kUnknown;
  };
  unpaired_prior_ = prior_from(unpaired_);
  paired_prior_ = prior_from(paired_);
}

Variance Moderation::prior(const Evidence& evidence) const {
  if (evidence.scale.plain || !(evidence.own.df > 0)) return kUnknown;
  return evidence.paired ? paired_prior_ : unpaired_prior_;
}

}  // namespace ktstr::fdr
