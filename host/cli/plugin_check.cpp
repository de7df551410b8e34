// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ktstr/kit/random.hpp>
#include <ktstr/kit/text.hpp>
#include <memory>
#include <thread>

#include "check/check.hpp"
#include "cli/cli.hpp"
#include "cli/plugin_fuzz.hpp"
#include "measure/selection.hpp"
#include "plugin/catalogue.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

struct CheckFlags {
  std::string file, options = "{}", project;
  std::vector<std::string> manifests, cases, names;
  double deadline_s = 20, fuzz_s = 0;
  std::uint64_t seed = 0, fuzz_case = 0;
  unsigned jobs = 0;
  bool json = false, list = false, seeded = false, one_case = false;
};

constexpr std::string_view kStates[] = {"passed", "failed", "skipped", "not-applicable"};
std::string_view state_name(CaseState state) { return kStates[static_cast<std::size_t>(state)]; }

ExitCode list_cases(const CheckFlags& flags) {
  if (flags.json) {
    json::array rows;
    for (const CheckCase& one : check_cases())
      rows.push_back(
          json::object{{"name", one.name}, {"kind", name_of_kind(one.kinds)}, {"promise", one.promise}});
    return print_out(to_text(document("plugin-check-cases", {{"cases", std::move(rows)}})) + "\n");
  }
  std::vector<std::vector<std::string>> table{{"CASE", "KIND", "A PLUGIN THAT PASSES"}};
  for (const CheckCase& one : check_cases())
    table.push_back({std::string(one.name), std::string(name_of_kind(one.kinds)), std::string(one.promise)});
  return print_out(text_table(table));
}

std::size_t count_of(const std::vector<CheckResult>& results, CaseState state) {
  return static_cast<std::size_t>(std::count_if(
      results.begin(), results.end(), [&](const CheckResult& one) { return one.end.state == state; }));
}

json::object as_json(const CheckSubject& subject, const std::vector<CheckResult>& results, CaseState worst) {
  json::array cases;
  for (const CheckResult& one : results)
    cases.push_back(json::object{{"subject", one.subject},
                                 {"case", one.of->name},
                                 {"promise", one.of->promise},
                                 {"state", state_name(one.end.state)},
                                 {"message", one.end.text}});
  json::object counts;
  for (const CaseState state :
       {CaseState::kPassed, CaseState::kFailed, CaseState::kSkipped, CaseState::kNotApplicable})
    counts[state_name(state)] = count_of(results, state);
  return document("plugin-check", {{"plugin", subject.manifest.id},
                                   {"version", subject.manifest.version},
                                   {"library", subject.manifest.library_path().string()},
                                   {"state", state_name(worst)},
                                   {"counts", std::move(counts)},
                                   {"cases", std::move(cases)}});
}

/// Whether a case was left out because of another, which says why.
bool follows(const CheckResult& one) {
  return one.end.state == CaseState::kSkipped && one.end.text == std::string(one.of->needs) + " did not pass";
}

std::string as_text(const CheckSubject& subject, const std::vector<CheckResult>& results, bool all) {
  constexpr std::string_view kWords[] = {"ok", "FAIL", "SKIP", "n/a"};
  std::string out;
  for (const CheckResult& one : results) {
    const bool quiet = one.end.state == CaseState::kPassed || one.end.state == CaseState::kNotApplicable;
    if (!all && (quiet || follows(one))) continue;
    out += std::string(kWords[static_cast<std::size_t>(one.end.state)]) + "  " + one.subject + ", " +
           std::string(one.of->name) + (one.end.text.empty() ? "" : ": " + one.end.text) + "\n";
    if (one.end.state == CaseState::kFailed) out += "      promised: " + std::string(one.of->promise) + "\n";
  }
  const std::size_t skipped = count_of(results, CaseState::kSkipped);
  const auto following = static_cast<std::size_t>(std::count_if(results.begin(), results.end(), follows));
  out += "plugin " + printable(subject.manifest.id) + " " + printable(subject.manifest.version) + ": " +
         std::to_string(count_of(results, CaseState::kPassed)) + " passed, " +
         std::to_string(count_of(results, CaseState::kFailed)) + " failed, " + std::to_string(skipped) +
         " skipped";
  if (following > 0)
    out += " (" + std::to_string(following) + " of them as they need a case that did not pass)";
  return out + ", " + std::to_string(count_of(results, CaseState::kNotApplicable)) + " do not apply\n";
}

Result<CheckSubject> subject_of(Session& session, const CheckFlags& flags) {
  namespace fs = std::filesystem;
  if (flags.file.empty())
    return usage_error("plugin check needs the library or the manifest of a plugin",
                       "ktstr plugin check FILE");
  const auto config = session.config();
  if (!config) return config.error();
  const auto catalogue = session.catalogue();
  if (!catalogue) return catalogue.error();
  auto manifest = manifest_of_file(flags.file);
  if (!manifest) return manifest.error();
  if (const auto options = parse_json(flags.options, "--options"); !options || !options->is_object())
    return usage_error("--options: " + (options ? "it is no JSON object" : options.error().message));
  CheckSubject subject;
  std::error_code error;
  subject.directory = fs::canonical(manifest->file.parent_path(), error);
  manifest->file = subject.directory / manifest->file.filename();
  subject.manifest = std::move(*manifest);
  subject.trusted_sha256 = (*config)->trusted_sha256;
  subject.variable = environment_variable;
  subject.options = flags.options;
  subject.project = flags.project.empty() ? (*config)->project_dir.string()
                                          : fs::absolute(flags.project, error).lexically_normal().string();
  subject.manifests = flags.manifests;
  if (const Status there = find_manifests(fs::current_path(error), subject.manifests); !there)
    return there.error();
  for (const FoundPlugin& found : (*catalogue)->plugins()) {
    if (found.manifest.file == subject.manifest.file && found.problem.empty() && found.origin == "installed")
      subject.installed = true;
  }
  return subject;
}

