// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "app/run_history.hpp"
#include "cli/cli.hpp"
#include "support/text.hpp"

namespace ktstr {
namespace {

struct Flags {
  PruneRequest request;
  std::uint64_t keep = 0, days = 0;
  bool json = false;
};

Result<ExitCode> prune(const AppContext& context, const Flags& flags) {
  const auto gone = prune_history(context, flags.request);
  if (!gone) return gone.error();
  if (flags.json) {
    json::array rows;
    for (const PrunedEntry& entry : *gone) {
      rows.push_back(json::object{{"entry", entry.key}, {"run", run_of_history_key(entry.key)}, {"date", utc_timestamp(entry.mtime_ns / 1'000'000'000)}, {"removed", !flags.request.dry_run}});
    }
    return print_out(to_text(rows) + "\n");
  }
  if (gone->empty()) {
    context.inform("nothing to remove");
    return ExitCode::kFine;
  }
  std::vector<std::vector<std::string>> table{{flags.request.dry_run ? "WOULD REMOVE" : "REMOVED", "DATE"}};
  for (const PrunedEntry& entry : *gone) table.push_back({printable(entry.key), utc_timestamp(entry.mtime_ns / 1'000'000'000)});
  return print_out(text_table(table));
}

}  // namespace

void define_runs(CLI::App& root, CommandAction& chosen) {
  auto flags = std::make_shared<Flags>();
  CLI::App* runs = add_command(root, "runs", "look after the stored runs", "ktstr runs prune --keep 20 --dry-run");
  CLI::App* command = add_command(*runs, "prune", "remove entries of the history, never a run", "ktstr runs prune --keep 20 --older-than 90");
  CLI::Option* keep = command->add_option("--keep", flags->keep, "the newest N entries of each run key stay")->type_name("N");
  CLI::Option* days = command->add_option("--older-than", flags->days, "entries younger than this many days stay")->type_name("DAYS")->check(CLI::Range(0, 100'000));
  command->add_option("--dir", flags->request.archive, "a folder of run directories instead of the project's own")->type_name("DIR");
  command->add_flag("--dry-run", flags->request.dry_run, "only say what would be removed");
  command->add_flag("--json", flags->json, "print an array of {entry, run, date, removed}");
  command->callback([flags, keep, days, &chosen] {
    if (keep->count() > 0) flags->request.keep = flags->keep;
    if (days->count() > 0) flags->request.older_than_days = flags->days;
    chosen = [flags](Session& session) {
      return with_application(session, {}, [&](const Config&, const AppContext& context) { return prune(context, *flags); });
    };
  });
}

}  // namespace ktstr
