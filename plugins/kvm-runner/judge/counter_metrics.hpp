// SPDX-License-Identifier: Apache-2.0
//
// From the guest's counters at two moments to metrics of the time between them.
#pragma once
#include <map>
#include <string>

#include "result/agent_result.hpp"

namespace ktstr::kvm {

using Metrics = std::map<std::string, double>;

/// What the counters say of the time from one mark to another; a metric whose counter this kernel lacks is
/// absent.
void add_counter_metrics(const Mark& from, const Mark& to, Metrics& metrics);

}  // namespace ktstr::kvm
