// SPDX-License-Identifier: Apache-2.0
//
// What KVM counted, as people and programs read it. Pure.
#pragma once
#include <string>

#include "analysis/kvm_stats.hpp"

namespace ktstr {

/// Means per virtual CPU. Without data: one line that says why.
std::string kvm_text(const KvmStats& stats, std::size_t width);

json::value kvm_json(const KvmStats& stats);

}  // namespace ktstr
