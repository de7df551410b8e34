// SPDX-License-Identifier: Apache-2.0
#include "compare/missing.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <set>
#include <tuple>

namespace ktstr {
namespace {

/// A scenario without the machine that ran it.
using Variant = std::tuple<std::string, std::string, std::string, std::string>;

Variant variant_of(const ScenarioKey& key) { return {key.test, key.topology, key.scheduler, key.work_type}; }

ScenarioKey key_of(const SidePlan::Entry& planned) {
  KTSTR_ASSERT(planned.test != nullptr && planned.run != nullptr);
  const PlannedTest& test = *planned.test;
  return {test.test,
          test.topology,
          test.scheduler,
          test.work_type,
          planned.run->kernel,
          planned.run->accelerator,
          planned.run->time_source};
}

/// Sidecars of skipped tests name no work type.
constexpr std::string_view kSkippedWork = "skipped";

bool fits(const std::string& wanted, const std::string& have) {
  return wanted.empty() || wanted == kSkippedWork || wanted == have;
}

const char* side_name(bool head) { return head ? "HEAD" : "the baseline"; }

Shortfall lacking(ShortfallKind kind, bool head, const ScenarioKey& key, std::string reason = {},
                  bool minor = false) {
  return {kind, head, shown(key), std::move(reason), minor};
}

/// Why a test that a side's manifests have left no result there.
Shortfall explained(const SidePlan::Entry& planned, bool head) {
  const PlannedTest& test = *planned.test;
  const ScenarioKey key = key_of(planned);
  std::string reason = printable(test.reason);
  if (!test.selected) return lacking(ShortfallKind::kLeftOut, head, key);
  if (test.outcome == "error") return lacking(ShortfallKind::kCouldNotRun, head, key, reason);
  if (test.outcome == "skipped") return lacking(ShortfallKind::kSkipped, head, key, reason);
  if (test.outcome == "failed" || test.outcome == "inconclusive")
    return lacking(ShortfallKind::kDidNotPass, head, key, reason);
  if (test.outcome.empty()) return lacking(ShortfallKind::kUnfinished, head, key);
  return lacking(ShortfallKind::kUnpaired, head, key,
                 "it " + printable(test.outcome) + ", but its sidecar is not there");
}

class Finder {
 public:
  explicit Finder(const MissingRequest& request) : request_(request) {
    for (const auto& [key, sides] : request.scenarios) {
      by_variant_[variant_of(key)].push_back({&key, &sides});
      for (const bool head : {false, true}) {
        const ScenarioKey own = request.named(key, head);
        if (!sides.of(head).empty())
          kernels_[head ? 1 : 0][{own.test, own.topology, own.scheduler}].insert(own.kernel);
      }
    }
  }

  Missing run() {
    for (const auto& [key, sides] : request_.scenarios) {
      if (sides.head.empty()) one_sided(key, sides, true);
      if (sides.baseline.empty()) one_sided(key, sides, false);
    }
    for (const bool head : {false, true}) {
      for (const SidePlan::Entry& planned : plan(head).performance_tests()) without_sidecar(planned, head);
      for (const RunManifest& run : plan(head).runs()) early_end(run, head);
      if (unknown_[head ? 1 : 0] == 0) continue;
      found_.notes.push_back(
          "which tests " + std::string(side_name(head)) +
          " had is not recorded (its runs come from an older ktstr or were copied without their manifest): " +
          std::to_string(unknown_[head ? 1 : 0]) + " of them count as " + (head ? "removed" : "new"));
    }
    KTSTR_ASSERT(unknown_[0] <= found_.only_head && unknown_[1] <= found_.only_baseline);
    return std::move(found_);
  }

 private:
  using Place = std::pair<const ScenarioKey*, const ScenarioSides*>;

  const SidePlan& plan(bool head) const { return head ? request_.head : request_.baseline; }
  void add(Shortfall shortfall) { found_.shortfalls.push_back(std::move(shortfall)); }

