// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "app/run_list.hpp"
#include "cli/cli.hpp"
#include "support/text.hpp"

namespace ktstr {
namespace {

struct Flags {
  std::string directory;
  bool json = false, history = false;
};

json::value or_null(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }
std::string or_dash(const std::string& text) { return text.empty() ? "-" : printable(text); }

Result<ExitCode> list(const AppContext& context, const Flags& flags) {
  const auto runs = list_runs(context, flags.directory, flags.history);
  if (!runs) return runs.error();
  if (flags.json) {
    json::array rows;
    for (const RunSummary& run : *runs) rows.push_back(json::object{{"run", run.run}, {"tests", run.tests}, {"date", or_null(run.date)}, {"arch", or_null(run.arch)}});
    return print_out(to_text(rows) + "\n");
  }
  if (runs->empty()) {
    context.inform("no runs yet; make one with: ktstr test");
    return ExitCode::kFine;
  }
  std::vector<std::vector<std::string>> table{{"RUN", "TESTS", "DATE", "ARCH"}};
  for (const RunSummary& run : *runs) table.push_back({printable(run.run), std::to_string(run.tests), or_dash(run.date), or_dash(run.arch)});
  return print_out(text_table(table, {1}));
}

}  // namespace

void define_stats(CLI::App& root, CommandAction& chosen) {
  auto flags = std::make_shared<Flags>();
  CLI::App* stats = add_command(root, "stats", "what is in the stored runs", "ktstr stats list");
  CLI::App* command = add_command(*stats, "list", "the stored runs, most recent first", "ktstr stats list --json");
  command->add_option("--dir", flags->directory, "a folder of run directories instead of the project's own")->type_name("DIR");
  command->add_flag("--history", flags->history, "also what re-runs put aside (store option \"history\")");
  command->add_flag("--json", flags->json, "print an array of {run, tests, date, arch}");
  command->callback([flags, &chosen] {
    chosen = [flags](Session& session) {
      return with_application(session, {}, [&](const Config&, const AppContext& context) { return list(context, *flags); });
    };
  });
}

}  // namespace ktstr
