// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/kit/json_reader.hpp>
#include <vector>

#include "manifest/test_spec.hpp"

namespace ktstr::kvm {

/// "1n2l4c2t", the name of a preset (topology_presets.hpp), or an object with a key for each part. Where not
/// all are alike, a part is one number for each: "2n1+1l3+1c2+1t30d512+128m" has LLCs for each node, cores
/// and threads for each LLC, distances of the nodes and their memory.
Topology parse_topology(const Located& located);

/// {"gauntlet": {constraints}}: every preset that meets them. None is a mistake.
std::vector<Topology> parse_gauntlet(const Located& located);

}  // namespace ktstr::kvm
