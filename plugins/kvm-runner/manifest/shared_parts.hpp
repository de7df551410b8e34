// SPDX-License-Identifier: Apache-2.0
//
// What the tests of one manifest share: "defaults" that each of them has, and "schedulers" that they name.
// The layers are defaults, scheduler, test; the last one that says something holds, key by key in "assert"
// and "sysctls".
#pragma once
#include <boost/json/value.hpp>
#include <ktstr/kit/json_reader.hpp>
#include <map>
#include <string>

namespace ktstr::kvm {

/// Objects of schedulers by name; null: there is none.
struct Declarations {
  const Located* of_manifest = nullptr;  ///< goes before the project's
  const Located* of_project = nullptr;
};

/// A test with what it shares.
struct WholeTest {
  boost::json::value test;
  std::map<std::string, std::string>
      layers;  ///< who says each of its assertions: "test", "scheduler mine", …
};

/// Names of schedulers become their declarations. `defaults` may be null. `root`: the test is the whole
/// manifest.
WholeTest with_shared(const Located& test, bool root, const Located* defaults,
                      const Declarations& schedulers);

}  // namespace ktstr::kvm
