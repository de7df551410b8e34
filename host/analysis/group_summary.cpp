// SPDX-License-Identifier: Apache-2.0
#include "analysis/group_summary.hpp"

#include <algorithm>
#include <cstdio>
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

std::string fixed(double value, int digits) {
  char text[400];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

json::value or_null(const std::optional<double>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

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
  std::stable_sort(out.begin(), out.end(), [](const GroupSummary& a, const GroupSummary& b) {
    return a.spread.value_or(-1) > b.spread.value_or(-1);
  });
  return out;
}

std::string groups_text(const std::vector<GroupSummary>& groups, std::size_t width) {
  std::size_t longest = 0;
  for (const GroupSummary& group : groups) longest = std::max(longest, display_width(printable(group.name)));
  std::string out;
  for (const GroupSummary& group : groups) {
    const std::string name = printable(group.name);
    std::string line = "  " + pad_right(name, longest) + "  " + std::to_string(group.passed) + "/" +
                       std::to_string(group.total) + " passed";
    std::vector<std::string> others;
    for (const auto& [count, what] : {std::pair{group.skipped, "skipped"},
                                      {group.failed, "failed"},
                                      {group.inconclusive, "inconclusive"}}) {
      if (count > 0) others.push_back(std::to_string(count) + " " + what);
    }
    if (!others.empty()) line += " (" + join(others, ", ") + ")";
    if (group.spread) line += "  avg_spread=" + fixed(*group.spread, 1) + "%";
    if (group.gap_ms) line += "  avg_gap=" + fixed(*group.gap_ms, 0) + "ms";
    if (group.imbalance && *group.imbalance > 1) line += "  imbal=" + fixed(*group.imbalance, 1);
    if (group.dsq_depth && *group.dsq_depth > 0) line += "  dsq=" + fixed(*group.dsq_depth, 0);
    if (group.stalls > 0) line += "  stalls=" + fixed(group.stalls, 0);
    if (group.fallback && *group.fallback > 0) line += "  fallback=" + fixed(*group.fallback, 0);
    if (group.idle_workers > 0) line += "  starved=" + std::to_string(group.idle_workers);
    out += hanging(line, width, 6);
  }
  return out;
}

json::value groups_json(const std::vector<GroupSummary>& groups) {
  json::array out;
  for (const GroupSummary& group : groups) {
    out.push_back({{"name", group.name},
                   {"total", group.total},
                   {"passed", group.passed},
                   {"skipped", group.skipped},
                   {"failed", group.failed},
                   {"inconclusive", group.inconclusive},
                   {"avg_spread_pct", or_null(group.spread)},
                   {"avg_gap_ms", or_null(group.gap_ms)},
                   {"avg_imbalance", or_null(group.imbalance)},
                   {"avg_dsq_depth", or_null(group.dsq_depth)},
                   {"stalls", group.stalls},
                   {"workers_without_iterations", group.idle_workers},
                   {"avg_fallback", or_null(group.fallback)}});
  }
  return out;
}

}  // namespace ktstr
