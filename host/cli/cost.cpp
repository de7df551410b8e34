// SPDX-License-Identifier: Apache-2.0
#include "delta/cost.hpp"

#include <ktstr/kit/text.hpp>
#include <memory>

#include "cli/cli.hpp"
#include "cli/stats.hpp"
#include "show/cost.hpp"
#include "show/flame_graph.hpp"
#include "support/files.hpp"

namespace ktstr {
namespace {

struct CostFlags {
  CostRequest request;
  std::string folded, svg;
  std::size_t most = 15;
  bool json = false;
};

Status write_stacks(const CostFlags& flags, const CostOutcome& outcome) {
  if (flags.folded.empty() && flags.svg.empty()) return Ok{};
  if (outcome.head.stacks.empty())
    return Error{ExitCode::kInconclusive, "the run " + printable(outcome.head.run) + " has no stacks",
                 "the store or the runner keeps no artifacts"};
  if (!flags.folded.empty()) {
    if (const Status written = write_output(flags.folded, outcome.head.stacks); !written) return written;
  }
  if (flags.svg.empty()) return Ok{};
  return write_output(
      flags.svg, flame_graph(outcome.head.stacks,
                             outcome.test.name + ", " + outcome.head.label + ": instructions of the kernel"));
}

Result<ExitCode> count_and_show(const AppContext& context, const CostFlags& flags) {
  const auto outcome = run_cost(context, flags.request);
  if (!outcome) return outcome.error();
  const json::object* base = outcome->base ? &outcome->base->document.object() : nullptr;
  const CostTable table = cost_table(base, outcome->head.document.object());
  if (const Status written = write_stacks(flags, *outcome); !written) return written.error();
  return print_out(flags.json ? to_text(cost_json(*outcome, table)) + "\n"
                              : cost_text(*outcome, table, flags.most, out_width(context)));
}

}  // namespace

void define_cost(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<CostFlags>();
  CostRequest& request = flags->request;
  command->add_option("test", request.test, "the test, or a part of its name that no other has")
      ->type_name("TEST")
      ->required();
  command->add_option("--base", request.base, "count this commit as well, and show what differs")
      ->type_name("COMMIT");
  command->add_option("--kernel", request.kernel, "kernel to run")->type_name("KERNEL");
  command->add_option("--seed", request.seed, "of the workload's random choices (default 1)")
      ->type_name("S")
      ->check(whole_number());
  command
      ->add_option("--most", flags->most,
                   "functions of the kernel to show beside those that schedule (default 15)")
      ->type_name("N")
      ->check(whole_number());
  command->add_option("--folded", flags->folded, "write the stacks there, as flame graph tools read them")
      ->type_name("FILE");
  command->add_option("--svg", flags->svg, "write a flame graph there")->type_name("FILE");
  add_json_flag(*command, flags->json);
  command->callback([flags, &chosen] {
    chosen = [flags](Session& session) {
      return with_application(session, ReportFlags{{}, flags->json},
                              [&](Config& config, const AppContext& context) -> Result<ExitCode> {
                                config.reporters.clear();  // the table is the report
                                return count_and_show(context, *flags);
                              });
    };
  });
}

}  // namespace ktstr
