// SPDX-License-Identifier: Apache-2.0
#include "delta/calibrate.hpp"

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

struct CalibrateFlags {
  CalibrateRequest request;
  ReportFlags report;
  std::vector<std::string> gates;
  std::string filter, order = "abba";
};

std::string percent(double fraction) {
  if (!std::isfinite(fraction)) return "-";
  return fraction > 10 ? "> 1000 %" : fixed(fraction * 100, fraction < 0.1 ? 1 : 0) + " %";
}

std::string share(std::size_t part, std::size_t of) {
  KTSTR_ASSERT(part <= of);
  return percent(of == 0 ? 0 : static_cast<double>(part) / static_cast<double>(of));
}

std::string as_text(const CalibrateOutcome& outcome, const CalibrateRequest& request) {
  std::vector<std::vector<std::string>> table{
      {"TEST", "METRIC", "NOISE", "GATE", "SHOWS N=3", "N=5", "N=10"}};
  for (const MetricNoise& one : outcome.noise) {
    table.push_back({printable(one.scenario.test + " " + one.scenario.topology), one.metric,
                     percent(std::expm1(one.log_sd)), percent(one.rel_gate), percent(one.detectable(3)),
                     percent(one.detectable(5)), percent(one.detectable(10))});
  }
  std::string out = text_table(table, {2, 3, 4, 5, 6}) + "\n";
  out +=
      "NOISE: one standard deviation between runs. SHOWS: smallest change that N runs a side show with 80 % "
      "power.\n";
  out += "false red: in " + share(outcome.flagged, outcome.labelings) + " of " +
         std::to_string(outcome.labelings) + " ways to call the same runs baseline and HEAD, " +
         join(outcome.gates, " and ") + " found a regression; " + share(outcome.failed, outcome.labelings) +
         " would fail the build\n";
  out += outcome.recommended_runs > 0
             ? "recommended: --noise-adjust " + std::to_string(outcome.recommended_runs) +
                   ", at which nine in ten metrics would show a change of their own gate's size\n"
             : std::string(
                   "recommended: raise gates; at 20 runs a side more than one in ten metrics cannot show a "
                   "change of its own gate's size\n");
  for (const std::string& note : outcome.notes) out += "note: " + printable(note) + "\n";
  for (const std::string* why : {&outcome.missing, &outcome.strict}) {
    if (!why->empty()) out += "INCONCLUSIVE: " + *why + "\n";
  }
  if (outcome.policy_error) return out;
  return out + "policy for stored comparisons: " + printable(request.policy_file) + " (" +
         std::to_string(outcome.recommended_percent.size()) + " metrics need more than their own gate)\n";
}

json::object as_json(const CalibrateOutcome& outcome, const CalibrateRequest& request) {
  json::array metrics;
  for (const MetricNoise& one : outcome.noise) {
    metrics.push_back(json::object{{"test", one.scenario.test},
                                   {"topology", one.scenario.topology},
                                   {"scheduler", one.scenario.scheduler},
                                   {"work_type", one.scenario.work_type},
                                   {"kernel", one.scenario.kernel},
                                   {"metric", one.metric},
                                   {"log_sd", one.log_sd},
                                   {"rel_gate", one.rel_gate},
                                   {"mde_3", one.detectable(3)},
                                   {"mde_5", one.detectable(5)},
                                   {"mde_10", one.detectable(10)},
                                   {"stored_gate", one.stored_gate()}});
  }
  json::object thresholds;
  for (const auto& [metric, value] : outcome.recommended_percent) thresholds[metric] = value;
  return document(
      "calibrate",
      {{"runs", request.repeats},
       {"gates", json::array(outcome.gates.begin(), outcome.gates.end())},
       {"metrics", std::move(metrics)},
       {"false_red",
        {{"labelings", outcome.labelings}, {"flagged", outcome.flagged}, {"failed", outcome.failed}}},
       {"recommended_runs",
        outcome.recommended_runs == 0 ? json::value(nullptr) : json::value(outcome.recommended_runs)},
       {"recommended_percent", std::move(thresholds)},
       {"policy", outcome.policy_error ? json::value(nullptr) : json::value(request.policy_file)},
       {"missing", outcome.missing},
       {"strict", outcome.strict},
       {"notes", json::array(outcome.notes.begin(), outcome.notes.end())}});
}

}  // namespace

void define_calibrate(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<CalibrateFlags>();
  CalibrateRequest& request = flags->request;
  request.policy_file = "ktstr-policy.json";
  command->add_option("--noise-adjust", request.repeats, "runs of each of the two copies (default 10)")
      ->type_name("N")
      ->check(whole_number());
  command->add_option("--kernel", request.kernel, "kernel to run")->type_name("KERNEL");
  command
      ->add_option("-E,--filter", flags->filter, "only tests that this expression selects (docs/filter.md)")
      ->type_name("EXPR");
  command
      ->add_option("--policy", request.policy_file,
                   "file to write recommended gates to (default ktstr-policy.json)")
      ->type_name("FILE");
  command
      ->add_option("--fail-threshold", request.verdict.fail_threshold,
                   "regressions that would fail the build (default as for perf-delta)")
      ->type_name("N")
      ->check(whole_number());
  command->add_option("--gate", flags->gates, "gate and its options: NAME[::key=value]; repeatable")
      ->type_name("SPEC")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--order", flags->order, "abba (default) or block")->type_name("ORDER");
  command
      ->add_option("--seed", request.plan.seed, "of the shuffles and of the first block's runs (default 1)")
      ->type_name("S")
      ->check(whole_number());
  command->add_flag("--resume", request.resume, "go on where an interrupted calibration stopped");
  command->add_option("-j,--jobs", request.jobs, "tests side by side; 0: as the machine allows")
      ->type_name("N")
      ->check(whole_number());
  command->add_flag("--strict", request.strict,
                    "end with 5 instead of 0 when anything was missing, skipped or warned about");
  add_report_flags(*command, flags->report);
  command->callback([flags, &chosen] {
    chosen = [flags](Session& session) {
      return with_application(
          session, flags->report, [&](Config& config, const AppContext& context) -> Result<ExitCode> {
            CalibrateRequest& wanted = flags->request;
            if (wanted.repeats < 2 || wanted.repeats > 1000)
              return usage_error("--noise-adjust takes 2 to 1000 runs");
            const auto order = parse_order(flags->order);
            if (!order) return order.error();
            wanted.plan.order = *order;
            if (!flags->filter.empty()) {
              auto filter = Filter::parse(flags->filter, "-E");
              if (!filter) return filter.error();
              wanted.filter = std::move(*filter);
            }
            if (const Status applied = apply_gate_flags(flags->gates, config); !applied)
              return applied.error();
            wanted.strict = wanted.strict || config.strict;
            const auto reports = open_for_body(context, KTSTR_DOCUMENT_CALIBRATE);
            if (!reports) return reports.error();
            const auto outcome = run_calibrate(context, wanted);
            if (!outcome) return outcome.error();
            const bool answered = outcome->missing.empty() && outcome->strict.empty();
            ExitCode code = answered ? ExitCode::kFine : ExitCode::kInconclusive;
            if (outcome->policy_error) code = worse(code, outcome->policy_error->code);
            code = show_body(context, **reports,
                             {to_text(as_json(*outcome, wanted)) + "\n", as_text(*outcome, wanted)}, code);
            return outcome->policy_error ? worse(code, report(*outcome->policy_error)) : code;
          });
    };
  });
}

}  // namespace ktstr
