// SPDX-License-Identifier: Apache-2.0

#include <ktstr/kit/text.hpp>
#include <ktstr/kit/time.hpp>
#include <memory>

#include "cli/stats.hpp"
#include "pool/run_care.hpp"
#include "pool/spool_push.hpp"
#include "pool/stored_test.hpp"
#include "show/stored_test.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

struct RunsFlags {
  PruneRequest request;
  std::vector<std::string> only, keys;
  std::string archive, run, test;  ///< of `show`: RUN and TEST
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

Result<ExitCode> print_runs(const AppContext& context, const RunsFlags& flags) {
  const auto kept = list_kept(context, flags.archive);
  if (!kept) return kept.error();
  const auto waiting = spooled(spool_places(context));
  if (!waiting) return waiting.error();
  if (!waiting->empty() && flags.archive.empty())
    context.inform("results of " + counted(waiting->size(), "invocation", "invocations") +
                   " wait for the store: ktstr runs push");
  if (flags.json) {
    json::array rows;
    for (const KeptEntry& entry : *kept) rows.push_back(json_of(entry));
    return print_out(to_text(document("runs-list", {{"entries", std::move(rows)}})) + "\n");
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

Result<ExitCode> show_test(const AppContext& context, const RunsFlags& flags) {
  const auto tests = read_stored_tests(context, flags.archive, flags.run, flags.test);
  if (!tests) return tests.error();
  const MetricRegistry& metrics = context.config.metrics;
  return print_out(flags.json ? to_text(stored_tests_json(*tests, metrics)) + "\n"
                              : stored_tests_text(*tests, metrics, out_width(context)));
}

Result<ExitCode> show_run(const AppContext& context, const RunsFlags& flags) {
  if (!flags.test.empty()) return show_test(context, flags);
  const auto detail = show_kept(context, flags.archive, flags.run);
  if (!detail) return detail.error();
  if (flags.json) return print_out(to_text(document("show", json_of(*detail))) + "\n");
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
    return worse(print_out(to_text(document("runs-prune", {{"entries", std::move(rows)}})) + "\n"), code);
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

Result<ExitCode> push(const AppContext& context, const RunsFlags& flags) {
  const bool dry_run = flags.request.dry_run;
  const auto outcome = push_spooled(context, dry_run);
  if (!outcome) return outcome.error();
  ExitCode code = ExitCode::kFine;
  for (const PushedEntry& entry : outcome->pushed) {
    context.inform((dry_run ? "would push " : "pushed ") + counted(entry.files, "file", "files") + ", " +
                   counted(entry.bytes, "byte", "bytes") + ", of " + printable(entry.key) + ", kept since " +
                   printable(entry.began));
  }
  for (const Error& error : outcome->kept) {
    context.warn("not pushed: " + error.message + (error.hint.empty() ? "" : " (" + error.hint + ")"));
    code = worse(code, error.code);
  }
  if (outcome->pushed.empty() && outcome->kept.empty()) context.inform("nothing waits to be pushed");
  return code;
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

std::shared_ptr<RunsFlags> flags_of(CLI::App& command) {
  auto flags = std::make_shared<RunsFlags>();
  command.add_option("--dir", flags->archive, "a folder of run directories instead of the project's own")
      ->type_name("DIR");
  return flags;
}

}  // namespace

void define_runs_list(CLI::App* command, CommandAction& chosen) {
  const auto flags = flags_of(*command);
  add_json_flag(*command, flags->json);
  on_runs(*command, chosen, flags, print_runs);
}

void define_runs_show(CLI::App* command, CommandAction& chosen) {
  const auto flags = flags_of(*command);
  add_json_flag(*command, flags->json);
  command->add_option("RUN", flags->run, "as ktstr runs list prints it")->required();
  command->add_option(
      "TEST", flags->test,
      "everything of one test: how it ended and why, its numbers, its failure dump, the line that "
      "runs it again");
  on_runs(*command, chosen, flags, show_run);
}

void define_runs_rm(CLI::App* command, CommandAction& chosen) {
  const auto flags = flags_of(*command);
  command->add_option("KEY", flags->keys, "as ktstr runs list prints it")->required();
  on_runs(*command, chosen, flags, remove);
}

void define_runs_push(CLI::App* command, CommandAction& chosen) {
  const auto flags = std::make_shared<RunsFlags>();
  command->add_flag("--dry-run", flags->request.dry_run, "only say what would be pushed");
  on_runs(*command, chosen, flags, push);
}

void define_runs_prune(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<RunsFlags>();
  CLI::Option* keep =
      command
          ->add_option("--keep", flags->keep,
                       "the newest N sessions stay, and the newest N entries of each run's history")
          ->type_name("N")
          ->check(whole_number());
  CLI::Option* days =
      command->add_option("--older-than", flags->days, "what is younger than this many days stays")
          ->type_name("DAYS")
          ->check(number_between(0, 100'000));
  command->add_option("--only", flags->only, "history, sessions or locks; repeatable")
      ->type_name("KIND")
      ->check(one_of({"history", "sessions", "locks"}));
  command
      ->add_option("--dir", flags->request.archive,
                   "a folder of run directories instead of the project's own")
      ->type_name("DIR");
  command->add_flag("--dry-run", flags->request.dry_run, "only say what would be removed");
  add_json_flag(*command, flags->json);
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

}  // namespace ktstr
