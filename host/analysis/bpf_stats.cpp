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

std::string verifier_text(const std::vector<VerifiedProgram>& programs, std::size_t width) {
  if (programs.empty())
    return hanging(
        "No data: no sidecar of this run lists verified programs, so no test ran with a BPF scheduler.",
        width, 2);
  std::vector<std::vector<std::string>> table{{"PROGRAM", "VERIFIED", "LIMIT%", ""}};
  std::vector<std::string> close;
  std::uint64_t total = 0;
  for (const VerifiedProgram& program : programs) {
    total += program.instructions;
    table.push_back({printable(program.name), std::to_string(program.instructions),
                     one_decimal(program.limit_percent()), program.near_limit() ? "!" : ""});
    if (program.near_limit())
      close.push_back(printable(program.name) + " (" + one_decimal(program.limit_percent()) + " %)");
  }
  std::string out = text_table(table, {1, 2}, width) + "total: " + std::to_string(total) +
                    " instructions in " + std::to_string(programs.size()) + " program(s)\n";
  if (!close.empty()) {
    out += hanging("warning: close to the verifier's limit of " + std::to_string(kVerifierLimit) +
                       " instructions, beyond which a program does not load: " + join(close, ", "),
                   width, 2);
  }
  return out;
}

std::string profile_text(const std::vector<TestProfile>& profile, std::size_t width) {
  if (profile.empty())
    return hanging("No data: no sidecar of this run counts runs of BPF programs.", width, 2);
  std::string out;
  for (const TestProfile& test : profile) {
    std::vector<std::vector<std::string>> table{{"  PROGRAM", "CNT", "TOTAL_NS", "AVG_NS"}};
    for (const ProgramRuns& runs : test.programs)
      table.push_back({"  " + printable(runs.name), std::to_string(runs.count), std::to_string(runs.total_ns),
                       one_decimal(runs.average_ns)});
    out += hanging(printable(test.test) + " (" + printable(test.topology) + ")", width, 2) +
           text_table(table, {1, 2, 3}, width);
  }
  return out;
}

json::value verifier_json(const std::vector<VerifiedProgram>& programs) {
  json::array out;
  for (const VerifiedProgram& program : programs) {
    out.push_back({{"program", program.name},
                   {"verified_insns", program.instructions},
                   {"limit_pct", program.limit_percent()},
                   {"near_limit", program.near_limit()}});
  }
  return {{"limit", kVerifierLimit}, {"programs", std::move(out)}};
}

json::value profile_json(const std::vector<TestProfile>& profile) {
  json::array out;
  for (const TestProfile& test : profile) {
    json::array programs;
    for (const ProgramRuns& runs : test.programs)
      programs.push_back({{"program", runs.name},
                          {"cnt", runs.count},
                          {"total_ns", runs.total_ns},
                          {"avg_ns", runs.average_ns}});
    out.push_back({{"test", test.test}, {"topology", test.topology}, {"programs", std::move(programs)}});
  }
  return out;
}

}  // namespace ktstr
