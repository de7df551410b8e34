// SPDX-License-Identifier: Apache-2.0
#include "analysis/kvm_stats.hpp"

#include <array>
#include <cstdio>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "analysis/figures.hpp"
#include "support/table.hpp"

namespace ktstr {
std::span<const KvmCounter> kvm_counters() {
  static constexpr auto kCounters = std::to_array<KvmCounter>({
      {"exits", &KvmStats::exits},
      {"halt_exits", &KvmStats::halt_exits},
      {"halt_successful_poll", &KvmStats::halt_successful_poll},
      {"halt_attempted_poll", &KvmStats::halt_attempted_poll},
      {"halt_wait_ns", &KvmStats::halt_wait_ns},
      {"preemption_reported", &KvmStats::preemption_reported},
      {"signal_exits", &KvmStats::signal_exits},
      {"hypercalls", &KvmStats::hypercalls},
  });
  return kCounters;
}

KvmStats sum_kvm_stats(const std::vector<RunDocument>& documents) {
  KvmStats sum;
  for (const RunDocument& document : documents) {
    ++sum.sidecars;
    if (document.record.accelerator == "tcg") ++sum.emulated;
    const json::value* kvm = document.object().if_contains("kvm_stats");
    const json::value* vcpus =
        kvm != nullptr && kvm->is_object() ? kvm->get_object().if_contains("per_vcpu") : nullptr;
    if (vcpus == nullptr || !vcpus->is_array() || vcpus->get_array().empty()) continue;
    ++sum.guests;
    for (const json::value& vcpu : vcpus->get_array()) {
      if (!vcpu.is_object()) continue;
      ++sum.vcpus;
      for (const KvmCounter& counter : kvm_counters())
        sum.*counter.field += count_at(vcpu.get_object(), counter.name);
    }
  }
  KTSTR_ASSERT(sum.guests <= sum.sidecars && sum.emulated <= sum.sidecars);
  return sum;
}

}  // namespace ktstr
