// SPDX-License-Identifier: Apache-2.0
#include "analysis/group_summary.hpp"

#include <algorithm>
#include <cstdio>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/width.hpp>
#include <map>

#include "support/table.hpp"

namespace ktstr {
namespace {

class Mean {
 public:
  void add(const SidecarRecord& record, std::string_view metric) {
    const auto it = record.values.find(metric);
    if (it == record.values.end()) return;
    sum_ += it->second;
    ++count_;
  }
  std::optional<double> get() const {
    return count_ == 0 ? std::nullopt : std::optional(sum_ / static_cast<double>(count_));
  }

 private:
  double sum_ = 0;
  std::size_t count_ = 0;
};

GroupSummary summarise(const std::string& name, const std::vector<const SidecarRecord*>& records) {
  GroupSummary group;
  group.name = name;
  Mean spread, gap, imbalance, depth, fallback;
  for (const SidecarRecord* record : records) {
    ++group.total;
    // The oldest writers say of a skipped test that it passed as well.
    ++(record->skipped        ? group.skipped
       : record->inconclusive ? group.inconclusive
       : record->passed       ? group.passed
                              : group.failed);
    if (record->skipped) continue;
    for (const CgroupRecord& cgroup : record->cgroups) group.idle_workers += cgroup.idle_workers;
    spread.add(*record, "worst_spread");
    gap.add(*record, "worst_gap_ms");
    imbalance.add(*record, "max_imbalance_ratio");
    depth.add(*record, "max_dsq_depth");
    fallback.add(*record, "total_fallback");
    if (const auto stalls = record->values.find("stuck_count"); stalls != record->values.end())
      group.stalls += stalls->second;
  }
  KTSTR_ASSERT(group.passed + group.failed + group.skipped + group.inconclusive == group.total);
  group.spread = spread.get();
  group.gap_ms = gap.get();
  group.imbalance = imbalance.get();
  group.dsq_depth = depth.get();
  group.fallback = fallback.get();
  return group;
}

}  // namespace

std::vector<GroupSummary> summarise_by(const std::vector<const SidecarRecord*>& records,
                                       std::string SidecarRecord::*field) {
  std::map<std::string, std::vector<const SidecarRecord*>> groups;
  for (const SidecarRecord* record : records) groups[record->*field].push_back(record);
  std::vector<GroupSummary> out;
  for (const auto& [name, own] : groups) out.push_back(summarise(name, own));
  std::uint64_t placed = 0;
  for (const GroupSummary& group : out) placed += group.total;
  KTSTR_ASSERT(placed == records.size());  // each is in one group
  std::stable_sort(out.begin(), out.end(), [](const GroupSummary& a, const GroupSummary& b) {
    return a.spread.value_or(-1) > b.spread.value_or(-1);
  });
  return out;
}

}  // namespace ktstr
