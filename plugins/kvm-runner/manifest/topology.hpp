// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/kit/json_reader.hpp>

#include "manifest/test_spec.hpp"

namespace ktstr::kvm {

/// "1n2l4c2t", or an object with a key for each part.
Topology parse_topology(const Located& located);

}  // namespace ktstr::kvm
