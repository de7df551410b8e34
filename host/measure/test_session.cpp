// SPDX-License-Identifier: Apache-2.0
#include "measure/test_session.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/time.hpp>
#include <set>

#include "measure/affected_tests.hpp"
#include "measure/execution.hpp"
#include "measure/host_context.hpp"
#include "measure/run_inputs.hpp"
#include "measure/tell_error.hpp"
#include "measure/test_budget.hpp"
#include "report/reports.hpp"
#include "sidecar/run_key.hpp"

namespace ktstr {
namespace {

ktstr_str borrowed(std::string_view text) { return {text.data(), text.size()}; }

struct Tally {
  std::array<std::size_t, 6> by_outcome{};
  std::size_t faults = 0;  ///< errors that are the runner's own; they count as a plugin's
  std::size_t of(TestOutcome outcome) const { return by_outcome[static_cast<std::size_t>(outcome)]; }
  void add(const TestResult& done) {
    KTSTR_ASSERT(static_cast<std::size_t>(done.outcome) < by_outcome.size());
    ++by_outcome[static_cast<std::size_t>(done.outcome)];
    faults += done.fault ? 1 : 0;
  }
};

/// The tests on one kernel: a run of its own.
struct Pass {
  Kernel kernel;
  std::string label;  ///< of the project's commit
  std::vector<TestEntry> tests;
  std::string key() const { return run_key(kernel.id(), label); }
};

/// What a pass came to.
struct PassEnd {
  ExitCode code = ExitCode::kFine;
  Tally tally;
  std::size_t never_started = 0, sidecars = 0;
  bool interrupted = false;
  std::string location;  ///< empty: nobody can tell
};

/// What is cheap and may be wrong, before anything that takes long.
struct Prepared {
  std::unique_ptr<Reports> reports;
  std::unique_ptr<RunnerPort> runner;
  std::unique_ptr<StorePort> store;
  std::vector<TestEntry> tests;  ///< of the manifests
  Tree tree;
  std::optional<std::set<std::string>> relevant;  ///< names; nothing: all are
  std::vector<Pass> passes;                       ///< with tests
  std::size_t left_out = 0;                       ///< by --budget
};

/// Takes out of the pass what has passed already.
Status only_unpassed(const AppContext& context, StorePort& store, Pass& pass) {
  const auto unpassed = unpassed_tests(store, pass.key(), pass.kernel.id());
  if (!unpassed) return unpassed.error();
  keep_unpassed(*unpassed, pass.tests);
  const std::string run = printable(unpassed->run);
  context.inform(pass.tests.empty() ? "--failed: none of the selected tests failed in the run " + run +
                                          ": nothing to run again"
                                    : "--failed: " + counted(pass.tests.size(), "test", "tests") +
                                          " that did not pass in the run " + run);
  return Ok{};
}

/// Takes out of all passes what does not fit into the time.
Status keep_budget(const AppContext& context, double seconds, Prepared& prepared) {
  std::vector<BudgetedTest> all;
  const bool several = prepared.passes.size() > 1;
  for (const Pass& pass : prepared.passes) {
    for (const TestEntry& test : pass.tests)
      all.push_back({&test, several ? pass.kernel.id() : std::string()});
  }
  const auto outcome = budget_tests(context, seconds, all);
  if (!outcome) return outcome.error();
  for (const std::string& line : outcome->told) context.inform(line);
  std::size_t place = 0;
  for (Pass& pass : prepared.passes)
    std::erase_if(pass.tests, [&](const TestEntry&) { return !outcome->chosen[place++]; });
  KTSTR_ASSERT(place == outcome->chosen.size());
  std::erase_if(prepared.passes, [](const Pass& pass) { return pass.tests.empty(); });
  prepared.left_out =
      static_cast<std::size_t>(std::count(outcome->chosen.begin(), outcome->chosen.end(), false));
  return Ok{};
}

/// One pass for each kernel, with the tests that are to run on it.
Status plan_passes(const AppContext& context, const TestRequest& request, Prepared& prepared) {
  auto selected = select_tests(prepared.tests, request.selection);
  if (!selected) return selected.error();
  if (prepared.relevant)
    std::erase_if(*selected, [&](const TestEntry& test) { return !prepared.relevant->contains(test.name); });
  auto kernels = resolve_kernels(context, request.kernels);
  if (!kernels) return kernels.error();
  if (kernels->size() > 1 && !context.environment.sidecar_dir.empty())
    return usage_error("KTSTR_SIDECAR_DIR is one directory, and " + std::to_string(kernels->size()) +
                           " kernels need one each",
                       "leave it unset, or give one --kernel");
  const std::string& told = context.environment.project_commit;
  const std::string label = told.empty() ? commit_label(prepared.tree.label, prepared.tree.dirty) : told;
  for (Kernel& kernel : *kernels) {
    Pass pass{std::move(kernel), label, *selected};
    if (request.selection.failed) {
      if (const Status kept = only_unpassed(context, *prepared.store, pass); !kept) return kept;
    }
    if (const auto& partition = request.selection.partition; partition && !pass.tests.empty()) {
      keep_part(*partition, pass.tests);
      if (pass.tests.empty())
        context.inform("--partition " + partition->text() + ": no test is in this part");
    }
    if (!pass.tests.empty()) prepared.passes.push_back(std::move(pass));
  }
  if (request.budget_seconds && !prepared.passes.empty())
    return keep_budget(context, *request.budget_seconds, prepared);
  return Ok{};
}

Result<Prepared> prepare(const AppContext& context, const TestRequest& request) {
  Prepared prepared;
  auto reports = Reports::open(context, KTSTR_DOCUMENT_TEST_RUN);
  if (!reports) return reports.error();
  prepared.reports = std::move(*reports);
  auto runner = context.plugins.make_runner(context.config.runner.use,
                                            creation_of(context, context.config.runner.options_json));
  if (!runner) return runner.error();
  prepared.runner = std::move(*runner);
  auto tests =
      discover_tests(context, *prepared.runner, context.config.project_dir, request.selection.manifests);
  if (!tests) return tests.error();
  prepared.tests = std::move(*tests);
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
  if (request.relevant) {
    auto relevant = relevant_tests(context, *request.relevant, **baseline, prepared.tree, prepared.tests);
    if (!relevant) return relevant.error();
    prepared.relevant = std::move(*relevant);
  }
  if (const Status planned = plan_passes(context, request, prepared); !planned) return planned.error();
  return prepared;
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

ExitCode exit_code_of(const Tally& tally, const ExecutionResult& result, bool interrupted, bool flaky_fails) {
  ExitCode code = ExitCode::kFine;
  if (interrupted) code = worse(code, ExitCode::kInterrupted);
  const std::size_t flaky = tally.of(TestOutcome::kFlaky);
  KTSTR_ASSERT(tally.faults <= tally.of(TestOutcome::kError));
  if (tally.of(TestOutcome::kFailed) + (flaky_fails ? flaky : 0) > 0) code = worse(code, ExitCode::kFailed);
  if (tally.of(TestOutcome::kError) > tally.faults) code = worse(code, ExitCode::kEnvironment);
  if (!result.runner && !interrupted) code = worse(code, result.runner.error().code);
  if (!result.store_errors.empty()) code = worse(code, ExitCode::kPlugin);
  // A session in which nothing was judged must not look like one in which everything passed.
  if (tally.of(TestOutcome::kInconclusive) > 0 || tally.of(TestOutcome::kPassed) + flaky == 0)
    code = worse(code, ExitCode::kInconclusive);
  return code;
}

/// What the results are filed under and stamped with.
Result<ExecutionRequest> execution_of(const AppContext& context, const TestRequest& request,
                                      const Prepared& prepared, const Pass& pass) {
  const Tree& tree = prepared.tree;
  const Kernel& kernel = pass.kernel;
  const std::string& told = context.environment.project_commit;
  const bool own_directory = !context.environment.sidecar_dir.empty();
  ExecutionRequest execution;
  execution.inform = context.inform;
  execution.metrics = &context.config.metrics;
  execution.scratch = context.config.cache_dir;
  execution.pace = pace_name(kernel, request.deterministic, request.cold);
  execution.store = store_identity(context);
  execution.spool_places = spool_places(context);
  execution.cancelled = &context.cancelled;
  const auto inputs = run_inputs(context, kernel, tree, prepared.tests);
  if (!inputs) return inputs.error();
  execution.run = {pass.key(), session_token(context.environment.run_epoch), *inputs, !own_directory,
                   pass.tests.size() < prepared.tests.size()};
  if (told.empty() && !own_directory) {
    const Status unique =
        check_label(*prepared.store, execution.run.key, tree.commit, context.config.metrics);
    if (!unique) return unique.error();
  }
  execution.tests = pass.tests;
  execution.stamp.project_commit = pass.label;
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
  execution.manifest =
      manifest_of(execution, prepared.tests, kernel.id(), request, has_state ? tree.state : "");
  if (pass.label.empty() && !own_directory) {
    context.warn(
        "the project's commit is unknown, so every run at this kernel overwrites the one before in " +
        execution.run.key + "; commit it to a git repository, or set KTSTR_SIDECAR_DIR");
  }
  return execution;
}

/// What the runner is asked: these tests of the pass.
std::string request_of(const AppContext& context, const TestRequest& request, const Pass& pass,
                       const std::vector<TestEntry>& tests) {
  RunnerRequest wanted;
  wanted.project_dir = context.config.project_dir;
  for (const TestEntry& test : tests) wanted.tests.push_back(test.name);
  for (const TestEntry& test : pass.tests) wanted.manifests.push_back(test.manifest);
  std::sort(wanted.manifests.begin(), wanted.manifests.end());
  wanted.manifests.erase(std::unique(wanted.manifests.begin(), wanted.manifests.end()),
                         wanted.manifests.end());
  wanted.kernel = &pass.kernel;
  wanted.performance_only = request.selection.performance_only;
  wanted.deterministic = request.deterministic;
  wanted.cold = request.cold;
  wanted.trace = request.trace;
  wanted.cost = request.cost;
  wanted.seed = request.seed;
  wanted.jobs = request.jobs;
  return runner_request(context, wanted);
}

/// The test as reports name it: with several kernels, so that no two are called alike.
TestEntry reported(const TestEntry& test, const Pass& pass, bool several) {
  TestEntry named = test;
  if (several) named.name += "@" + pass.kernel.id();
  return named;
}

void report_result(Reports& reports, TestResult result, const Pass& pass, bool several) {
  const TestEntry named = reported(result.test, pass, several);
  const ktstr_test_entry entry = entry_of(named);
  if (several) result.facts.insert({{"kernel", pass.kernel.id()}, {"run", pass.key()}});
  const std::string extra = to_text(result.facts, 0);
  ktstr_report_row row{};
  row.size = sizeof row;
  row.outcome = static_cast<std::uint32_t>(result.outcome);
  row.test = &entry;
  row.duration_ns = result.duration_ns;
  row.message = borrowed(result.message);
  row.location = borrowed(result.location);
  row.extra_json = borrowed(extra);
  reports.row(row);
}

void begin_reports(const AppContext& context, const Prepared& prepared) {
  const bool several = prepared.passes.size() > 1;
  std::vector<TestEntry> planned;
  json::array kernels;
  for (const Pass& pass : prepared.passes) {
    for (const TestEntry& test : pass.tests) planned.push_back(reported(test, pass, several));
    kernels.emplace_back(pass.kernel.id());
  }
  const Pass& first = prepared.passes.front();
  const std::size_t all = prepared.tests.size() * prepared.passes.size();
  KTSTR_ASSERT(planned.size() <= all);
  json::object begin{{"project", context.config.project},
                     {"tests", planned.size()},
                     {"not_selected", all - planned.size()},
                     {"kernel", several || first.kernel.version.empty() ? json::value(nullptr)
                                                                        : json::value(first.kernel.version)},
                     {"run", several ? json::value(nullptr) : json::value(first.key())}};
  if (several) begin["kernels"] = std::move(kernels);
  prepared.reports->begin(to_text(begin, 0), KTSTR_REPORT_ALL, planned);
}

void tell_what_went_wrong(const AppContext& context, const ExecutionRequest& execution,
                          const ExecutionResult& result, bool interrupted) {
  if (!result.runner && !interrupted) tell_error(context, "", result.runner.error());
  for (const Error& error : result.store_errors) warn_of(context, "not stored: ", error);
  if (const std::string cleared = cleared_text(result.changes); !cleared.empty())
    context.inform(printable(execution.run.key) + ": " + cleared);
}

PassEnd run_pass(const AppContext& context, Prepared& prepared, const Pass& pass,
                 const ExecutionRequest& execution, bool flaky_fails) {
  PassEnd end;
  Progress progress(context.err_is_terminal, context.width);
  RunnerPort& running = *prepared.runner;
  context.on_cancel([&running] { running.interrupt(); });
  const ExecutionResult result =
      execute_tests(running, *prepared.store, execution, progress, [&](const TestResult& done) {
        end.tally.add(done);
        report_result(*prepared.reports, done, pass, prepared.passes.size() > 1);
      });
  context.on_cancel({});
  end.interrupted =
      context.cancelled || (!result.runner && result.runner.error().code == ExitCode::kInterrupted);
  end.never_started = result.never_started;
  end.sidecars = result.records.size();
  tell_what_went_wrong(context, execution, result, end.interrupted);
  end.code = exit_code_of(end.tally, result, end.interrupted, flaky_fails);
  if (const auto location = prepared.store->locate(execution.run.key, "")) end.location = *location;
  return end;
}

json::object tally_of(const PassEnd& end) {
  const Tally& tally = end.tally;
  return {{"passed", tally.of(TestOutcome::kPassed)},
          {"flaky", tally.of(TestOutcome::kFlaky)},
          {"failed", tally.of(TestOutcome::kFailed)},
          {"skipped", tally.of(TestOutcome::kSkipped)},
          {"inconclusive", tally.of(TestOutcome::kInconclusive)},
          {"errors", tally.of(TestOutcome::kError)},
          {"not_run", end.never_started},
          {"interrupted", end.interrupted}};
}

/// All passes as if they were one.
PassEnd together(const std::vector<PassEnd>& ends) {
  KTSTR_ASSERT(!ends.empty());
  PassEnd all = ends.front();
  for (std::size_t i = 1; i < ends.size(); ++i) {
    const PassEnd& end = ends[i];
    for (std::size_t k = 0; k < all.tally.by_outcome.size(); ++k)
      all.tally.by_outcome[k] += end.tally.by_outcome[k];
    all.code = worse(all.code, end.code);
    all.never_started += end.never_started;
    all.sidecars += end.sidecars;
    all.interrupted = all.interrupted || end.interrupted;
  }
  return all;
}

json::value or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

std::string end_document(const Prepared& prepared, const std::vector<PassEnd>& ends, const PassEnd& all,
                         std::chrono::nanoseconds elapsed) {
  const bool several = prepared.passes.size() > 1;
  json::object document = tally_of(all);
  KTSTR_ASSERT(ends.size() == prepared.passes.size());
  document["duration_ns"] = elapsed.count();
  document["run"] = several ? json::value(nullptr) : json::value(prepared.passes.front().key());
  document["location"] = several ? json::value(nullptr) : or_null(all.location);
  document["sidecars"] = all.sidecars;
  document["left_out"] = prepared.left_out;
  if (!several) return to_text(document, 0);
  json::array runs;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    json::object run{{"kernel", prepared.passes[i].kernel.id()},
                     {"run", prepared.passes[i].key()},
                     {"exit_code", static_cast<int>(ends[i].code)},
                     {"location", or_null(ends[i].location)},
                     {"sidecars", ends[i].sidecars}};
    for (auto& count : tally_of(ends[i])) run.emplace(count.key(), std::move(count.value()));
    runs.push_back(std::move(run));
  }
  document["runs"] = std::move(runs);
  return to_text(document, 0);
}

Status build_for(const AppContext& context, const Pass& pass, const ExecutionRequest& execution) {
  const std::filesystem::path& project = context.config.project_dir;
  const Error interrupted{ExitCode::kInterrupted, "interrupted before the first test", ""};
  if (context.cancelled) return interrupted;
  const Status built = build_project(context, pass.kernel,
                                     {project, "", "cd " + project.string(), execution.run.session, {}, {}});
  return built && context.cancelled ? Status(interrupted) : built;
}

/// A pass whose tests were never begun.
PassEnd not_built(const AppContext& context, const Pass& pass, const Error& error) {
  PassEnd end;
  end.never_started = pass.tests.size();
  end.interrupted = error.code == ExitCode::kInterrupted;
  end.code = error.code;
  if (!end.interrupted) tell_error(context, printable(pass.key()) + ": ", error);
  return end;
}

}  // namespace

Result<std::vector<PlannedRun>> planned_tests(const AppContext& context, const TestRequest& request) {
  auto prepared = prepare(context, request);
  if (!prepared) return prepared.error();
  std::vector<PlannedRun> runs;
  for (Pass& pass : prepared->passes) {
    const std::string key = pass.key();
    runs.push_back({pass.kernel.id(), key, pass.kernel, std::move(pass.tests)});
  }
  return runs;
}

Result<ExitCode> run_test_session(const AppContext& context, const TestRequest& request) {
  const auto begin = std::chrono::steady_clock::now();
  auto prepared = prepare(context, request);
  if (!prepared) return prepared.error();
  if (prepared->passes.empty()) return ExitCode::kFine;  // and it was told why
  std::vector<ExecutionRequest> executions;
  for (const Pass& pass : prepared->passes) {
    auto execution = execution_of(context, request, *prepared, pass);
    if (!execution) return execution.error();
    executions.push_back(std::move(*execution));
  }
  KTSTR_ASSERT(executions.size() == prepared->passes.size());
  // Of one run, a build that fails is all there is to tell; of several, the others go on.
  const bool several = executions.size() > 1;
  if (!several) {
    const Status built = build_for(context, prepared->passes.front(), executions.front());
    if (!built) return built.error();
  }
  Reports& reports = *prepared->reports;
  begin_reports(context, *prepared);
  std::vector<PassEnd> ends;
  for (std::size_t i = 0; i < executions.size(); ++i) {
    const Pass& pass = prepared->passes[i];
    const Status built = several ? build_for(context, pass, executions[i]) : Status(Ok{});
    executions[i].request_json = request_of(context, request, pass, pass.tests);
    executions[i].retries = request.retries;
    executions[i].again = [&](const std::vector<TestEntry>& tests) {
      return request_of(context, request, pass, tests);
    };
    ends.push_back(built ? run_pass(context, *prepared, pass, executions[i], request.flaky_fails)
                         : not_built(context, pass, built.error()));
  }
  const PassEnd all = together(ends);
  ExitCode code = all.code;
  const std::size_t skipped = all.tally.of(TestOutcome::kSkipped);
  if ((request.strict || request.no_skip) && skipped > 0) {
    context.warn((request.no_skip ? "--no-skip: " : "--strict: ") +
                 counted(skipped, "test was skipped", "tests were skipped"));
    code = worse(code, request.no_skip ? ExitCode::kFailed : ExitCode::kInconclusive);
  }
  if (const std::size_t flaky = all.tally.of(TestOutcome::kFlaky); flaky > 0) {
    context.warn(counted(flaky, "test is flaky: it failed, and passed when it ran again",
                         "tests are flaky: they failed, and passed when they ran again"));
    if (request.strict) code = worse(code, ExitCode::kInconclusive);
  }
  if (request.strict && prepared->left_out > 0) {
    context.warn("--strict: " + counted(prepared->left_out, "test was", "tests were") +
                 " left out by --budget");
    code = worse(code, ExitCode::kInconclusive);
  }
  reports.end(code, end_document(*prepared, ends, all, std::chrono::steady_clock::now() - begin),
              all.interrupted ? KTSTR_REPORT_CANCELLED : KTSTR_REPORT_COMPLETE);
  if (reports.failure()) code = worse(code, ExitCode::kPlugin);
  return code;
}

}  // namespace ktstr
