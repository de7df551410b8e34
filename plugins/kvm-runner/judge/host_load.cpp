// SPDX-License-Identifier: Apache-2.0
#include "judge/host_load.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/numbers.hpp>

namespace ktstr::kvm {
namespace {

double in_seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

std::optional<double> waited_for_others_pct(const HostShare& share, std::uint32_t cpus, std::uint32_t cores) {
  KTSTR_ASSERT(cpus > 0 && cores > 0);
  const double ran = in_seconds(share.ran), waited = in_seconds(share.waited);
  if (ran + waited <= 0) return std::nullopt;
  const double for_each_other = ran * std::max(0.0, static_cast<double>(cpus) / cores - 1);
  return 100 * std::max(0.0, waited - for_each_other) / (ran + waited);
}

std::string overload(const HostShare& share, std::uint32_t cpus, std::uint32_t cores) {
  const std::optional<double> part = waited_for_others_pct(share, cpus, cores);
  if (!part || *part < kOverloadPct) return {};
  return "the host was overloaded: the guest ran for " + kit::fixed(in_seconds(share.ran), 1) +
         " s of CPU time and waited " + kit::fixed(in_seconds(share.waited), 1) + " s for a CPU, " +
         kit::fixed(*part, 0) +
         " % of what it wanted went to others (run it alone, with fewer --jobs, or with --deterministic)";
}

}  // namespace ktstr::kvm
