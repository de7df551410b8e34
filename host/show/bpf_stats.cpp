// SPDX-License-Identifier: Apache-2.0
#include "show/bpf_stats.hpp"

#include <ktstr/kit/text.hpp>
#include <ktstr/kit/width.hpp>

#include "show/cells.hpp"
#include "support/table.hpp"

namespace ktstr {

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
