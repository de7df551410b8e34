// SPDX-License-Identifier: Apache-2.0
//
// What KVM counted for a run's guests. Pure.
#pragma once
#include <span>
#include <vector>

#include "sidecar/run_document.hpp"

namespace ktstr {

struct KvmStats {
  std::uint64_t guests = 0;  ///< that have statistics
  std::uint64_t vcpus = 0;
  std::uint64_t sidecars = 0, emulated = 0;  ///< of the run; those whose accelerator was tcg
  std::uint64_t exits = 0, halt_exits = 0, halt_successful_poll = 0, halt_attempted_poll = 0,
                halt_wait_ns = 0, preemption_reported = 0, signal_exits = 0, hypercalls = 0;
};

struct KvmCounter {
  const char* name;  ///< in the sidecar
  std::uint64_t KvmStats::*field;
};
std::span<const KvmCounter> kvm_counters();

KvmStats sum_kvm_stats(const std::vector<RunDocument>& documents);

}  // namespace ktstr
