// SPDX-License-Identifier: Apache-2.0
#include "app/perf_delta.hpp"

#include <memory>

#include "cli/cli.hpp"
#include "config/load.hpp"
#include "support/text.hpp"

namespace ktstr {
namespace {

struct Flags {
  PerfDeltaRequest request;
  ReportFlags report;
  std::vector<std::string> gates;
  unsigned repeats = 0;
  bool repeat_given = false, threshold_given = false;
};

Status check(const Flags& flags, const Config& config) {
  const PerfDeltaRequest& request = flags.request;
  if (flags.threshold_given && !(request.threshold_percent >= 0 && request.threshold_percent <= 1e6)) {
    return usage_error("--threshold is a percentage, 0 or more");
  }
  if (flags.threshold_given && flags.repeat_given) {
    return usage_error("--threshold and --noise-adjust exclude each other: repeated runs are judged by each metric's own gates");
  }
  if (!flags.repeat_given) {
    if (request.deterministic || request.cold) return usage_error(std::string(request.deterministic ? "--deterministic" : "--cold") + " needs --noise-adjust N: stored sidecars are not run again");
    return Ok{};
  }
  if (flags.repeats < 2) return usage_error("--noise-adjust " + std::to_string(flags.repeats) + ": at least 2 runs a side are needed to see noise", "5 or more tell much more");
  if (flags.repeats > 1000) return usage_error("--noise-adjust " + std::to_string(flags.repeats) + ": at most 1000 runs a side");
  if (request.kernel.empty() && config.kernel.empty()) {
    return usage_error("--noise-adjust needs --kernel", "for example --kernel 6.18; ktstr kernel list shows what is there");
  }
  return Ok{};
}

}  // namespace

void define_perf_delta(CLI::App& root, CommandAction& chosen) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = add_command(root, "perf-delta", "compare HEAD with a baseline commit and fail when metrics got worse",
                                  "ktstr perf-delta --base HEAD~1\nktstr perf-delta --noise-adjust 5 --kernel 6.18");
  PerfDeltaRequest& request = flags->request;
  command->add_option("--base", request.base, "compare with this commit, directly")->type_name("COMMIT");
  command->add_option("--base-ref", request.base_ref, "compare with the merge base of HEAD and REF")->type_name("REF");
  command->add_option("--default-branch", request.default_branch, "otherwise: merge base of HEAD and this branch (default main)")->type_name("BRANCH");
  CLI::Option* repeats = command->add_option("--noise-adjust", flags->repeats, "check out, build and run both sides N times, and judge by the spread")->type_name("N")->check(whole_number());
  command->add_option("--kernel", request.kernel, "kernel to run, or whose sidecars to compare")->type_name("KERNEL");
  command->add_option("-E,--filter", request.filter, "only tests whose name has this part, or matches this glob")->type_name("TEST");
  CLI::Option* threshold = command->add_option("--threshold", request.threshold_percent, "one relative gate for every metric, in percent")->type_name("PCT");
  command->add_option("--fail-threshold", request.policy.fail_threshold, "regressions that fail the build (default 5); 0: counting is off")->type_name("N")->check(whole_number());
  command->add_option("--must-fail", request.policy.must_fail, "metrics whose regression fails alone")->type_name("METRIC,…")->delimiter(',')->allow_extra_args(false)->take_all();
  command->add_option("--gate", flags->gates, "gate and its options: NAME[::key=value]; repeatable, all must agree")->type_name("SPEC")->take_all()->allow_extra_args(false);
  command->add_flag("--all-metrics", request.all_metrics, "show unchanged metrics too");
  command->add_flag("--deterministic", request.deterministic, "with --noise-adjust: virtual time, seeds 1…N on both sides");
  command->add_option("--seed", request.seed, "with --noise-adjust: the first block's seed (default 1)")->type_name("S")->check(whole_number());
  command->add_flag("--cold", request.cold, "with --noise-adjust: boot every guest");
  command->add_option("-j,--jobs", request.jobs, "tests side by side; 0: as the machine allows")->type_name("N")->check(whole_number());
  add_report_flags(*command, flags->report);
  command->callback([flags, repeats, threshold, &chosen] {
    flags->repeat_given = repeats->count() > 0;
    flags->threshold_given = threshold->count() > 0;
    chosen = [flags](Session& session) {
      return with_application(session, flags->report, [&](Config& config, const AppContext& context) -> Result<ExitCode> {
        if (const Status fine = check(*flags, config); !fine) return fine.error();
        if (flags->repeat_given) flags->request.repeats = flags->repeats;
        if (!flags->gates.empty()) {
          std::vector<PluginChoice> gates;
          for (const std::string& flag : flags->gates) {
            auto gate = parse_plugin_flag(flag, "--gate");
            if (!gate) return gate.error();
            gates.push_back(std::move(*gate));
          }
          config.gates = config.cached_gates = std::move(gates);
        }
        return run_perf_delta(context, flags->request);
      });
    };
  });
}

}  // namespace ktstr
