// SPDX-License-Identifier: Apache-2.0
#include <ktstr/kit/text.hpp>
#include <memory>

#include "cli/cli.hpp"
#include "show/gate_scores.hpp"
#include "support/files.hpp"
#include "support/output.hpp"
#include "support/wait.hpp"

namespace ktstr {
namespace {

struct GateFlags {
  std::string file, rows;
  std::vector<std::string> gates;
  std::uint64_t runs = 5;
  double rel = 5;
  bool json = false, without_history = false;
};

Result<ExitCode> score(const AppContext& context, const GateFlags& flags) {
  if (flags.runs < 1) return usage_error("-N is a number of runs a side, 1 or more");
  if (!(flags.rel >= 0 && flags.rel <= 1e6)) return usage_error("--rel is a percentage, 0 or more");
  GateScoreRequest request;
  request.file = flags.file;
  for (const std::string& flag : flags.gates) {
    auto team = parse_gate_team(flag);
    if (!team) return team.error();
    request.teams.push_back(std::move(*team));
  }
  if (request.teams.empty()) {
    const std::vector<PluginChoice>& chosen = context.config.gates;
    std::vector<std::string> names;
    for (const PluginChoice& gate : chosen) names.push_back(gate.use);
    request.teams.push_back({join(names, "+"), chosen});
  }
  request.runs = flags.runs;
  request.rel_percent = flags.rel;
  request.with_history = !flags.without_history;
  request.rows = !flags.rows.empty();
  if (const std::string obstacle = request.rows ? output_obstacle(flags.rows) : std::string();
      !obstacle.empty()) {
    return usage_error("--rows " + printable(flags.rows) + " cannot be written: " + obstacle);
  }
  const Wait wait(context.err_is_terminal, context.width, context.config.cache_dir,
                  "judging the families of " + printable(flags.file), "");
  const auto scores = score_gates(context, request);
  if (!scores) return scores.error();
  if (scores->short_families > 0) {
    context.warn(std::to_string(scores->short_families) + " families have metrics with fewer than " +
                 std::to_string(flags.runs) + " runs a side; all they have is used");
  }
  if (request.rows) {
    if (const Status written = write_output(flags.rows, scores->rows); !written) return written.error();
  }
  return print_out(flags.json ? to_text(gate_scores_json(*scores, request)) + "\n"
                              : gate_scores_text(*scores, request));
}

}  // namespace

void define_gate_score(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<GateFlags>();
  command->add_option("file", flags->file, "labelled measurements, one JSON object per line; may be gzipped")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--gate", flags->gates,
                   "gate to score: NAME[::key=value]; repeatable; NAME+NAME judge together (default: the "
                   "configured gates)")
      ->type_name("SPEC")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("-N,--runs", flags->runs, "judge the first N runs of each side (default 5)")
      ->type_name("N")
      ->check(whole_number());
  command->add_option("--rel", flags->rel, "relative gate in percent (default 5)")->type_name("PCT");
  command->add_flag("--without-history", flags->without_history,
                    "judge as if nothing were known of earlier sessions");
  command
      ->add_option("--rows", flags->rows,
                   "also write the verdict on every metric to this file, one JSON object per line")
      ->type_name("OUT");
  add_json_flag(*command, flags->json);
  command->callback([flags, &chosen] {
    chosen = [flags](Session& session) {
      return with_application(
          session, {}, [&](const Config&, const AppContext& context) { return score(context, *flags); });
    };
  });
}

}  // namespace ktstr
