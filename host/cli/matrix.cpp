// SPDX-License-Identifier: Apache-2.0
#include "delta/matrix.hpp"

#include <ktstr/kit/text.hpp>
#include <memory>

#include "cli/cli.hpp"
#include "cli/stats.hpp"
#include "show/matrix.hpp"

namespace ktstr {
namespace {

struct MatrixFlags {
  MatrixRequest request;
  std::vector<std::string> gates;
  bool json = false, markdown = false;
};

Status check_matrix(const MatrixFlags& flags) {
  const unsigned repeats = flags.request.repeats;
  if (repeats < 1 || repeats > 1000)
    return usage_error("--repeat " + std::to_string(repeats) + ": 1 to 1000 runs of each side");
  if (flags.json && flags.markdown)
    return usage_error("--json and --markdown exclude each other: one document is printed");
  return Ok{};
}

Result<ExitCode> measure_and_show(const AppContext& context, const MatrixFlags& flags) {
  const auto outcome = run_matrix(context, flags.request);
  if (!outcome) return outcome.error();
  const std::string text = flags.json       ? to_text(matrix_json(*outcome, flags.request)) + "\n"
                           : flags.markdown ? matrix_markdown(*outcome)
                                            : matrix_text(*outcome, out_width(context));
  return worse(print_out(text), outcome->code);
}

void define_sides(CLI::App& command, MatrixRequest& request) {
  command
      .add_option("tests", request.tests,
                  "parts of test names, or globs; all performance_mode tests when none is given")
      ->type_name("TEST");
  command
      .add_option("-E,--filter", request.expression,
                  "only tests that this expression selects (docs/filter.md)")
      ->type_name("EXPR");
  command
      .add_option(
          "--kernel", request.kernels,
          "a column: a version, a cached name, an image or a build tree; repeatable, and 6.12..6.18 is "
          "every cached kernel between")
      ->type_name("KERNEL")
      ->take_all()
      ->allow_extra_args(false);
  command
      .add_option("--scheduler", request.schedulers,
                  "a column on each kernel for each of these schedulers, which share their rows; repeatable, "
                  "and a,b is two")
      ->type_name("NAME")
      ->delimiter(',')
      ->take_all()
      ->allow_extra_args(false);
  command
      .add_option("--metric", request.metrics,
                  "only this metric's rows; repeatable; all that gate when left out")
      ->type_name("METRIC")
      ->take_all()
      ->allow_extra_args(false);
}

}  // namespace

void define_matrix(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<MatrixFlags>();
  MatrixRequest& request = flags->request;
  define_sides(*command, request);
  command->add_option("--repeat", request.repeats, "runs of each side (default 3)")
      ->type_name("N")
      ->check(whole_number());
  command->add_flag("--deterministic", request.deterministic,
                    "virtual time: the size of the change alone decides");
  command
      ->add_option("--seed", request.plan.seed, "of the shuffles and of each side's first runs (default 1)")
      ->type_name("S")
      ->check(whole_number());
  command->add_flag("--fresh", request.fresh, "measure again what the store has for the same inputs");
  command->add_option("--gate", flags->gates, "gate and its options: NAME[::key=value]; repeatable")
      ->type_name("SPEC")
      ->take_all()
      ->allow_extra_args(false);
  command
      ->add_option("--fail-threshold", request.verdict.fail_threshold,
                   "regressions of one step that end with 1 (default as for perf-delta)")
      ->type_name("N")
      ->check(whole_number());
  command->add_option("-j,--jobs", request.jobs, "tests side by side; 0: as the machine allows")
      ->type_name("N")
      ->check(whole_number());
  command->add_flag("--strict", request.strict,
                    "end with 5 instead of 0 when anything was skipped or warned about");
  add_json_flag(*command, flags->json);
  command->add_flag("--markdown", flags->markdown, "print tables for a page");
  command->callback([flags, &chosen] {
    chosen = [flags](Session& session) {
      return with_application(session, ReportFlags{{}, flags->json},
                              [&](Config& config, const AppContext& context) -> Result<ExitCode> {
                                if (const Status fine = check_matrix(*flags); !fine) return fine.error();
                                config.reporters.clear();  // the table is the report
                                MatrixRequest& wanted = flags->request;
                                wanted.strict = wanted.strict || config.strict;
                                if (!wanted.verdict.fail_threshold)
                                  wanted.verdict.fail_threshold = config.defaults.fail_threshold;
                                if (const Status applied = apply_gate_flags(flags->gates, config); !applied)
                                  return applied.error();
                                return measure_and_show(context, *flags);
                              });
    };
  });
}

}  // namespace ktstr
