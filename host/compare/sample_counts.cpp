// SPDX-License-Identifier: Apache-2.0
#include "compare/sample_counts.hpp"

#include <cmath>
#include <ktstr/kit/numbers.hpp>
#include <optional>

namespace ktstr {
namespace {

/// Of equal work the same number of samples is expected. Schedulers merge wake-ups, but not three in four.
constexpr double kFew = 0.25;

std::optional<double> mean_samples(const std::vector<const CgroupRecord*>& side, Happening what) {
  double sum = 0, runs = 0;
  for (const CgroupRecord* record : side) {
    const double samples = record == nullptr ? std::nan("") : record->samples(what);
    if (std::isnan(samples)) continue;
    sum += samples;
    ++runs;
  }
  return runs == 0 ? std::nullopt : std::optional(sum / runs);
}

std::string rounded(double number) { return number < 10 ? significant(number, 3) : fixed(number, 0); }

}  // namespace

std::string Thinning::caution() const {
  return (cgroup->name.empty() ? "" : cgroup->name + " had ") + "only " + rounded(after) + " " +
         std::string(happening_name(what)) + (after == 1 ? "" : "s") + " a run on HEAD, " + rounded(before) +
         " on the baseline";
}

std::vector<Thinning> thinnings(const CgroupTable& cgroups) {
  std::vector<Thinning> out;
  for (const CgroupSeries& series : cgroups.series()) {
    for (const Happening what : {Happening::kWakeups, Happening::kTimers}) {
      const auto before = mean_samples(series.before, what), after = mean_samples(series.after, what);
      if (before && after && *after > 0 && *after < kFew * *before)
        out.push_back({&series, what, *before, *after});
    }
  }
  return out;
}

}  // namespace ktstr
