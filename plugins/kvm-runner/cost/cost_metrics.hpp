// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>

#include "cost/counts.hpp"

namespace ktstr::kvm {

/// Instructions per call, in whole ones, and in all: of each operation of sched_ext that was called, of the
/// kernel's own ways to schedule, of the whole scheduler.
void add_cost_metrics(const Counts& counts, std::map<std::string, double>& metrics);

}  // namespace ktstr::kvm
