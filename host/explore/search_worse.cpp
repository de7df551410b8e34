// SPDX-License-Identifier: Apache-2.0
//
// HEAD passes, and is worse than the baseline in this very scenario. One run a side shows only that something
// changed what came after it: what counts is confirmed with other seeds of the guests.
#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "explore/invariants.hpp"
#include "explore/search.hpp"

namespace ktstr {
namespace {

constexpr std::uint64_t kSeedsOfALook = 5, kLooks = 2;

bool names(const std::vector<std::string>& known, const std::vector<WorseMetric>& metrics) {
  return std::any_of(metrics.begin(), metrics.end(), [&](const WorseMetric& metric) {
    return std::find(known.begin(), known.end(), metric.name) != known.end();
  });
}

}  // namespace

Result<std::vector<WorseMetric>> Search::confirmed(const Subject& subject, const json::object& test,
                                                   std::uint64_t looks) {
  std::vector<WorseMetric> worse;
  const Trial trial = subject.trial(with_invariants(test, subject.bounds), "again");
  for (std::uint64_t look = 0; look < looks; ++look) {
    std::vector<SidePair> pairs(kSeedsOfALook);
    for (const bool base : {false, true}) {
      for (std::uint64_t i = 0; i < kSeedsOfALook; ++i) {
        const RunAs as{base, request_.seed + 1 + look * kSeedsOfALook + i};
        auto ends = trials_.run({trial}, progress_, as);
        if (!ends) return ends.error();
        ++shrinking_;
        // A run that does not pass has no numbers: what is left cannot tell.
        if (ends->front().outcome != TestOutcome::kPassed) return std::vector<WorseMetric>();
        (base ? pairs[i].base : pairs[i].head) = std::move(ends->front().sidecar);
      }
    }
    auto found = against_->confirmed(pairs);
    if (!found) return found.error();
    if (look > 0) {
      std::erase_if(*found, [&](const WorseMetric& one) {
        return std::none_of(worse.begin(), worse.end(),
                            [&](const auto& had) { return had.name == one.name; });
      });
    }
    worse = std::move(*found);
    if (worse.empty()) break;
  }
  return worse;
}

Status Search::take_in_worse(const std::vector<Scenario>& scenarios, const std::vector<TrialEnd>& ends,
                             const std::vector<TrialEnd>& base, Fresh& fresh) {
  KTSTR_ASSERT(against_ != nullptr && base.size() == ends.size());
  std::size_t looked = 0;
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    if (ends[i].outcome != TestOutcome::kPassed || base[i].outcome != TestOutcome::kPassed) continue;
    const auto metrics = against_->suspects({base[i].sidecar, ends[i].sidecar});
    if (!metrics) return metrics.error();
    if (metrics->empty()) continue;
    ++state_.counts.suspects;
    const auto known =
        std::find_if(state_.findings.begin(), state_.findings.end(), [&](const Discovery& finding) {
          return finding.test == scenarios[i].subject->entry.name && names(finding.worse_metrics, *metrics);
        });
    if (known != state_.findings.end()) {
      add_again(*known, scenarios[i].seed);
      continue;
    }
    if (looked == cores_ || out_of_time()) continue;  // a batch looks closely at a few only
    ++looked;
    tell_phase(scenarios[i].seed, ", is it worse with other seeds");
    auto worse = confirmed(*scenarios[i].subject, scenarios[i].test, kLooks);
    if (!worse) return worse.error();
    std::erase_if(*worse, [&](const WorseMetric& one) {
      return std::none_of(metrics->begin(), metrics->end(),
                          [&](const WorseMetric& had) { return had.name == one.name; });
    });
    if (worse->empty()) continue;
    const std::size_t added = add_finding(scenarios[i], "worse than the baseline", worse->front().sentence);
    for (const WorseMetric& metric : *worse) state_.findings[added].worse_metrics.push_back(metric.name);
    fresh.emplace_back(added, i);
  }
  return Ok{};
}

}  // namespace ktstr
