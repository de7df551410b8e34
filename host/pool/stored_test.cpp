// SPDX-License-Identifier: Apache-2.0
#include "pool/stored_test.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>

#include "pool/run_care.hpp"
#include "pool/run_selection.hpp"

namespace ktstr {
namespace {

constexpr std::uint64_t kMaxDump = 16 << 20;
constexpr std::string_view kSidecarEnd = ".ktstr.json", kDumpEnd = ".failure-dump.json";

std::string outcome_of_record(const SidecarRecord& record) {
  if (record.skipped) return "skipped";
  if (record.inconclusive) return "inconclusive";
  if (!record.passed) return "failed";
  return record.flaky ? "flaky" : "passed";
}

/// What a predicate of -E needs to mean exactly this text.
std::string exactly(const char* predicate, const std::string& text) {
  std::string escaped;
  for (const char c : text) escaped += (c == ')' || c == '\\') ? "\\" + std::string(1, c) : std::string(1, c);
  return std::string(predicate) + "(=" + escaped + ")";
}

/// What --kernel takes for it: a version alone would mean another kernel of it.
std::string kernel_word(const AppContext& context, const StoredTest& test, const std::string& version) {
  if (const auto cached = context.kernels.list()) {
    const auto same = std::find_if(cached->begin(), cached->end(),
                                   [&](const Kernel& kernel) { return kernel.id() == test.kernel; });
    if (same != cached->end() && same->version != test.kernel) return same->name;
  }
  return version;
}

std::string line_again(const AppContext& context, const StoredTest& test) {
  std::string line = "ktstr test";
  const SidecarRecord* record = test.sidecar ? &test.sidecar->record : nullptr;
  const std::string version = record != nullptr ? record->kernel_version : test.kernel;
  const auto needed = context.plugins.runner_needs_kernel(context.config.runner.use);
  if (!version.empty() && needed && *needed)
    line += " --kernel " + shell_word(kernel_word(context, test, version));
  line += " -E " + shell_word(join(std::vector<std::string>{exactly("test", test.test),
                                                            exactly("topology", test.topology),
                                                            exactly("scheduler", test.scheduler)},
                                   " & "));
  if (record != nullptr && record->time_source == "virtual") line += " --deterministic";
  if (record != nullptr && record->seed && *record->seed != 1)
    line += " --seed " + std::to_string(*record->seed);
  return line;
}

StoredTest of_sidecar(const std::string& run, RunDocument document) {
  const SidecarRecord& record = document.record;
  StoredTest test{run,
                  record.test,
                  record.topology,
                  record.scheduler,
                  record.work_type,
                  record.kernel,
                  record.project_commit,
                  outcome_of_record(record),
                  {},
                  {},
                  {},
                  {},
                  {}};
  const json::value* failure = document.object().if_contains("failure");
  if (failure != nullptr && failure->is_array()) {
    for (const json::value& line : failure->get_array()) {
      if (line.is_string()) test.why.emplace_back(line.get_string());
    }
  }
  if (const json::value* earlier = document.object().if_contains("earlier_attempts");
      earlier != nullptr && earlier->is_array()) {
    for (const json::value& attempt : earlier->get_array()) {
      const json::value* reason = attempt.is_object() ? attempt.get_object().if_contains("reason") : nullptr;
      if (reason != nullptr && reason->is_string())
        test.why.push_back("an earlier attempt failed: " + std::string(reason->get_string()));
    }
  }
  test.sidecar = std::move(document);
  return test;
}

/// The files beside the sidecar, and what the dump says.
void add_files(StorePort& store, const RunId& id, StoredTest& test) {
  const std::string& name = test.sidecar->name;
  if (!name.ends_with(kSidecarEnd)) return;
  const std::string stem = name.substr(0, name.size() - kSidecarEnd.size());
  const auto add = [&](const std::string& file) {
    const auto place = store.locate(id.run, file);
    test.files.push_back(place ? *place : file);
  };
  add(name);
  const auto artifacts = store.list_artifacts(id.run);
  if (!artifacts) return;
  for (const SidecarEntry& artifact : *artifacts) {
    if (!artifact.name.starts_with(stem + ".")) continue;
    add(artifact.name);
    if (artifact.name != stem + std::string(kDumpEnd)) continue;
    const auto text = store.read(id.run, artifact.name, kMaxDump, artifact.bytes);
    const auto parsed = text ? parse_json(*text, artifact.name) : Result<json::value>(text.error());
    if (parsed && parsed->is_object()) test.dump = parsed->get_object();
  }
}

/// What left no sidecar: it could not be run, or has not ended.
StoredTest of_manifest(const std::string& run, const RunManifest& manifest, const PlannedTest& planned) {
  StoredTest test{run,
                  planned.test,
                  planned.topology,
                  planned.scheduler,
                  planned.work_type,
                  manifest.kernel,
                  manifest.project_commit,
                  planned.outcome.empty() ? "not ended" : planned.outcome,
                  {},
                  {},
                  {},
                  {},
                  {}};
  if (!planned.reason.empty()) test.why.push_back(planned.reason);
  return test;
}

void keep_wanted(const std::string& wanted, std::vector<StoredTest>& tests) {
  const bool exact =
      std::any_of(tests.begin(), tests.end(), [&](const StoredTest& test) { return test.test == wanted; });
  const std::string glob = wanted.find_first_of("*?") == std::string::npos ? "*" + wanted + "*" : wanted;
  std::erase_if(tests, [&](const StoredTest& test) {
    return exact ? test.test != wanted : !glob_match(glob, test.test);
  });
}

}  // namespace

Result<std::vector<StoredTest>> read_stored_tests(const AppContext& context, const std::string& archive,
                                                  const std::string& run, const std::string& wanted) {
  auto selected = read_run(context, archive, run);
  const auto id = parse_run_id(run);
  if (!id) return id.error();
  auto store = open_pool_store(context, archive);
  if (!store) return store.error();
  std::vector<Error> damaged;
  const auto manifest = manifest_of_run(**store, id->run, damaged);
  if (!selected && !manifest) return selected.error();
  std::vector<StoredTest> tests;
  for (std::size_t i = 0; selected && i < selected->documents.size(); ++i)
    tests.push_back(of_sidecar(run, std::move(selected->documents[i])));
  const std::size_t with_sidecar = tests.size();
  for (std::size_t i = 0; selected && i < selected->problems.size(); ++i)
    context.warn("left out: " + printable(selected->problems[i].error.message));
  for (const Error& error : damaged) context.warn("left out: " + error.message);
  for (std::size_t i = 0; manifest && id->folder.empty() && i < manifest->tests.size(); ++i) {
    const PlannedTest& planned = manifest->tests[i];
    const bool known = std::any_of(tests.begin(), tests.begin() + static_cast<std::ptrdiff_t>(with_sidecar),
                                   [&](const StoredTest& test) {
                                     return test.test == planned.test && test.topology == planned.topology &&
                                            test.scheduler == planned.scheduler;
                                   });
    if (planned.selected && !known) tests.push_back(of_manifest(run, *manifest, planned));
  }
  std::vector<std::string> names;
  for (const StoredTest& test : tests) names.push_back(test.test);
  keep_wanted(wanted, tests);
  if (tests.empty())
    return usage_error("the run " + printable(run) + " has no test \"" + printable(wanted) + "\"" +
                           suggestion(wanted, names),
                       "ktstr show " + shell_word(printable(run)));
  for (StoredTest& test : tests) {
    if (test.sidecar) add_files(**store, *id, test);
    test.again = line_again(context, test);
  }
  return tests;
}

}  // namespace ktstr
