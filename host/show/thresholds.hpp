// SPDX-License-Identifier: Apache-2.0
//
// What tests demand of their results, as people and programs read it. Pure.
#pragma once
#include <string>
#include <vector>

#include "support/json.hpp"

namespace ktstr {

/// A test, and what its runner tells of its demands (ktstr_test_entry); empty: nothing.
struct TestDemands {
  std::string test, topology, scheduler, demands;
};

/// Each test with a table of its limits and the layer that says each.
Result<std::string> thresholds_text(const std::vector<TestDemands>& tests);

/// [{test, topology, scheduler, demands: [{name, limit, from}]}]; null demands: the runner does not tell.
Result<json::object> thresholds_json(const std::vector<TestDemands>& tests);

}  // namespace ktstr
