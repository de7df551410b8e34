// SPDX-License-Identifier: Apache-2.0
#include "show/group_summary.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/width.hpp>

#include "show/cells.hpp"
#include "support/table.hpp"

namespace ktstr {

std::string groups_text(const std::vector<GroupSummary>& groups, std::size_t width) {
  std::size_t longest = 0;
  for (const GroupSummary& group : groups) longest = std::max(longest, display_width(printable(group.name)));
  std::string out;
  for (const GroupSummary& group : groups) {
    const std::string name = printable(group.name);
    KTSTR_ASSERT(group.passed + group.skipped + group.failed + group.inconclusive <= group.total);
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
