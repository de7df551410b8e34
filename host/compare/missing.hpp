// SPDX-License-Identifier: Apache-2.0
//
// What a comparison should have and has not: scenarios that one side's invocations meant to measure and that
// left no numbers. Pure.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "compare/comparison.hpp"
#include "compare/conclusion.hpp"
#include "sidecar/run_manifest.hpp"
#include "sidecar/sidecar.hpp"

namespace ktstr {

using Records = std::vector<const SidecarRecord*>;

/// The sidecars of one scenario.
struct ScenarioSides {
  Records baseline, head;
  const Records& of(bool is_head) const { return is_head ? head : baseline; }
};
using Scenarios = std::map<ScenarioKey, ScenarioSides>;

/// Which scenarios a side's invocations knew of, and what became of each.
class SidePlan {
 public:
  /// Borrows the manifests. None: nobody knows.
  explicit SidePlan(const std::vector<RunManifest>& manifests);

  struct Entry {
    const RunManifest* run;
    const PlannedTest* test;
  };
  bool known() const { return known_; }
  bool has_performance_tests() const { return !by_name_.empty(); }
  /// What the manifests say of a scenario; of several runs the one with the same kernel, and of these one
  /// that meant to run it. Null: they have no such performance test. An empty field of the key stands for
  /// any, as does the work type of what was skipped.
  const Entry* find(const ScenarioKey& key) const;
  std::vector<Entry> performance_tests() const;
  const std::vector<RunManifest>& runs() const { return runs_; }

 private:
  const std::vector<RunManifest>& runs_;
  bool known_ = false;
  std::multimap<std::string, Entry> by_name_;
};

/// How a scenario is named in the manifests of a side: along an axis the sides differ in its dimension.
using NamedOnSide = std::function<ScenarioKey(const ScenarioKey&, bool head)>;

struct MissingRequest {
  const Scenarios& scenarios;
  const SidePlan &baseline, &head;
  const Filter& filter;
  NamedOnSide named;
  bool baseline_has_tests = true,
       head_has_tests = true;  ///< a side without any has none that could be missing
};

struct Missing {
  std::vector<Shortfall> shortfalls;
  std::uint64_t only_head = 0, only_baseline = 0;  ///< "new" and "removed": the other side has no such test
  std::vector<std::string> notes, warnings;
};

/// Looks at the scenarios of one side only, and at the tests that left no sidecar at all.
Missing find_missing(const MissingRequest& request);

/// Scenarios that both sides have, of which one or both have nothing to compare.
void note_not_passed(const ScenarioKey& key, const ScenarioSides& sides, const SidePlan& baseline,
                     const SidePlan& head, const NamedOnSide& named, std::vector<Shortfall>& shortfalls);

}  // namespace ktstr
