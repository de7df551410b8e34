// SPDX-License-Identifier: Apache-2.0
#include <ktstr/kit/text.hpp>

#include "cli/stats.hpp"
#include "pool/run_list.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

struct ListFlags : StatsFlags {
  bool history = false;
};

Result<ExitCode> list_pool(const AppContext& context, const ListFlags& flags) {
  const auto runs = list_runs(context, flags.directory, flags.history);
  if (!runs) return runs.error();
  if (flags.json) {
    json::array rows;
    for (const RunSummary& run : *runs)
      rows.push_back(json::object{
          {"run", run.run}, {"tests", run.tests}, {"date", or_null(run.date)}, {"arch", or_null(run.arch)}});
    return print_out(to_text(rows) + "\n");
  }
  if (runs->empty()) {
    context.inform("no runs yet; make one with: ktstr test");
    return ExitCode::kFine;
  }
  std::vector<std::vector<std::string>> table{{"RUN", "TESTS", "DATE", "ARCH"}};
  for (const RunSummary& run : *runs)
    table.push_back({printable(run.run), std::to_string(run.tests), or_dash(run.date), or_dash(run.arch)});
  return print_out(text_table(table, {1}, out_width(context)));
}

}  // namespace

void define_stats_list(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<ListFlags>();
  add_stats_flags(*command, *flags, "print an array of {run, tests, date, arch}");
  command->add_flag("--history", flags->history, "also what re-runs put aside (store option \"history\")");
  on_stats(*command, chosen, flags, list_pool);
}

}  // namespace ktstr
