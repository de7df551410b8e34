// SPDX-License-Identifier: Apache-2.0
#include "manifest/timeline.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>

namespace ktstr::kvm {
namespace {

/// Follows who is in force.
class Rule {
 public:
  explicit Rule(const TestSpec& test) : test_(test), now_(test.scheduler_name()), last_(now_) {}
  const std::string& now() const { return now_; }

  void follow(const Operation& operation) {
    const std::string_view name = operation.type->name;
    if (!name.ends_with("_scheduler")) return;
    const Value* which = operation.find("scheduler");
    const std::size_t other = which != nullptr ? static_cast<std::size_t>(*which->as<std::int64_t>()) : 0;
    if (name == "detach_scheduler" || (name == "replace_scheduler" && other == 0)) {
      now_ = kKernelScheduler;
    } else {
      now_ = other > 0 ? test_.others.at(other - 1).name : last_;
      last_ = now_;
    }
  }

 private:
  const TestSpec& test_;
  std::string now_, last_;
};

}  // namespace

std::vector<PlannedPhase> planned_phases(const TestSpec& test) {
  Rule rule(test);
  std::vector<PlannedPhase> phases;
  for (const Step& step : test.scenario.steps) {
    phases.push_back({step.label, ""});
    for (const Operation& operation : step.operations) {
      if (operation.type->name == "mark") {
        phases.back().scheduler = rule.now();
        phases.push_back({operation.text("label"), ""});
      }
      rule.follow(operation);
    }
    phases.back().scheduler = rule.now();
  }
  if (phases.empty()) phases.push_back({"", rule.now()});
  KTSTR_ASSERT(
      std::none_of(phases.begin(), phases.end(), [](const auto& one) { return one.scheduler.empty(); }));
  return phases;
}

std::vector<std::string> planned_snapshots(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const Step& step : scenario.steps) {
    for (const Operation& operation : step.operations) {
      if (operation.type->name == "snapshot") names.push_back(operation.text("name"));
    }
  }
  return names;
}

}  // namespace ktstr::kvm
