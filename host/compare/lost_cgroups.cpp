// SPDX-License-Identifier: Apache-2.0
#include "compare/lost_cgroups.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>
#include <set>
#include <string>

#include "compare/sameness.hpp"

namespace ktstr {
namespace {

using Records = std::vector<const SidecarRecord*>;

/// Older files have their cgroups without names: which is which is not known.
bool has_nameless(const SidecarRecord& record) {
  return std::any_of(record.cgroups.begin(), record.cgroups.end(),
                     [](const CgroupRecord& cgroup) { return cgroup.name.empty(); });
}

bool has(const SidecarRecord& record, const std::string& name) {
  return has_nameless(record) || std::any_of(record.cgroups.begin(), record.cgroups.end(),
                                             [&](const CgroupRecord& cgroup) { return cgroup.name == name; });
}

}  // namespace

std::vector<Shortfall> lost_cgroups(const ScenarioKey& key, const Records& baseline, const Records& head) {
  std::set<std::string> names;
  for (const Records* side : {&baseline, &head}) {
    for (const SidecarRecord* record : *side) {
      for (const CgroupRecord& cgroup : record->cgroups) names.insert(cgroup.name);
    }
  }
  names.erase("");
  const bool expected = same_manifest(baseline, head);
  std::vector<Shortfall> lost;
  for (const std::string& name : names) {
    for (const bool is_head : {true, false}) {
      const Records& runs = is_head ? head : baseline;
      const auto without = static_cast<std::size_t>(
          std::count_if(runs.begin(), runs.end(), [&](const auto* record) { return !has(*record, name); }));
      if (without == 0) continue;
      const bool some = without < runs.size();
      const std::string part =
          some ? " in " + std::to_string(without) + " of " + std::to_string(runs.size()) + " runs" : "";
      lost.push_back({ShortfallKind::kNoCgroup, is_head, shown(key), printable(name) + part, !expected});
    }
  }
  return lost;
}

}  // namespace ktstr
