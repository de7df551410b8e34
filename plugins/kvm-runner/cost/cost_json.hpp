// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/kit/json_writer.hpp>

#include "cost/counts.hpp"

namespace ktstr::kvm {

/// The object `cost` of a sidecar: operations, BPF programs and the functions that count most.
void write_cost(kit::JsonWriter& json, const Counts& counts);

}  // namespace ktstr::kvm
