// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "cost/counts.hpp"
#include "judge/verdict.hpp"
#include "machine/machine.hpp"
#include "manifest/test_spec.hpp"

namespace ktstr::kvm {

/// What a sidecar says of the circumstances of a run.
struct RunFacts {
  std::string kernel_version, kernel_release;  ///< as the host knows them; empty: unknown
  Accelerator accelerator = Accelerator::kTcg;
  bool deterministic = false;
  std::string qemu_version;
  std::uint64_t seed = 0;
  std::uint32_t cpu_budget = 0;  ///< host CPUs the guest could use
  std::optional<std::string> scheduler_sha256, scheduler_build_id, manifest_sha256;
  std::optional<std::string> resolve_source;  ///< "project" | "path"; nothing with the kernel's own scheduler
};

/// The sidecar of one test: all keys in their canonical order, null for what only the host knows. In
/// deterministic mode nothing but `cleanup_duration_ms` and `timing` depends on the host's time.
std::string write_sidecar(const TestSpec& test, const RunFacts& facts, const MachineOutcome& machine,
                          const Verdict& verdict, const std::optional<Counts>& counts = std::nullopt);

}  // namespace ktstr::kvm
