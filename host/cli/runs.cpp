// SPDX-License-Identifier: Apache-2.0

#include <ktstr/kit/time.hpp>
#include <memory>

#include "cli/stats.hpp"
#include "pool/run_care.hpp"
#include "support/text.hpp"

namespace ktstr {
namespace {

struct RunsFlags {
  PruneRequest request;
  std::vector<std::string> only, keys;
  std::string archive;
  std::uint64_t keep = 0, days = 0;
  bool json = false;
};

std::string date_of(const KeptEntry& entry) {
  return entry.mtime_ns == 0 ? "" : kit::utc_timestamp(entry.mtime_ns / 1'000'000'000);
}

json::object json_of(const KeptEntry& entry) {
  return {{"kind", care_name(entry.kind)},  {"key", entry.key},
          {"tests", entry.tests},           {"date", or_null(date_of(entry))},
          {"unfinished", entry.unfinished}, {"location", entry.location}};
}

Result<ExitCode> list_runs(const AppContext& context, const RunsFlags& flags) {
  const auto kept = list_kept(context, flags.archive);
  if (!kept) return kept.error();
  if (flags.json) {
    json::array rows;
    for (const KeptEntry& entry : *kept) rows.push_back(json_of(entry));
    return print_out(to_text(rows) + "\n");
  }
  if (kept->empty()) {
    context.inform("no runs yet; make one with: ktstr test");
    return ExitCode::kFine;
  }
  std::vector<std::vector<std::string>> table{{"KIND", "KEY", "TESTS", "CHANGED", "STATE"}};
  for (const KeptEntry& entry : *kept)
    table.push_back({care_name(entry.kind), printable(entry.key), std::to_string(entry.tests),
                     or_dash(date_of(entry)), entry.unfinished ? "unfinished" : "-"});
  return print_out(text_table(table, {2}, out_width(context)));
}

/// "PASS" and such of a stored report; hostile text.
std::string verdict_of(const ReportDocument& report) {
  const auto parsed = parse_json(report.end_json, "report");
  const json::value* verdict =
      parsed && parsed->is_object() ? parsed->get_object().if_contains("verdict") : nullptr;
  return verdict != nullptr && verdict->is_string() ? std::string(verdict->get_string()) : "unknown";
}

json::object json_of(const KeptDetail& detail) {
  json::object object = json_of(detail.entry);
  object["files"] = json::array(detail.files.begin(), detail.files.end());
  object["manifest"] =
      detail.manifest ? *parse_json(run_manifest_text(*detail.manifest), "manifest") : json::value(nullptr);
  object["report"] = detail.report ? json::value(json::object{{"verdict", verdict_of(*detail.report)},
                                                              {"exit_code", detail.report->exit_code},
                                                              {"rows", detail.report->rows.size()}})
                                   : json::value(nullptr);
  return object;
}

Result<ExitCode> show_run(const AppContext& context, const RunsFlags& flags) {
  const auto detail = show_kept(context, flags.archive, flags.keys.front());
  if (!detail) return detail.error();
  if (flags.json) return print_out(to_text(json_of(*detail)) + "\n");
  const KeptEntry& entry = detail->entry;
  std::string out = std::string(care_name(entry.kind)) + " " + printable(entry.key) + "\n  at " +
                    printable(entry.location) + "\n  changed " + or_dash(date_of(entry)) + ", " +
                    std::to_string(entry.tests) + (entry.tests == 1 ? " sidecar\n" : " sidecars\n");
  if (detail->report)
    out += "  report: " + printable(verdict_of(*detail->report)) + ", exit code " +
           std::to_string(detail->report->exit_code) + ", " + std::to_string(detail->report->rows.size()) +
           " rows\n";
  if (detail->manifest) {
    const RunManifest& manifest = *detail->manifest;
    out += "  started " + printable(manifest.started) + ", " +
           (manifest.complete() ? "ended " + printable(manifest.ended) : "not ended") + "; kernel " +
           or_dash(manifest.kernel) + ", commit " + or_dash(manifest.project_commit) + "\n\n";
    std::vector<std::vector<std::string>> table{{"TEST", "TOPOLOGY", "SCHEDULER", "OUTCOME", "WHY"}};
    for (const PlannedTest& test : manifest.tests) {
      const std::string outcome = !test.selected         ? "not selected"
                                  : test.outcome.empty() ? "not ended"
                                                         : test.outcome;
      table.push_back({printable(test.test), or_dash(test.topology), or_dash(test.scheduler), outcome,
                       or_dash(test.reason)});
    }
    out += text_table(table, {}, out_width(context));
  }
  return print_out(out);
}

Result<ExitCode> remove(const AppContext& context, const RunsFlags& flags) {
  if (const Status removed = remove_kept(context, flags.archive, flags.keys); !removed)
    return removed.error();
  for (const std::string& key : flags.keys) context.inform("removed " + printable(key));
  return ExitCode::kFine;
}

Result<ExitCode> prune(const AppContext& context, const RunsFlags& flags) {
  const auto pruned = prune_kept(context, flags.request);
  if (!pruned) return pruned.error();
  for (const Error& error : pruned->refused) context.warn("not removed: " + error.message);
  const ExitCode code = pruned->refused.empty() ? ExitCode::kFine : ExitCode::kPlugin;
  if (flags.json) {
    json::array rows;
    for (const KeptEntry& entry : pruned->gone) {
      rows.push_back(
          json::object{{"kind", care_name(entry.kind)},
                       {"entry", entry.key},
                       {"run", entry.kind == CareKind::kHistory ? json::value(run_of_history_key(entry.key))
                                                                : json::value(nullptr)},
                       {"date", or_null(date_of(entry))},
                       {"removed", !flags.request.dry_run}});
    }
    return worse(print_out(to_text(rows) + "\n"), code);
  }
  if (pruned->gone.empty()) {
    context.inform("nothing to remove");
    return code;
  }
  std::vector<std::vector<std::string>> table{{flags.request.dry_run ? "WOULD REMOVE" : "REMOVED", "DATE"}};
  for (const KeptEntry& entry : pruned->gone)
    table.push_back({printable(entry.key), or_dash(date_of(entry))});
  return worse(print_out(text_table(table)), code);
}

template <typename Run>
void on_runs(CLI::App& command, CommandAction& chosen, const std::shared_ptr<RunsFlags>& flags, Run run) {
  command.callback([flags, run, &chosen] {
    chosen = [flags, run](Session& session) {
      return with_application(session, {},
                              [&](const Config&, const AppContext& context) { return run(context, *flags); });
    };
  });
}

void define_prune(CLI::App& runs, CommandAction& chosen) {
  auto flags = std::make_shared<RunsFlags>();
  CLI::App* command = add_command(
      runs, "prune", "remove old sessions, entries of the history and locks nobody needs; never a run",
      "ktstr runs prune --keep 20 --older-than 90");
  CLI::Option* keep =
      command
          ->add_option("--keep", flags->keep,
                       "the newest N sessions stay, and the newest N entries of each run's history")
          ->type_name("N")
          ->check(whole_number());
  CLI::Option* days =
      command->add_option("--older-than", flags->days, "what is younger than this many days stays")
          ->type_name("DAYS")
          ->check(CLI::Range(0, 100'000));
  command->add_option("--only", flags->only, "history, sessions or locks; repeatable")
      ->type_name("KIND")
      ->check(CLI::IsMember({"history", "sessions", "locks"}));
  command
      ->add_option("--dir", flags->request.archive,
                   "a folder of run directories instead of the project's own")
      ->type_name("DIR");
  command->add_flag("--dry-run", flags->request.dry_run, "only say what would be removed");
  command->add_flag("--json", flags->json, "print an array of {kind, entry, run, date, removed}");
  command->callback([flags, keep, days, &chosen] {
    if (keep->count() > 0) flags->request.keep = flags->keep;
    if (days->count() > 0) flags->request.older_than_days = flags->days;
    if (!flags->only.empty()) flags->request.kinds.clear();
    for (const std::string& kind : flags->only)
      flags->request.kinds.insert(kind == "history"    ? CareKind::kHistory
                                  : kind == "sessions" ? CareKind::kSession
                                                       : CareKind::kLock);
    chosen = [flags](Session& session) {
      return with_application(
          session, {}, [&](const Config&, const AppContext& context) { return prune(context, *flags); });
    };
  });
}

}  // namespace

void define_runs(CLI::App& root, CommandAction& chosen) {
  CLI::App* runs = add_command(root, "runs", "look after the stored runs",
                               "ktstr runs list\nktstr runs prune --keep 20 --dry-run");
  const auto define = [&](const char* name, const char* what, const char* example, const char* json) {
    auto flags = std::make_shared<RunsFlags>();
    CLI::App* command = add_command(*runs, name, what, example);
    command->add_option("--dir", flags->archive, "a folder of run directories instead of the project's own")
        ->type_name("DIR");
    if (json != nullptr) command->add_flag("--json", flags->json, json);
    return std::pair{command, flags};
  };
  const auto [list_command, list_flags] =
      define("list", "runs, what re-runs put aside, and sessions of repeated runs", "ktstr runs list --json",
             "print an array of {kind, key, tests, date, unfinished, location}");
  on_runs(*list_command, chosen, list_flags, list_runs);
  const auto [show_command, show_flags] =
      define("show", "one of them: its tests and how they ended, its report", "ktstr runs show 6.18-abc1234",
             "print one object");
  show_command->add_option("KEY", show_flags->keys, "as ktstr runs list prints it")->required()->expected(1);
  on_runs(*show_command, chosen, show_flags, show_run);
  const auto [rm_command, rm_flags] = define("rm", "remove runs, entries of the history or sessions for good",
                                             "ktstr runs rm 6.18-abc1234-dirty", nullptr);
  rm_command->add_option("KEY", rm_flags->keys, "as ktstr runs list prints it")->required();
  on_runs(*rm_command, chosen, rm_flags, remove);
  define_prune(*runs, chosen);
}

}  // namespace ktstr
