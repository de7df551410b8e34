// SPDX-License-Identifier: Apache-2.0
//
// What BPF programs of a run's schedulers cost: to the verifier when they are loaded, and to the CPUs when
// they run. Pure.
#pragma once
#include <string>
#include <vector>

#include "sidecar/run_document.hpp"

namespace ktstr {

/// Instructions that the kernel's verifier looks at before it refuses a program (BPF_COMPLEXITY_LIMIT_INSNS).
constexpr std::uint64_t kVerifierLimit = 1'000'000;

struct VerifiedProgram {
  std::string name;
  std::uint64_t instructions = 0;  ///< the most of all sidecars
  double limit_percent() const {
    return static_cast<double>(instructions) * 100.0 / static_cast<double>(kVerifierLimit);
  }
  bool near_limit() const { return instructions * 4 >= kVerifierLimit * 3; }
};

struct ProgramRuns {
  std::string name;
  std::uint64_t count = 0, total_ns = 0;
  double average_ns = 0;
};

struct TestProfile {
  std::string test, topology;
  std::vector<ProgramRuns> programs;  ///< the costliest first
};

std::vector<VerifiedProgram> verified_programs(const std::vector<RunDocument>& documents);  ///< by name
std::vector<TestProfile> callback_profile(
    const std::vector<RunDocument>& documents);  ///< in the order of the documents

}  // namespace ktstr
