// SPDX-License-Identifier: Apache-2.0
#include "analysis/bpf_stats.hpp"

#include <algorithm>
#include <cstdio>
#include <ktstr/kit/text.hpp>
#include <map>

#include "analysis/figures.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

const json::array& array_at(const json::object& object, std::string_view key) {
  static const json::array kEmpty;
  const json::value* value = object.if_contains({key.data(), key.size()});
  return value != nullptr && value->is_array() ? value->get_array() : kEmpty;
}

std::string name_at(const json::object& object) {
  const json::value* value = object.if_contains("name");
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// Counted from outside of the guest by a monitor, or by the kernel itself.
const json::array& program_runs(const json::object& sidecar) {
  if (const json::value* monitor = sidecar.if_contains("monitor");
      monitor != nullptr && monitor->is_object()) {
    const json::array& deltas = array_at(monitor->get_object(), "prog_stats_deltas");
    if (!deltas.empty()) return deltas;
  }
  return array_at(sidecar, "prog_stats");
}

}  // namespace

std::vector<VerifiedProgram> verified_programs(const std::vector<RunDocument>& documents) {
  std::map<std::string, std::uint64_t> most;
  for (const RunDocument& document : documents) {
    for (const json::value& entry : array_at(document.object(), "verifier_stats")) {
      if (!entry.is_object() || name_at(entry.get_object()).empty()) continue;
      std::uint64_t& instructions = most[name_at(entry.get_object())];
      instructions = std::max(instructions, count_at(entry.get_object(), "verified_insns"));
    }
  }
  std::vector<VerifiedProgram> programs;
  for (const auto& [name, instructions] : most) programs.push_back({name, instructions});
  return programs;
}

std::vector<TestProfile> callback_profile(const std::vector<RunDocument>& documents) {
  std::vector<TestProfile> profile;
  for (const RunDocument& document : documents) {
    TestProfile test{document.record.test, document.record.topology, {}};
    for (const json::value& entry : program_runs(document.object())) {
      if (!entry.is_object() || name_at(entry.get_object()).empty()) continue;
      ProgramRuns runs{name_at(entry.get_object()), count_at(entry.get_object(), "cnt"),
                       count_at(entry.get_object(), "nsecs"), 0};
      if (runs.count == 0) continue;
      runs.average_ns = static_cast<double>(runs.total_ns) / static_cast<double>(runs.count);
      test.programs.push_back(std::move(runs));
    }
    std::stable_sort(test.programs.begin(), test.programs.end(),
                     [](const ProgramRuns& a, const ProgramRuns& b) {
                       return a.total_ns != b.total_ns ? a.total_ns > b.total_ns : a.name < b.name;
                     });
    if (!test.programs.empty()) profile.push_back(std::move(test));
  }
  return profile;
}

}  // namespace ktstr