Status check_names(const CheckSubject& subject, const CheckFlags& flags) {
  std::vector<std::string> known;
  for (const ManifestRow& row : subject.manifest.provides) known.push_back(row.name);
  for (const std::string& name : flags.names) {
    if (std::find(known.begin(), known.end(), name) == known.end())
      return usage_error("the plugin offers no \"" + printable(name) + "\"" + suggestion(name, known),
                         "known: " + printable(join(known, ", ")));
  }
  return Ok{};
}

Result<ExitCode> fuzz(const CheckSubject& subject, const CheckFlags& flags) {
  if (!flags.cases.empty())
    return usage_error("--case names a case of the check, --fuzz makes up its own", "leave one of them out");
  if (flags.one_case && !flags.seeded)
    return usage_error("--fuzz-case needs the seed that the case follows from", "add --seed SEED");
  FuzzWish wish;
  wish.seed = flags.seeded ? flags.seed : std::stoull(kit::random_name(), nullptr, 16) >> 32;
  wish.time = std::chrono::milliseconds(static_cast<std::int64_t>(flags.fuzz_s * 1000));
  if (flags.one_case) wish.only = flags.fuzz_case;
  wish.names = flags.names;
  wish.deadline = std::chrono::milliseconds(static_cast<std::int64_t>(flags.deadline_s * 1000));
  return fuzz_and_print(subject, wish, flags.file, flags.json);
}

Result<ExitCode> check(Session& session, const CheckFlags& flags) {
  if (flags.list) return list_cases(flags);
  auto subject = subject_of(session, flags);
  if (!subject) return subject.error();
  if (const Status fine = check_names(*subject, flags); !fine) return fine.error();
  if (flags.fuzz_s > 0 || flags.one_case) return fuzz(*subject, flags);
  if (flags.seeded)
    return usage_error("--seed is for calls by chance", "add --fuzz SECONDS, or leave it out");
  CheckWish wish;
  wish.cases = flags.cases;
  wish.names = flags.names;
  wish.deadline = std::chrono::milliseconds(static_cast<std::int64_t>(flags.deadline_s * 1000));
  wish.jobs = flags.jobs > 0 ? flags.jobs : std::clamp(std::thread::hardware_concurrency(), 1U, 8U);
  const auto results = check_plugin(*subject, wish, Session::cancelled());
  if (!results) return results.error();
  const bool failed = count_of(*results, CaseState::kFailed) > 0;
  const bool skipped = count_of(*results, CaseState::kSkipped) > 0;
  const CaseState worst = failed ? CaseState::kFailed : skipped ? CaseState::kSkipped : CaseState::kPassed;
  const ExitCode printed = print_out(flags.json ? to_text(as_json(*subject, *results, worst)) + "\n"
                                                : as_text(*subject, *results, session.flags().verbose > 0));
  const ExitCode told = failed ? ExitCode::kFailed : skipped ? ExitCode::kInconclusive : ExitCode::kFine;
  return worse(printed, told);
}

}  // namespace

void define_plugin_check(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<CheckFlags>();
  command->add_option("file", flags->file, "the plugin's library, or its manifest")->type_name("FILE");
  command->add_option("--case", flags->cases, "only this case and what it needs; repeatable")
      ->type_name("NAME");
  command->add_option("--name", flags->names, "only this one of what the plugin offers; repeatable")
      ->type_name("NAME");
  command->add_option("--options", flags->options, "a JSON object: what it is made from, as in ktstr.json")
      ->type_name("JSON");
  command
      ->add_option("--project", flags->project, "a tree that a baseline understands; default: this project")
      ->type_name("DIR");
  command->add_option("--manifest", flags->manifests, "tests that a runner understands; repeatable")
      ->type_name("FILE");
  command->add_option("--deadline", flags->deadline_s, "how long one case may take, in seconds (20)")
      ->check(number_between(0.1, 3600))
      ->type_name("SECONDS");
  command->add_option("--jobs", flags->jobs, "cases side by side; default: one for each CPU")->type_name("N");
  command->add_option("--fuzz", flags->fuzz_s, "instead of the cases: hostile calls by chance, for that long")
      ->check(number_between(0.1, 86400))
      ->type_name("SECONDS");
  auto* seed =
      command->add_option("--seed", flags->seed, "what the calls follow from; default: another each time")
          ->type_name("SEED")
          ->check(whole_number());
  auto* number = command->add_option("--fuzz-case", flags->fuzz_case, "only this call of that seed")
                     ->type_name("N")
                     ->check(whole_number());
  command->add_flag("--list", flags->list, "only show the cases");
  add_json_flag(*command, flags->json);
  command->footer(
      "Ends with 0 when every case passed, with 1 when one failed, with 5 when one could not be found out.");
  command->callback([flags, seed, number, &chosen] {
    flags->seeded = seed->count() > 0;
    flags->one_case = number->count() > 0;
    chosen = [flags](Session& session) {
      const Result<ExitCode> code = check(session, *flags);
      return code ? *code : report(code.error());
    };
  });
}

}  // namespace ktstr