  /// The scenario is there on one side; `head` is the one that lacks it.
  void one_sided(const ScenarioKey& key, const ScenarioSides& sides, bool head) {
    KTSTR_ASSERT(sides.of(head).empty() && !sides.of(!head).empty());
    if (elsewhere(key, head)) return;
    const SidePlan::Entry* planned = plan(head).find(request_.named(key, head));
    if (planned != nullptr) {
      told_[head ? 1 : 0].insert(variant_of(key_of(*planned)));
      return add(explained(*planned, head));
    }
    ++(head ? found_.only_baseline : found_.only_head);
    if (!plan(head).known() && (head ? request_.head_has_tests : request_.baseline_has_tests)) {
      ++unknown_[head ? 1 : 0];
      add(lacking(ShortfallKind::kUnpaired, head, key, {}, true));
    }
    // New and without numbers: nothing could have been compared, but nothing is fine either.
    const Records& there = sides.of(!head);
    if (!head && std::none_of(there.begin(), there.end(), [](const SidecarRecord* r) { return r->counts(); }))
      add(lacking(ShortfallKind::kDidNotPass, true, key, {}, true));
  }

  /// The side that lacks it has it, but from another kernel, accelerator or clock.
  bool elsewhere(const ScenarioKey& key, bool head) {
    bool compared = false;
    const ScenarioKey* other = nullptr;
    for (const auto& [there, sides] : by_variant_[variant_of(key)]) {
      if (sides->of(head).empty()) continue;
      (sides->of(!head).empty() ? other : (compared = true, other)) = there;
    }
    if (other == nullptr) return false;
    const bool kernel = other->kernel != key.kernel;
    const auto text = [&](const ScenarioKey& one) {
      return printable(kernel ? "kernel " + one.kernel : one.accelerator + "/" + one.time_source);
    };
    if (compared) {  // the pair decides; that one side has more than that is no harm
      add(lacking(ShortfallKind::kUnpaired, head, key, text(key) + " on " + side_name(!head) + " only",
                  true));
    } else if (head) {
      add(lacking(kernel ? ShortfallKind::kOtherKernel : ShortfallKind::kOtherMachine, true, key,
                  text(key) + " on the baseline, " + text(*other) + " on HEAD"));
    }
    return true;
  }

  /// No sidecar of the side has it. Where only the other side has one, that was told above.
  void without_sidecar(const SidePlan::Entry& planned, bool head) {
    const ScenarioKey key = key_of(planned);
    if (!request_.filter.matches(key.subject()) || has_sidecar(key, head)) return;
    if (!told_[head ? 1 : 0].insert(variant_of(key)).second) return;
    Shortfall shortfall = explained(planned, head);
    const SidePlan& others = plan(!head);
    const bool removed =
        !head && others.known() &&
        others.find(request_.named({key.test, key.topology, key.scheduler, key.work_type, "", "", ""},
                                   !head)) == nullptr;
    shortfall.minor = removed || beside_the_point(key, head) || shortfall.kind == ShortfallKind::kLeftOut ||
                      shortfall.kind == ShortfallKind::kSkipped;
    add(std::move(shortfall));
  }

  /// The pair was measured on another kernel, and the other side was not measured on this one.
  bool beside_the_point(const ScenarioKey& key, bool head) const {
    const auto found = by_variant_.find(variant_of(key));
    if (found == by_variant_.end()) return false;
    const bool compared = std::any_of(found->second.begin(), found->second.end(), [](const Place& place) {
      return !place.second->baseline.empty() && !place.second->head.empty();
    });
    const auto& runs = plan(!head).runs();
    return compared &&
           std::none_of(runs.begin(), runs.end(),
                        [&](const RunManifest& run) { return run.kernel == key.kernel; }) &&
           std::none_of(found->second.begin(), found->second.end(), [&](const Place& place) {
             return place.first->kernel == key.kernel && !place.second->of(!head).empty();
           });
  }

  /// Of a side's own test, whose work type goes without saying, and along an axis of kernels its kernel too.
  bool has_sidecar(const ScenarioKey& key, bool head) const {
    const auto found = kernels_[head ? 1 : 0].find({key.test, key.topology, key.scheduler});
    return found != kernels_[head ? 1 : 0].end() &&
           (key.kernel.empty() || found->second.contains(key.kernel) || found->second.contains(""));
  }

