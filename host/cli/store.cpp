// SPDX-License-Identifier: Apache-2.0
//
// `ktstr store copy` and `ktstr runs merge`: runs from one place into another.
#include <ktstr/kit/text.hpp>
#include <memory>

#include "cli/cli.hpp"
#include "config/store_choice.hpp"
#include "pool/store_copy.hpp"
#include "select/filter.hpp"
#include "support/wait.hpp"

namespace ktstr {
namespace {

constexpr std::size_t kMostTold = 20;

struct CopyFlags {
  std::string from, to, filter;
  std::vector<std::string> directories;
  bool json = false;
};

/// A store that somebody named, open.
struct NamedStore {
  PluginChoice choice;
  std::string name;
  std::unique_ptr<StorePort> store;
  CopySource source() const { return {name, store.get()}; }
};

Result<NamedStore> open_named(const AppContext& context, const std::string& text, const std::string& what,
                              bool read_only) {
  auto choice = parse_store(text, context.environment.cwd, context.config.store, what);
  if (!choice) return choice.error();
  NamedStore named{std::move(*choice), {}, {}};
  named.name = store_text(named.choice);
  auto store = open_store(context, {false, "", read_only, &named.choice});
  if (!store) return store.error();
  named.store = std::move(*store);
  return named;
}

ExitCode tell(const AppContext& context, const CopyOutcome& outcome, const std::string& to, bool json) {
  ExitCode code = ExitCode::kFine;
  std::size_t told = 0;
  for (const Error& error : outcome.refused) {
    code = worse(code, error.code);
    if (told++ < kMostTold)
      context.warn("not copied: " + error.message + (error.hint.empty() ? "" : " (" + error.hint + ")"));
  }
  if (told > kMostTold) context.warn("and " + counted(told - kMostTold, "more", "more") + " like these");
  if (json) {
    json::array runs, refused;
    for (const CopiedRun& run : outcome.runs) {
      runs.push_back(
          json::object{{"key", run.key}, {"copied", run.copied}, {"there", run.there}, {"bytes", run.bytes}});
    }
    for (const Error& error : outcome.refused) refused.emplace_back(error.message);
    json::object copied{{"to", to}, {"runs", std::move(runs)}, {"refused", std::move(refused)}};
    return worse(print_out(to_text(document("store-copy", std::move(copied))) + "\n"), code);
  }
  for (const CopiedRun& run : outcome.runs) {
    context.inform(printable(run.key) + ": " + counted(run.copied, "file", "files") + " copied" +
                   (run.there == 0 ? "" : ", " + std::to_string(run.there) + " there already"));
  }
  context.inform(counted(outcome.files(), "file", "files") + " of " +
                 counted(outcome.runs.size(), "run", "runs") + " copied to " + printable(to) +
                 ", each read back and compared");
  return code;
}

/// A place without runs, or a filter that selects none, must not look like a copy that was made.
Error nothing_to_copy(const CopyFlags& flags, const std::string& from) {
  if (!flags.filter.empty())
    return usage_error("-E '" + printable(flags.filter) + "' selects no test of " + printable(from),
                       "ktstr stats list-values --dir shows what a folder of runs has");
  return usage_error("there is no run in " + printable(from),
                     "runs are copied; history and perf-delta's sessions of repeated runs are not");
}

Result<ExitCode> copy(const AppContext& context, const CopyFlags& flags) {
  CopyWish wish;
  if (!flags.filter.empty()) {
    auto filter = Filter::parse(flags.filter, "-E");
    if (!filter) return filter.error();
    wish.wanted = [filter = std::move(*filter)](const SidecarRecord& record) {
      return filter.matches(record);
    };
  }
  auto from = open_named(context, flags.from, "FROM", true);
  if (!from) return from.error();
  auto to = open_named(context, flags.to, "TO", false);
  if (!to) return to.error();
  if (from->choice.use == to->choice.use && from->choice.options_json == to->choice.options_json)
    return usage_error("FROM and TO are one store: " + printable(to->name));
  if (const Status writable = to->store->probe(); !writable) return writable.error();
  const Wait wait(context.err_is_terminal, context.width, context.config.cache_dir,
                  "copying runs from " + printable(from->name) + " to " + printable(to->name), "");
  const auto outcome = copy_runs(context, {from->source()}, to->source(), wish);
  if (!outcome) return outcome.error();
  if (outcome->runs.empty() && outcome->refused.empty()) return nothing_to_copy(flags, from->name);
  return tell(context, *outcome, to->name, flags.json);
}

/// The parts of a matrix into the project's own store.
Result<ExitCode> merge(const AppContext& context, const CopyFlags& flags) {
  std::vector<std::unique_ptr<StorePort>> stores;
  std::vector<CopySource> sources;
  for (const std::string& directory : flags.directories) {
    auto store = open_store(context, {false, directory, true});
    if (!store) return store.error();
    const auto runs = (*store)->list_runs();
    if (!runs) return runs.error();
    if (runs->empty()) {
      return usage_error("there is no run in " + printable(directory),
                         "name folders of run directories, as target/ktstr is one");
    }
    stores.push_back(std::move(*store));
    sources.push_back({directory, stores.back().get()});
  }
  auto target = open_store(context);
  if (!target) return target.error();
  if (const Status writable = (*target)->probe(); !writable) return writable.error();
  const std::string name = "the store " + store_text(context.config.store);
  const auto outcome = copy_runs(context, sources, {name, target->get()}, {{}, true});
  if (!outcome) return outcome.error();
  return tell(context, *outcome, name, flags.json);
}

template <typename Run>
void on_copy(CLI::App& command, CommandAction& chosen, const std::shared_ptr<CopyFlags>& flags, Run run) {
  add_json_flag(command, flags->json);
  command.callback([flags, run, &chosen] {
    chosen = [flags, run](Session& session) {
      return with_application(session, {},
                              [&](const Config&, const AppContext& context) { return run(context, *flags); });
    };
  });
}

}  // namespace

void define_store_copy(CLI::App* command, CommandAction& chosen) {
  const auto flags = std::make_shared<CopyFlags>();
  command->add_option("FROM", flags->from, "a URL, a directory of runs, or a store's name")->required();
  command->add_option("TO", flags->to, "the same")->required();
  command
      ->add_option("-E,--filter", flags->filter, "only tests that this expression selects (docs/filter.md)")
      ->type_name("EXPR");
  on_copy(*command, chosen, flags, copy);
}

void define_runs_merge(CLI::App* command, CommandAction& chosen) {
  const auto flags = std::make_shared<CopyFlags>();
  command->add_option("DIR", flags->directories, "folders of run directories, one of each part")->required();
  on_copy(*command, chosen, flags, merge);
}

}  // namespace ktstr
