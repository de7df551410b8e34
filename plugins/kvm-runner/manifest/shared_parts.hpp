// SPDX-License-Identifier: Apache-2.0
//
// What the tests of one manifest share: "defaults" that each of them has, and "schedulers" that they name.
// The layers are defaults, scheduler, test; the last one that says something holds, key by key in "assert"
// and "sysctls".
#pragma once
#include <boost/json/value.hpp>
#include <ktstr/kit/json_reader.hpp>

namespace ktstr::kvm {

/// The test with what it shares. `defaults` and `schedulers` may be null.
boost::json::value with_shared(const Located& test, const Located* defaults, const Located* schedulers);

}  // namespace ktstr::kvm
