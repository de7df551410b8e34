// SPDX-License-Identifier: Apache-2.0
//
// The readable report of a test that did not pass.
#pragma once
#include <string>
#include <vector>

#include "dump/scene.hpp"
#include "judge/verdict.hpp"

namespace ktstr::kvm {

struct Section {
  std::string title;
  std::vector<std::string> lines;  ///< safe to show, bounded
  std::string unavailable;         ///< why there are none, where that needs saying
};

/// What is worth reading, the nearest to the failure first; what does not apply to the test is left out.
std::vector<Section> dump_sections(const TestSpec& test, const MachineOutcome& machine,
                                   const Verdict& verdict, const Scene& scene);

}  // namespace ktstr::kvm
