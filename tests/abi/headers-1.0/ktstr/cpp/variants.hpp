// SPDX-License-Identifier: Apache-2.0
//
// Unique names for the variants of tests: one test may be declared for several schedulers and topologies.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

namespace ktstr::sdk {

/// What tells variants of one test apart.
struct TestVariant {
  std::string test, scheduler, topology;
};

/// For each variant: its test's name, and behind "@" what differs between the variants of that test: "load",
/// "load@mine", "load@mine@1n2l2c1t". Two equal variants get equal names, which is for the caller to refuse.
inline std::vector<std::string> variant_names(const std::vector<TestVariant>& variants) {
  std::map<std::string, std::set<std::string>> schedulers, topologies;
  for (const TestVariant& variant : variants) {
    schedulers[variant.test].insert(variant.scheduler);
    topologies[variant.test].insert(variant.topology);
  }
  std::vector<std::string> names;
  for (const TestVariant& variant : variants) {
    std::string name = variant.test;
    if (schedulers[variant.test].size() > 1) name += "@" + variant.scheduler;
    if (topologies[variant.test].size() > 1) name += "@" + variant.topology;
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace ktstr::sdk
