// SPDX-License-Identifier: Apache-2.0
#include "measure/test_session.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/time.hpp>

#include "measure/execution.hpp"
#include "measure/host_context.hpp"
#include "measure/run_inputs.hpp"
#include "measure/variants.hpp"
#include "report/reports.hpp"
#include "sidecar/run_key.hpp"

namespace ktstr {
namespace {

ktstr_str borrowed(std::string_view text) { return {text.data(), text.size()}; }

void report_result(Reports& reports, const TestResult& result) {
  const ktstr_test_entry entry = entry_of(result.test);
  ktstr_report_row row{};
  row.size = sizeof row;
  row.outcome = static_cast<std::uint32_t>(result.outcome);
  row.test = &entry;
  row.duration_ns = result.duration_ns;
  row.message = borrowed(result.message);
  row.location = borrowed(result.location);
  row.extra_json = borrowed("{}");
  reports.row(row);
}

struct Tally {
  std::array<std::size_t, 5> by_outcome{};
  std::size_t faults = 0;  ///< errors that are the runner's own; they count as a plugin's
  std::size_t of(TestOutcome outcome) const { return by_outcome[static_cast<std::size_t>(outcome)]; }
};

/// "wake" is "*wake*".
std::string name_glob(const std::string& name) {
  return name.find_first_of("*?") == std::string::npos ? "*" + name + "*" : name;
}

std::string names_hint(const std::vector<std::string>& names) {
  return names.size() <= 12 ? "the tests are: " + join(names, ", ")
                            : "the project has " + std::to_string(names.size()) + " tests: ktstr test --list";
}

std::string cleared_text(const RunChanges& changes) {
  if (changes.cleared == 0) return {};
  const std::string what = std::to_string(changes.cleared) +
                           (changes.cleared == 1 ? " earlier result was" : " earlier results were") +
                           " cleared: ";
  return what + (changes.other_inputs
                     ? "from another kernel image, tree or set of tests, or nobody knows which"
                     : "of tests that left no result this time");
}

RunManifest manifest_of(const ExecutionRequest& execution, const std::vector<TestEntry>& all,
                        const std::string& kernel, const TestRequest& request,
                        const std::string& tree_state) {
  RunManifest manifest;
  manifest.tree_state = tree_state;
  manifest.session = execution.run.session;
  manifest.started = kit::utc_timestamp(std::time(nullptr));
  manifest.kernel = kernel;
  manifest.project_commit = execution.stamp.project_commit;
  manifest.time_source = request.deterministic ? "virtual" : "host";
  for (const TestEntry& test : all) {
    const bool selected = std::any_of(execution.tests.begin(), execution.tests.end(),
                                      [&](const TestEntry& one) { return one.name == test.name; });
    manifest.tests.push_back(
        {test.test, test.topology, test.scheduler, test.work_type, test.performance_mode, selected, {}, {}});
  }
  return manifest;
}

ExitCode exit_code_of(const Tally& tally, const ExecutionResult& result, bool interrupted) {
  ExitCode code = ExitCode::kFine;
  if (interrupted) code = worse(code, ExitCode::kInterrupted);
  if (tally.of(TestOutcome::kFailed) > 0) code = worse(code, ExitCode::kFailed);
  if (tally.of(TestOutcome::kError) > tally.faults) code = worse(code, ExitCode::kEnvironment);
  if (!result.runner && !interrupted) code = worse(code, result.runner.error().code);
  if (!result.store_errors.empty()) code = worse(code, ExitCode::kPlugin);
  // A session in which nothing was judged must not look like one in which everything passed.
  if (tally.of(TestOutcome::kInconclusive) > 0 || tally.of(TestOutcome::kPassed) == 0)
    code = worse(code, ExitCode::kInconclusive);
  return code;
}

}  // namespace

Result<std::vector<TestEntry>> discover_tests(const AppContext& context, RunnerPort& runner,
                                              const std::filesystem::path& project_dir) {
  auto manifests = expand_manifests(context.config.tests, project_dir);
  if (!manifests) return manifests.error();
  RunnerRequest request;
  request.project_dir = project_dir;
  request.manifests = std::move(*manifests);
  return runner.discover(runner_request(context, request));
}

Result<std::vector<TestEntry>> select_tests(const std::vector<TestEntry>& tests,
                                            const TestSelection& selection, std::size_t& left_out) {
  std::vector<std::string> names;
  for (const TestEntry& test : tests) {
    names.push_back(test.test);
    if (test.name != test.test) names.push_back(test.name);
  }
  for (const std::string& wanted : selection.names) {
    const std::string glob = name_glob(wanted);
    if (std::none_of(names.begin(), names.end(),
                     [&](const std::string& name) { return glob_match(glob, name); })) {
      return usage_error("no test matches \"" + printable(wanted) + "\"" + suggestion(wanted, names),
                         names_hint(names));
    }
  }
  const auto filtered = [&](const TestEntry& test) { return selection.filter.matches(subject_of(test)); };
  if (!tests.empty() && std::none_of(tests.begin(), tests.end(), filtered)) {
    const std::vector<std::string> asked = selection.filter.names();
    return usage_error("-E '" + printable(selection.filter.text()) + "' selects no test" +
                           (asked.empty() ? std::string() : suggestion(asked.front(), names)),
                       names_hint(names));
  }
  std::vector<TestEntry> selected;
  for (const TestEntry& test : tests) {
    const bool named = selection.names.empty() ||
                       std::any_of(selection.names.begin(), selection.names.end(), [&](const std::string& n) {
                         return glob_match(name_glob(n), test.test) || n == test.name;
                       });
    if (named && filtered(test) && (test.performance_mode || !selection.performance_only))
      selected.push_back(test);
  }
  left_out = tests.size() - selected.size();
  if (selected.empty()) {
    if (tests.empty()) return usage_error("the manifests declare no tests", "see docs/config.md");
    if (selection.performance_only)
      return usage_error("no selected test is a performance_mode test",
                         "set \"performance_mode\": true in a test's manifest");
    return usage_error(
        "no test is selected by both the names and -E '" + printable(selection.filter.text()) + "'",
        names_hint(names));
  }
  return selected;
}

namespace {

void warn_of(const AppContext& context, const std::string& what, const Error& error) {
  context.warn(what + error.message + (error.hint.empty() ? "" : " (" + error.hint + ")"));
}

/// What is cheap and may be wrong, before anything that takes long.
struct Prepared {
  std::unique_ptr<Reports> reports;
  std::unique_ptr<RunnerPort> runner;
  std::vector<TestEntry> tests, selected;
  std::size_t not_selected = 0;
  Kernel kernel;
  std::unique_ptr<StorePort> store;
  Tree tree;
};

Result<Prepared> prepare(const AppContext& context, const TestRequest& request) {
  Prepared prepared;
  auto reports = Reports::open(context, KTSTR_DOCUMENT_TEST_RUN);
  if (!reports) return reports.error();
  prepared.reports = std::move(*reports);
  auto runner = context.plugins.make_runner(context.config.runner.use,
                                            creation_of(context, context.config.runner.options_json));
  if (!runner) return runner.error();
  prepared.runner = std::move(*runner);
  auto tests = discover_tests(context, *prepared.runner, context.config.project_dir);
  if (!tests) return tests.error();
  prepared.tests = std::move(*tests);
  auto selected = select_tests(prepared.tests, request.selection, prepared.not_selected);
  if (!selected) return selected.error();
  prepared.selected = std::move(*selected);
  auto kernel = resolve_kernel(context, request.kernel);
  if (!kernel) return kernel.error();
  prepared.kernel = std::move(*kernel);
  auto store = open_store(context, {true, {}, false});
  if (!store) return store.error();
  prepared.store = std::move(*store);
  if (const Status writable = prepared.store->probe(); !writable) return writable.error();
  auto baseline = context.plugins.make_baseline(context.config.baseline.use,
                                                creation_of(context, context.config.baseline.options_json));
  if (!baseline) return baseline.error();
  auto tree = (*baseline)->describe(context.config.project_dir.string());
  if (tree) {
    prepared.tree = std::move(*tree);
  } else {  // results without a label are worth more than no results
    warn_of(context, "", tree.error());
  }
  return prepared;
}

}  // namespace

Result<std::vector<TestEntry>> planned_tests(const AppContext& context, const TestRequest& request) {
  auto prepared = prepare(context, request);
  if (!prepared) return prepared.error();
  return std::move(prepared->selected);
}

namespace {

/// What the results are filed under and stamped with.
Result<ExecutionRequest> execution_of(const AppContext& context, const TestRequest& request,
                                      const Prepared& prepared) {
  const auto& [reports, runner, tests, selected, not_selected, kernel, store, tree] = prepared;
  const std::string& told = context.environment.project_commit;
  const std::string label = told.empty() ? commit_label(tree.label, tree.dirty) : told;
  const bool own_directory = !context.environment.sidecar_dir.empty();
  ExecutionRequest execution;
  execution.inform = context.inform;
  execution.metrics = &context.config.metrics;
  execution.scratch = context.config.cache_dir;
  execution.store = store_identity(context);
  execution.spool_places = spool_places(context);
  execution.cancelled = &context.cancelled;
  const auto inputs = run_inputs(context, kernel, tree, tests);
  if (!inputs) return inputs.error();
  execution.run = {run_key(kernel.id(), label), session_token(context.environment.run_epoch), *inputs,
                   !own_directory, not_selected > 0};
  if (told.empty() && !own_directory) {
    const Status unique = check_label(*store, execution.run.key, tree.commit, context.config.metrics);
    if (!unique) return unique.error();
  }
  execution.tests = selected;
  execution.stamp.project_commit = label;
  execution.stamp.project_commit_full = tree.commit;
  execution.stamp.kernel_label = kernel.label;
  execution.stamp.kernel_commit = kernel.commit;
  execution.stamp.kernel_commit_full = kernel.commit_full;
  execution.stamp.kernel_version = kernel.version;
  execution.stamp.kernel_release = kernel.release;
  execution.stamp.run_source = context.environment.ci ? "ci" : "local";
  execution.stamp.host = host_context();
  execution.stamp.plugins = used_plugins(context, {"runner", "store", "baseline"});
  const bool has_state = tree.dirty && told.empty();
  execution.manifest = manifest_of(execution, tests, kernel.id(), request, has_state ? tree.state : "");
  if (label.empty() && !own_directory) {
    context.warn(
        "the project's commit is unknown, so every run at this kernel overwrites the one before in " +
        execution.run.key + "; commit it to a git repository, or set KTSTR_SIDECAR_DIR");
  }
  return execution;
}

std::string request_of(const AppContext& context, const TestRequest& request, const Prepared& prepared) {
  RunnerRequest wanted;
  wanted.project_dir = context.config.project_dir;
  for (const TestEntry& test : prepared.selected) {
    wanted.tests.push_back(test.name);
    wanted.manifests.push_back(test.manifest);
  }
  std::sort(wanted.manifests.begin(), wanted.manifests.end());
  wanted.manifests.erase(std::unique(wanted.manifests.begin(), wanted.manifests.end()),
                         wanted.manifests.end());
  wanted.kernel = &prepared.kernel;
  wanted.performance_only = request.selection.performance_only;
  wanted.deterministic = request.deterministic;
  wanted.cold = request.cold;
  wanted.seed = request.seed;
  wanted.jobs = request.jobs;
  return runner_request(context, wanted);
}

std::string begin_document(const AppContext& context, const Prepared& prepared, const std::string& run) {
  const std::string& version = prepared.kernel.version;
  return to_text(json::object{{"project", context.config.project},
                              {"tests", prepared.selected.size()},
                              {"not_selected", prepared.not_selected},
                              {"kernel", version.empty() ? json::value(nullptr) : json::value(version)},
                              {"run", run}},
                 0);
}

ExecutionResult execute(const AppContext& context, Prepared& prepared, const ExecutionRequest& execution,
                        Tally& tally) {
  Progress progress(context.err_is_terminal, context.width);
  RunnerPort& running = *prepared.runner;
  context.on_cancel([&running] { running.interrupt(); });
  ExecutionResult result =
      execute_tests(running, *prepared.store, execution, progress, [&](const TestResult& done) {
        ++tally.by_outcome[static_cast<std::size_t>(done.outcome)];
        tally.faults += done.fault ? 1 : 0;
        report_result(*prepared.reports, done);
      });
  context.on_cancel({});
  return result;
}

void tell_what_went_wrong(const AppContext& context, const ExecutionRequest& execution,
                          const ExecutionResult& result, bool interrupted) {
  if (!result.runner && !interrupted) warn_of(context, "", result.runner.error());
  for (const Error& error : result.store_errors) warn_of(context, "not stored: ", error);
  if (const std::string cleared = cleared_text(result.changes); !cleared.empty())
    context.inform(printable(execution.run.key) + ": " + cleared);
}

}  // namespace

Result<ExitCode> run_test_session(const AppContext& context, const TestRequest& request) {
  const auto begin = std::chrono::steady_clock::now();
  auto prepared = prepare(context, request);
  if (!prepared) return prepared.error();
  auto execution = execution_of(context, request, *prepared);
  if (!execution) return execution.error();
  const std::filesystem::path& project = context.config.project_dir;
  if (const Status built = build_project(
          context, prepared->kernel, {project, "", "cd " + project.string(), execution->run.session, {}, {}});
      !built)
    return built.error();
  if (context.cancelled) return Error{ExitCode::kInterrupted, "interrupted before the first test", ""};
  execution->request_json = request_of(context, request, *prepared);

  Reports& reports = *prepared->reports;
  reports.begin(begin_document(context, *prepared, execution->run.key), KTSTR_REPORT_ALL, prepared->selected);
  Tally tally;
  const ExecutionResult result = execute(context, *prepared, *execution, tally);
  const bool interrupted =
      context.cancelled || (!result.runner && result.runner.error().code == ExitCode::kInterrupted);
  tell_what_went_wrong(context, *execution, result, interrupted);

  ExitCode code = exit_code_of(tally, result, interrupted);
  if (const std::size_t skipped = tally.of(TestOutcome::kSkipped); request.strict && skipped > 0) {
    context.warn("--strict: " + std::to_string(skipped) +
                 (skipped == 1 ? " test was skipped" : " tests were skipped"));
    code = worse(code, ExitCode::kInconclusive);
  }
  const auto location = prepared->store->locate(execution->run.key, "");
  const auto elapsed =
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - begin).count();
  reports.end(code,
              to_text(json::object{{"passed", tally.of(TestOutcome::kPassed)},
                                   {"failed", tally.of(TestOutcome::kFailed)},
                                   {"skipped", tally.of(TestOutcome::kSkipped)},
                                   {"inconclusive", tally.of(TestOutcome::kInconclusive)},
                                   {"errors", tally.of(TestOutcome::kError)},
                                   {"not_run", result.never_started},
                                   {"interrupted", interrupted},
                                   {"duration_ns", elapsed},
                                   {"run", execution->run.key},
                                   {"location", location ? json::value(*location) : json::value(nullptr)},
                                   {"sidecars", result.records.size()}},
                      0),
              interrupted ? KTSTR_REPORT_CANCELLED : KTSTR_REPORT_COMPLETE);
  if (reports.failure()) code = worse(code, ExitCode::kPlugin);
  return code;
}

}  // namespace ktstr
