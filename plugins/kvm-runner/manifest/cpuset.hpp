// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <ktstr/kit/json_reader.hpp>
#include <vector>

#include "machine/machine.hpp"

namespace ktstr::kvm {

/// What the forms are, for errors and documentation.
inline constexpr std::string_view kCpusetForms =
    "an array of CPU numbers, {\"llc\": i}, {\"node\": i}, {\"range\": [from, to]}, {\"part\": [i, n]}, "
    "{\"overlap\": [i, n, share]} or null";

/// CPUs in any of these forms, sorted; null: none, which stands for all of them.
///   [0, 2, 5]                  exactly these
///   {"llc": 1}, {"node": 0}    those of a last-level cache or a NUMA node
///   {"range": [0.25, 0.75]}    from one share of all CPUs to another
///   {"part": [1, 4]}           the second of four disjoint parts of the same size (the last may be larger)
///   {"overlap": [1, 4, 0.5]}   the same, and half of its size more on either side
/// At least one of them must be in `online`.
std::vector<std::uint32_t> parse_cpuset(const Located& located, const Topology& topology,
                                        const std::vector<std::uint32_t>& online);

}  // namespace ktstr::kvm
