// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "explore/bounds.hpp"
#include "explore/trials.hpp"

namespace ktstr {

/// A test of the project that scenarios are made of.
struct Subject {
  TestEntry entry;
  json::object around;  ///< the rest of its manifest, where that is a list of tests
  std::string list;     ///< the member of `around` that has the tests; empty: the manifest is the test
  json::object test;    ///< the test itself
  Bounds bounds;        ///< without invariants that a limit of the test's stands for

  /// A manifest with this test alone, under the subject's name and `tag`.
  Trial trial(json::object changed, const std::string& tag) const;
};

/// Reads the manifest of `entry` and finds the test in it.
Result<Subject> subject_of(Trials& trials, const TestEntry& entry, const Bounds& bounds);

}  // namespace ktstr
