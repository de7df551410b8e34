// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/kit/json_reader.hpp>
#include <vector>

#include "manifest/test_spec.hpp"

namespace ktstr::kvm {

/// "expect" of a test whose scenario is known. Every mistake throws.
std::vector<Expectation> parse_expectations(const Located& located, const TestSpec& test);

}  // namespace ktstr::kvm
