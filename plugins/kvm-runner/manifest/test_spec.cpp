// SPDX-License-Identifier: Apache-2.0
#include "manifest/test_spec.hpp"

#include <algorithm>

namespace ktstr::kvm {

const SchedulerSpec* TestSpec::find_scheduler(std::string_view wanted) const {
  if (scheduler && scheduler->name == wanted) return &*scheduler;
  const auto found = std::find_if(others.begin(), others.end(),
                                  [&](const SchedulerSpec& one) { return one.name == wanted; });
  return found == others.end() ? nullptr : &*found;
}

std::string TestSpec::work_type() const {
  std::vector<std::string_view> seen;
  std::string joined;
  for (const WorkerSet& set : scenario.sets) {
    const std::string_view type = set.work.type->name;
    if (std::find(seen.begin(), seen.end(), type) != seen.end()) continue;
    seen.push_back(type);
    if (!joined.empty()) joined += '+';
    joined += type;
  }
  return joined;
}

}  // namespace ktstr::kvm
