// SPDX-License-Identifier: Apache-2.0
#include "compare/side_notes.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>

namespace ktstr {
namespace {

using Records = std::vector<const SidecarRecord*>;
constexpr std::string_view kDirty = "-dirty";

template <typename Value>
std::set<std::string> values_of(const Records& side, Value value) {
  std::set<std::string> out;
  for (const SidecarRecord* record : side) {
    if (const std::string text = value(*record); !text.empty()) out.insert(text);
  }
  return out;
}

std::string joined(const std::set<std::string>& values) { return printable(join(values, " | ")); }

std::string without_dirty(const std::string& label) {
  return label.ends_with(kDirty) ? label.substr(0, label.size() - kDirty.size()) : label;
}

void warn_of_dirty_builds(const Records& all, std::vector<std::string>& warnings) {
  std::vector<std::string> found;
  for (const auto& [what, field] : {std::pair{"project ", &SidecarRecord::project_commit},
                                    {"kernel source ", &SidecarRecord::kernel_commit}}) {
    for (const std::string& label :
         values_of(all, [member = field](const SidecarRecord& r) { return r.*member; })) {
      if (label.ends_with(kDirty)) found.push_back(what + printable(label));
    }
  }
  if (found.empty()) return;
  warnings.push_back(
      "built from uncommitted changes: " + join(found, ", ") +
      "; every such run overwrites the one before, so commit for a comparison that can be repeated");
}

void warn_of_budgets(const char* side, const Records& records, std::vector<std::string>& warnings) {
  std::set<std::int64_t> budgets;
  std::set<std::string> short_of;
  for (const SidecarRecord* record : records) {
    if (!record->cpu_budget || !record->vcpus) continue;
    budgets.insert(*record->cpu_budget);
    if (*record->cpu_budget < *record->vcpus) {
      short_of.insert(record->test + " (" + std::to_string(*record->vcpus) + " guest CPUs on " +
                      std::to_string(*record->cpu_budget) + ")");
    }
  }
  if (!short_of.empty())
    warnings.push_back(std::string(side) + " was overcommitted: " + joined(short_of) +
                       "; its latencies hold the host's waiting times too");
}

void warn_of_unequal_budgets(const Records& baseline, const Records& head,
                             std::vector<std::string>& warnings) {
  const auto budgets = [](const Records& side) {
    return values_of(side, [](const SidecarRecord& r) {
      return r.cpu_budget ? r.test + " " + r.topology + ": " + std::to_string(*r.cpu_budget) : std::string();
    });
  };
  const auto before = budgets(baseline), after = budgets(head);
  std::set<std::string> tests;
  std::set<std::string> all = before;
  all.insert(after.begin(), after.end());
  std::set<std::string> mixed;
  for (const std::string& one : all) {
    const std::string test = one.substr(0, one.rfind(':'));
    if (!tests.insert(test).second) mixed.insert(test);
  }
  if (!mixed.empty()) warnings.push_back("runs with different CPU budgets are compared: " + joined(mixed));
}

/// Virtual time does not pass faster or slower with the host.
std::vector<const HostReadings*> readings_in_real_time(const Records& side) {
  std::vector<const HostReadings*> readings;
  for (const SidecarRecord* record : side) {
    if (record->time_source != "virtual") readings.push_back(&record->host_readings);
  }
  return readings;
}

}  // namespace

std::string shown_commits(const std::set<std::string>& labels) {
  std::set<std::string> shown;
  for (const std::string& label : labels) {
    const std::string base = without_dirty(label);
    shown.insert(labels.contains(base) && labels.contains(base + std::string(kDirty)) ? base + "+mixed"
                                                                                      : label);
  }
  return joined(shown);
}

std::vector<HostDifference> host_differences(const Records& baseline, const Records& head) {
  const auto identity = [](const Records& side) {
    std::vector<const HostIdentity*> hosts;
    for (const SidecarRecord* record : side) hosts.push_back(&record->host_identity);
    return merged_identity(hosts);
  };
  const HostIdentity before = identity(baseline), after = identity(head);
  return before.empty() || after.empty() ? std::vector<HostDifference>() : host_delta(before, after);
}

std::string host_note(const HostDifference& difference) {
  return "measured on different hosts: " + printable(difference.key) + " " + printable(difference.before) +
         " -> " + printable(difference.after);
}

std::vector<std::string> weaknesses(const Records& baseline, const Records& head, bool cached) {
  std::vector<std::string> warnings;
  if (cached) {
    Records all = baseline;
    all.insert(all.end(), head.begin(), head.end());
    warn_of_dirty_builds(all, warnings);
  }
  for (const auto& [name, side] : {std::pair{"the baseline", &baseline}, {"HEAD", &head}}) {
    const std::string commits =
        shown_commits(values_of(*side, [](const SidecarRecord& r) { return r.project_commit; }));
    if (commits.find("+mixed") != std::string::npos)
      warnings.push_back(std::string(name) +
                         " mixes runs of a commit and of uncommitted changes on it: " + commits);
    warn_of_budgets(name, *side, warnings);
  }
  warn_of_unequal_budgets(baseline, head, warnings);
  for (std::string& line : host_drift(readings_in_real_time(baseline), readings_in_real_time(head)))
    warnings.push_back(std::move(line));
  return warnings;
}

}  // namespace ktstr