  void early_end(const RunManifest& run, bool head) {
    if (run.complete()) return;
    const auto open = std::count_if(run.tests.begin(), run.tests.end(),
                                    [](const PlannedTest& t) { return t.selected && t.outcome.empty(); });
    found_.warnings.push_back("the run of " + std::string(side_name(head)) + " on kernel " +
                              printable(run.kernel.empty() ? "unknown" : run.kernel) + ", started " +
                              printable(run.started) + ", did not come to its end: " + std::to_string(open) +
                              " of its tests have no result");
  }

  const MissingRequest& request_;
  std::map<Variant, std::vector<Place>> by_variant_;
  std::map<std::tuple<std::string, std::string, std::string>, std::set<std::string>>
      kernels_[2];             ///< by side and test: those with sidecars
  std::set<Variant> told_[2];  ///< by side
  std::uint64_t unknown_[2] = {0, 0};
  Missing found_;
};

}  // namespace

SidePlan::SidePlan(const std::vector<RunManifest>& manifests) : runs_(manifests) {
  for (const RunManifest& run : manifests) {
    known_ = true;
    for (const PlannedTest& test : run.tests) {
      if (test.performance_mode) by_name_.emplace(test.test, Entry{&run, &test});
    }
  }
}

const SidePlan::Entry* SidePlan::find(const ScenarioKey& key) const {
  const Entry* best = nullptr;
  const auto worth = [&](const Entry& entry) {
    return (fits(key.kernel, entry.run->kernel) ? 2 : 0) + (entry.test->selected ? 1 : 0);
  };
  const auto [begin, end] = by_name_.equal_range(key.test);
  for (auto at = begin; at != end; ++at) {
    const PlannedTest& test = *at->second.test;
    if (!fits(key.topology, test.topology) || !fits(key.scheduler, test.scheduler) ||
        !fits(key.work_type, test.work_type))
      continue;
    if (best == nullptr || worth(at->second) > worth(*best)) best = &at->second;
  }
  KTSTR_ASSERT(best == nullptr || best->test->test == key.test);
  return best;
}

std::vector<SidePlan::Entry> SidePlan::performance_tests() const {
  std::vector<Entry> all;
  for (const auto& [name, entry] : by_name_) all.push_back(entry);
  return all;
}

Missing find_missing(const MissingRequest& request) { return Finder(request).run(); }

void note_not_passed(const ScenarioKey& key, const ScenarioSides& sides, const SidePlan& baseline,
                     const SidePlan& head, const NamedOnSide& named, std::vector<Shortfall>& shortfalls) {
  std::vector<Shortfall> none;  // of a side nothing counts
  bool all_skipped = true;
  for (const bool is_head : {true, false}) {
    const Records& records = sides.of(is_head);
    KTSTR_ASSERT(!records.empty());  // else there is no pair
    const auto counting = static_cast<std::size_t>(
        std::count_if(records.begin(), records.end(), [](const SidecarRecord* r) { return r->counts(); }));
    const bool skipped = std::all_of(records.begin(), records.end(), [](const SidecarRecord* r) {
      return r->skipped || r->expected_failure;
    });
    const SidePlan::Entry* planned = (is_head ? head : baseline).find(named(key, is_head));
    const std::string reason = planned == nullptr ? "" : printable(planned->test->reason);
    all_skipped = all_skipped && skipped;
    if (counting == 0)
      none.push_back(
          lacking(skipped ? ShortfallKind::kSkipped : ShortfallKind::kDidNotPass, is_head, key, reason));
    // Some runs less are no gap, but not what was asked for either.
    if (counting > 0 && counting < records.size()) {
      const std::string part =
          std::to_string(records.size() - counting) + " of " + std::to_string(records.size()) + " runs";
      shortfalls.push_back(lacking(ShortfallKind::kDidNotPass, is_head, key, part, true));
    }
    const bool some_could_not_run = counting > 0 && planned != nullptr && planned->test->outcome == "error";
    if (some_could_not_run)
      shortfalls.push_back(lacking(ShortfallKind::kCouldNotRun, is_head, key, reason, true));
  }
  for (Shortfall& one : none) {
    one.minor = all_skipped;  // neither side was meant to have numbers
    shortfalls.push_back(std::move(one));
  }
}

}  // namespace ktstr
