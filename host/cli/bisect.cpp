// SPDX-License-Identifier: Apache-2.0
#include "delta/bisect.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/text.hpp>
#include <memory>

#include "cli/cli.hpp"
#include "report/reports.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

struct BisectFlags {
  BisectRequest request;
  std::vector<std::string> gates;
  std::string filter;
  bool json = false;
};

std::string amount(double value) { return std::isfinite(value) ? significant(value, 4) : "-"; }
std::string change(double relative) {
  if (!std::isfinite(relative)) return "-";
  return (relative < 0 ? "" : "+") + fixed(relative * 100, 1) + " %";
}
std::string chance(double p) { return !std::isfinite(p) ? "-" : p < 0.001 ? "<0.001" : fixed(p, 3); }

std::string as_text(const BisectOutcome& outcome, std::size_t width) {
  std::vector<std::vector<std::string>> table{
      {"COMMIT", "VERDICT", "GOOD", "COMMIT'S", "CHANGE", "P", "METRIC", "SUMMARY"}};
  for (const BisectedCommit& one : outcome.commits) {
    if (one.verdict.empty()) continue;
    table.push_back({printable(one.label), one.verdict, amount(one.baseline), amount(one.head),
                     change(one.relative), chance(one.p_value),
                     one.metric.empty() ? printable(one.note.empty() ? "-" : one.note) : one.metric,
                     one.summary});
  }
  std::string out = text_table(table, {2, 3, 4, 5}, width) + "\n";
  if (!outcome.strict.empty()) out += "INCONCLUSIVE: " + outcome.strict + "\n";
  for (const BisectedCommit& one : outcome.commits) {
    if (one.commit != outcome.first_bad) continue;
    return out + "first bad commit: " + one.commit + " " + one.summary + "\n" +
           (outcome.show_first_bad.empty() ? "" : "next: " + outcome.show_first_bad + "\n");
  }
  std::vector<std::string> labels;
  for (const BisectedCommit& one : outcome.commits) {
    const auto& suspects = outcome.suspects;
    if (std::find(suspects.begin(), suspects.end(), one.commit) != suspects.end())
      labels.push_back(printable(one.label));
  }
  KTSTR_ASSERT(outcome.first_bad.empty() &&
               labels.size() == outcome.suspects.size());  // all are of the range
  return out + "the first bad commit is one of " + join(labels, ", ") +
         ": those between could not be judged\n";
}

Status check_repeats(const BisectRequest& request) {
  const std::string given = "--noise-adjust " + std::to_string(request.repeats);
  if (request.repeats > 1000) return usage_error(given + ": at most 1000 runs a side");
  if (request.repeats < 2) return usage_error(given + ": at least 2 runs a side are needed");
  if (request.deterministic || request.repeats >= kFewestBisectRuns) return Ok{};
  const std::string fewest = std::to_string(kFewestBisectRuns);
  return usage_error(given + ": steps between the ends meet runs of another time, which takes at least " +
                         fewest + " a side to judge",
                     "--noise-adjust " + fewest + " or more, or --deterministic");
}

json::value number(double value) { return std::isfinite(value) ? json::value(value) : json::value(nullptr); }

json::object as_json(const BisectOutcome& outcome) {
  json::array commits;
  for (const BisectedCommit& one : outcome.commits) {
    commits.push_back(
        json::object{{"commit", one.commit},
                     {"summary", one.summary},
                     {"verdict", one.verdict.empty() ? json::value(nullptr) : json::value(one.verdict)},
                     {"test", one.test},
                     {"metric", one.metric},
                     {"baseline", number(one.baseline)},
                     {"head", number(one.head)},
                     {"relative", number(one.relative)},
                     {"p_value", number(one.p_value)},
                     {"note", one.note}});
  }
  return {{"schema_version", 1},
          {"first_bad", outcome.first_bad.empty() ? json::value(nullptr) : json::value(outcome.first_bad)},
          {"suspects", json::array(outcome.suspects.begin(), outcome.suspects.end())},
          {"strict", outcome.strict},
          {"commits", std::move(commits)}};
}

}  // namespace

void define_bisect(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<BisectFlags>();
  BisectRequest& request = flags->request;
  command->add_option("--good", request.good, "a commit that is fine")->type_name("COMMIT")->required();
  command->add_option("--bad", request.bad, "a later commit that is not")->type_name("COMMIT")->required();
  command->add_option("-E,--filter", flags->filter, "tests that show it (docs/filter.md)")
      ->type_name("EXPR")
      ->required();
  command->add_option("--metric", request.metric, "the metric that got worse; any gating one when left out")
      ->type_name("METRIC");
  command->add_option("--kernel", request.kernel, "kernel to run")->type_name("KERNEL");
  command->add_option("--noise-adjust", request.repeats, "runs a side at each step (default 5)")
      ->type_name("N")
      ->check(whole_number());
  command->add_option("--gate", flags->gates, "gate and its options: NAME[::key=value]; repeatable")
      ->type_name("SPEC")
      ->take_all()
      ->allow_extra_args(false);
  command->add_flag("--deterministic", request.deterministic,
                    "virtual time: the size of the change alone decides");
  command
      ->add_option("--seed", request.plan.seed, "of the shuffles and of the first block's runs (default 1)")
      ->type_name("S")
      ->check(whole_number());
  command->add_flag("--resume", request.resume, "take up the runs of an interrupted search");
  command->add_option("-j,--jobs", request.jobs, "tests side by side; 0: as the machine allows")
      ->type_name("N")
      ->check(whole_number());
  command->add_flag(
      "--strict", request.strict,
      "end with 5 instead of 0 when a commit was skipped, or anything was missing or warned about");
  command->add_flag("--json", flags->json, "print one JSON document");
  command->callback([flags, &chosen] {
    chosen = [flags](Session& session) {
      return with_application(session, ReportFlags{{}, flags->json},
                              [&](Config& config, const AppContext& context) -> Result<ExitCode> {
                                if (const Status fine = check_repeats(flags->request); !fine)
                                  return fine.error();
                                flags->request.strict = flags->request.strict || config.strict;
                                auto filter = Filter::parse(flags->filter, "-E");
                                if (!filter) return filter.error();
                                flags->request.filter = std::move(*filter);
                                if (const Status applied = apply_gate_flags(flags->gates, config); !applied)
                                  return applied.error();
                                const auto outcome = run_bisect(context, flags->request);
                                if (!outcome) return outcome.error();
                                const ExitCode printed = show_body(
                                    context, KTSTR_DOCUMENT_BISECT,
                                    {to_text(as_json(*outcome)) + "\n", as_text(*outcome, context.width)},
                                    ExitCode::kFine);
                                return outcome->first_bad.empty() || !outcome->strict.empty()
                                           ? worse(printed, ExitCode::kInconclusive)
                                           : printed;
                              });
    };
  });
}

}  // namespace ktstr
