// SPDX-License-Identifier: Apache-2.0
#include "show/kvm_stats.hpp"

#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/width.hpp>

#include "show/cells.hpp"
#include "support/table.hpp"

namespace ktstr {

std::string kvm_text(const KvmStats& stats, std::size_t width) {
  if (stats.guests == 0 || stats.exits == 0 || stats.vcpus == 0) {
    return hanging(stats.sidecars > 0 && stats.emulated == stats.sidecars
                       ? "No data: all guests of this run were emulated (accelerator tcg)."
                       : "No data: no sidecar of this run has KVM statistics.",
                   width, 2);
  }
  const auto per_vcpu = [&](std::uint64_t total) {
    return one_decimal(static_cast<double>(total) / static_cast<double>(stats.vcpus));
  };
  std::string out;
  const auto line = [&](const char* name, const std::string& value) {
    KTSTR_ASSERT(std::string_view(name).size() <= 18);
    out += "  " + std::string(name) + std::string(18 - std::string_view(name).size(), ' ') + value + "\n";
  };
  line("exits/vcpu", per_vcpu(stats.exits));
  line("halt/vcpu", per_vcpu(stats.halt_exits));
  line("halt_wait_ms/vcpu",
       one_decimal(static_cast<double>(stats.halt_wait_ns) / 1e6 / static_cast<double>(stats.vcpus)));
  if (stats.halt_attempted_poll > 0)
    line("poll_ok%", one_decimal(100.0 * static_cast<double>(stats.halt_successful_poll) /
                                 static_cast<double>(stats.halt_attempted_poll)));
  line("preempted/vcpu", per_vcpu(stats.preemption_reported));
  line("signal/vcpu", per_vcpu(stats.signal_exits));
  if (stats.hypercalls > 0) line("hypercalls/vcpu", per_vcpu(stats.hypercalls));
  if (stats.preemption_reported > 0) {
    out += hanging("warning: the host preempted virtual CPUs " + std::to_string(stats.preemption_reported) +
                       " times: times measured inside of the guests contain that",
                   width, 2);
  }
  return out;
}

json::value kvm_json(const KvmStats& stats) {
  json::object totals;
  for (const KvmCounter& counter : kvm_counters()) totals[counter.name] = stats.*counter.field;
  return {{"guests", stats.guests}, {"vcpus", stats.vcpus}, {"totals", std::move(totals)}};
}

}  // namespace ktstr
