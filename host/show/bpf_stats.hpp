// SPDX-License-Identifier: Apache-2.0
//
// What BPF programs of a run cost, as people and programs read it. Pure.
#pragma once
#include <string>

#include "analysis/bpf_stats.hpp"

namespace ktstr {

/// Without data: one line that says why.
std::string verifier_text(const std::vector<VerifiedProgram>& programs, std::size_t width);

std::string profile_text(const std::vector<TestProfile>& profile, std::size_t width);

json::value verifier_json(const std::vector<VerifiedProgram>& programs);

json::value profile_json(const std::vector<TestProfile>& profile);

}  // namespace ktstr
