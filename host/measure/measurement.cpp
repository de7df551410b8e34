// SPDX-License-Identifier: Apache-2.0
#include "measure/measurement.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/time.hpp>
#include <map>

#include "measure/execution.hpp"
#include "measure/host_context.hpp"
#include "measure/variants.hpp"
#include "pool/pool.hpp"
#include "support/files.hpp"
#include "support/known_times.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

constexpr std::chrono::seconds kSignOfLife{
    60};  // what reads a pipe may give up on silence, but wants no chatter

/// What tells a side from another one of its commit; empty: nothing does.
std::string axis_of(const SideSpec& side) {
  if (side.kernel) return "kernel " + side.kernel->image.string() + " " + side.kernel->release;
  return side.scheduler.empty() ? side.topology : "scheduler " + side.scheduler;
}

std::string identity_of(const MeasureRequest& request, const Kernel& kernel, const Checkout& head) {
  return plan_identity({request.baseline.commit, request.head.commit,
                        request.head.worktree ? tree_digest(head.project_dir) : "", kernel.id(),
                        kernel.release, kernel.image.string(), axis_of(request.baseline),
                        axis_of(request.head), order_name(request.plan.order),
                        std::to_string(request.plan.seed), request.deterministic ? "deterministic" : "",
                        request.filter.text(), request.subdirectory});
}

int badness(TestOutcome outcome) {
  switch (outcome) {
    case TestOutcome::kPassed: return 0;
    case TestOutcome::kSkipped: return 1;
    case TestOutcome::kInconclusive: return 2;
    case TestOutcome::kFlaky:  // plans have no retries
    case TestOutcome::kFailed: return 3;
    case TestOutcome::kError: return 4;
  }
  return 4;
}

}  // namespace

void Measurement::Endings::add(const TestResult& done) {
  ++total;
  if (done.outcome == TestOutcome::kError) ++errors;
  KTSTR_ASSERT(errors <= total);
  if (badness(done.outcome) <= badness(worst)) return;
  worst = done.outcome;
  reason = split(done.message, '\n').front();
}

std::string pass_key(const std::string& session, const std::string& side, const std::string& label,
                     std::uint64_t block) {
  return session + "/" + side + "-" + label + "-" + std::to_string(block);
}

Measurement::Measurement(const AppContext& context, const MeasureRequest& request, const Kernel& kernel,
                         Workplace workplace)
    : context_(context),
      request_(request),
      kernel_(kernel),
      workplace_(std::move(workplace)),
      session_(session_token(context.environment.run_epoch)),
      started_(kit::utc_timestamp(std::time(nullptr))),
      progress_(context.err_is_terminal, context.width) {
  sides_[0].spec = request.baseline;
  sides_[1].spec = request.head;
}

Error Measurement::interrupted() const {
  if (passes_ == 0) return {ExitCode::kInterrupted, "interrupted: nothing was measured", ""};
  return {ExitCode::kInterrupted,
          "interrupted after " + std::to_string(passes_) +
              (passes_ == 1 ? " complete pass, which is kept" : " complete passes, which are kept"),
          "the same command with --resume goes on from there"};
}

Measurement::~Measurement() {
  if (!place_) return;
  const auto removed = place_->end();
  if (!removed)
    context_.warn("cannot remove old sessions: " + removed.error().message);
  else if (*removed > 0)
    context_.inform("removed " + std::to_string(*removed) +
                    (*removed == 1 ? " old session" : " old sessions") +
                    " of repeated runs (store option \"sessions\": {\"keep\": N})");
}

Result<std::unique_ptr<Measurement>> Measurement::prepare(const AppContext& context,
                                                          const MeasureRequest& request,
                                                          BaselinePort& baseline, const Kernel& kernel,
                                                          const std::vector<SidecarRecord>& stored) {
  std::error_code unresolved;
  const fs::path project = fs::weakly_canonical(context.config.project_dir, unresolved);
  auto workplace = Workplace::open(context.environment.tmpdir, project.string());
  if (!workplace) return workplace.error();
  if (!workplace->elsewhere().empty()) {
    context.warn(workplace->elsewhere() + ": this one builds in " + printable(workplace->tree().string()) +
                 ", and programs that contain the path differ from those of other sessions");
  }
  std::unique_ptr<Measurement> made(new Measurement(context, request, kernel, std::move(*workplace)));
  auto runner = context.plugins.make_runner(context.config.runner.use,
                                            creation_of(context, context.config.runner.options_json));
  if (!runner) return runner.error();
  made->runner_ = std::move(*runner);
  auto store = open_store(context);
  if (!store) return store.error();
  made->store_ = std::move(*store);
  if (const Status writable = made->store_->probe(); !writable) return writable.error();
  if (const Status out = made->check_out_both(baseline); !out) return out.error();
  made->plan_ = identity_of(request, kernel, made->sides_[1]);
  KTSTR_ASSERT(!made->plan_.empty());
  auto place = made->store_->begin_session(made->plan_, request.resume);
  if (!place) return place.error();
  made->place_ = std::move(*place);
  for (const SidecarRecord& record : stored) {
    if (record.session == made->session() && record.plan == made->plan_)
      made->records_[record.head_side ? 1 : 0].push_back(record);
  }
  return made;
}

/// Leaves HEAD shown.
Status Measurement::check_out_both(BaselinePort& baseline) {
  // The work tree first: it may change under us, a commit does not.
  for (const int at : {1, 0}) {
    Checkout& side = sides_[at];
    progress_.phase("checking out " + side.spec.name + " " + side.spec.label);
    if (const Status shown = workplace_.show(side.spec.prefix); !shown) return shown;
    const Status out = check_out(context_, baseline, workplace_.tree(), request_.subdirectory, side);
    if (context_.cancelled) return interrupted();
    if (!out) return out;
  }
  for (Checkout& side : sides_) {
    if (const Status shown = workplace_.show(side.spec.prefix); !shown) return shown;
    if (const Status found = find_tests(context_, *runner_, request_.filter, side); !found) return found;
  }
  same_files_ = same_files(workplace_.tree(), workplace_.waiting(sides_[0].spec.prefix));
  progress_.phase("");
  return Ok{};
}

Status Measurement::build_once() {
  if (built_) return Ok{};
  std::map<std::string, std::string> programs[2];
  for (Checkout& side : sides_) {
    if (baseline_reused_ && &side == &sides_[0]) continue;
    if (const Status shown = workplace_.show(side.spec.prefix); !shown) return shown;
    const SideVariables variables = side_variables(context_.environment, workplace_.tree(), side.project_dir);
    if (&side == &sides_[0] && !variables.leaks.empty()) {
      context_.inform("not passed to the builds of the two sides, as it leads out of their checkouts: " +
                      printable(join(variables.leaks, ", ")));
    }
    const Status done = build(context_, kernel_of(side), side, variables, session_);
    if (context_.cancelled) return interrupted();
    if (!done) return done;
    look_at_programs(side, programs[&side - sides_]);
  }
  if (same_files_) {
    for (const auto& [scheduler, hash] : programs[0]) {
      const auto other = programs[1].find(scheduler);
      if (other == programs[1].end() || other->second == hash) continue;
      warnings_.push_back(
          "both sides have the same files, but their builds made different programs of the scheduler " +
          printable(scheduler) + ": the build is not reproducible, and differences may come from that");
    }
  }
  built_ = true;
  return Ok{};
}

/// The hash of each scheduler's program; one that a build cannot have made is worth a warning.
void Measurement::look_at_programs(const Checkout& side, std::map<std::string, std::string>& programs) {
  for (const TestEntry& test : side.tests) {
    if (test.program.empty()) continue;
    std::error_code missing;
    const fs::path program = fs::canonical(side.project_dir / test.program, missing);
    if (missing) continue;  // the runner says so where it counts
    if (const auto hash = sha256_of_file(program)) programs[test.scheduler] = *hash;
    if (lies_in(program, workplace_.tree())) continue;
    const std::string warning = "the scheduler " + printable(program.string()) +
                                " lies outside of the checkouts: it is what it is, whatever the two commits "
                                "hold; let \"binary\" name what the build makes";
    if (std::find(warnings_.begin(), warnings_.end(), warning) == warnings_.end())
      warnings_.push_back(warning);
  }
}

void Measurement::reuse_baseline(std::vector<SidecarRecord> records) {
  KTSTR_ASSERT(!built_ && passes_ == 0);  // what was measured would count as well
  records_[0] = std::move(records);
  baseline_reused_ = true;
}

std::vector<TestEntry> Measurement::tests_of(const PlanStep& step, const std::set<std::string>& only) const {
  std::vector<std::string> names;
  for (const Checkout& side : sides_) {
    for (const TestEntry& test : side.tests)
      names.push_back(test.test);  // variants of one test have one place in the order
  }
  std::vector<TestEntry> tests;
  for (const std::string& name : scenario_order(request_.plan, step.block, names)) {
    for (const TestEntry& test : sides_[step.head ? 1 : 0].tests) {
      if (test.test == name && (only.empty() || only.contains(test.test))) tests.push_back(test);
    }
  }
  return tests;
}

bool Measurement::complete(const PlanStep& step, const std::vector<TestEntry>& tests) const {
  const auto& records = records_[step.head ? 1 : 0];
  return std::all_of(tests.begin(), tests.end(), [&](const TestEntry& test) {
    return std::any_of(records.begin(), records.end(),
                       [&](const SidecarRecord& r) { return r.block == step.block && is_of(r, test); });
  });
}

/// The plan in a line, with how long it will take as far as that is known.
void Measurement::tell_plan(std::uint64_t blocks, std::size_t passes, std::chrono::milliseconds planned) {
  const auto pace =
      known_pace(context_.config.cache_dir, pace_name(kernel_, request_.deterministic, request_.cold));
  std::chrono::milliseconds all(std::llround(static_cast<double>(planned.count()) * pace.value_or(1)));
  std::string builds;
  const auto build = KnownTimes(context_.config.cache_dir).of(build_name(context_.config));
  if (build && !built_ && !context_.config.build.empty()) {
    const std::chrono::milliseconds both = *build * (baseline_reused_ ? 1 : 2);
    all += both;
    builds = ", " + rough_duration(both) + " of it for builds";
  }
  context_.inform("plan " + plan_ + ": " + std::to_string(passes) + " passes in " + std::to_string(blocks) +
                  " blocks, order " + order_name(request_.plan.order) + ", seed " +
                  std::to_string(request_.plan.seed) +
                  (resumed_ > 0 ? ", " + std::to_string(resumed_) + " taken from before" : "") + "; about " +
                  rough_duration(all) + builds + (pace ? "" : " when the tests run one after the other"));
  pace_ = std::make_unique<Pace>(planned, pace.value_or(1));
}

Status Measurement::run(std::uint64_t begin, std::uint64_t end, const std::set<std::string>& only) {
  KTSTR_ASSERT(begin <= end);
  std::vector<PlanStep> steps;
  std::chrono::milliseconds planned{0};
  for (const PlanStep& step : plan_steps(request_.plan, begin, end)) {
    if (baseline_reused_ && !step.head) continue;
    const std::vector<TestEntry> tests = tests_of(step, only);
    if (complete(step, tests)) {
      ++resumed_;
      ++passes_;
      continue;
    }
    steps.push_back(step);
    planned += planned_time(tests);
  }
  if (steps.empty()) return keep_manifest(true);
  KTSTR_ASSERT(resumed_ <= passes_ && steps.size() <= 2 * (end - begin));
  if (const Status kept = keep_manifest(false); !kept) return kept;
  tell_plan(end - begin, steps.size(), planned);
  if (const Status built = build_once(); !built) return built;
  told_ = std::chrono::steady_clock::now();
  for (const PlanStep& step : steps) {
    if (context_.cancelled) return interrupted();
    const std::string phase = "block " + std::to_string(step.block + 1) + " of " + std::to_string(end) +
                              ", " + sides_[step.head ? 1 : 0].spec.name + " " +
                              sides_[step.head ? 1 : 0].spec.label + ", about " +
                              rough_duration(pace_->left()) + " left";
    progress_.phase(phase);
    const auto start = std::chrono::steady_clock::now();
    if (!context_.err_is_terminal && start - told_ >= kSignOfLife) {
      context_.inform(phase);
      told_ = start;
    }
    if (const Status done = run_step(step, only); !done) return done;
    pace_->done(planned_time(tests_of(step, only)), std::chrono::duration_cast<std::chrono::milliseconds>(
                                                        std::chrono::steady_clock::now() - start));
    ++passes_;
  }
  progress_.phase("");
  return keep_manifest(true);
}

Status Measurement::keep_manifest(bool ended) {
  RunManifest kept = manifest(true);
  if (!ended) kept.ended.clear();
  RunRequest request;
  request.key = session();
  request.session = session_;
  request.preclear = false;
  auto run = store_->begin_run(request);
  if (!run) return run.error();
  if (const Status stored = (*run)->put({run_manifest_name("measured"), run_manifest_text(kept), true});
      !stored)
    return stored;
  const auto closed = (*run)->end(true);
  return closed ? Status(Ok{}) : Status(closed.error());
}

/// On which machine of a farm the other side of each test's pair ran, also before a --resume.
json::object Measurement::nodes_of_pairs(const PlanStep& step, const std::vector<TestEntry>& tests) const {
  json::object nodes;
  for (const TestEntry& test : tests) {
    for (const SidecarRecord& record : records_[step.head ? 0 : 1]) {
      if (record.block == step.block && record.test == test.test && !record.node.empty())
        nodes[test.name] = record.node;
    }
  }
  return nodes;
}

/// What the runner is asked for: `tests` of one side, with this block's seed.
RunnerRequest Measurement::wish_for(const Checkout& side, const PlanStep& step,
                                    const std::vector<TestEntry>& tests) const {
  RunnerRequest wanted;
  wanted.project_dir = side.project_dir;
  for (const TestEntry& test : tests) {
    wanted.tests.push_back(test.name);
    if (std::find(wanted.manifests.begin(), wanted.manifests.end(), test.manifest) == wanted.manifests.end())
      wanted.manifests.push_back(test.manifest);
  }
  std::sort(wanted.manifests.begin(), wanted.manifests.end());
  wanted.kernel = &kernel_of(side);
  wanted.performance_only = true;
  wanted.deterministic = request_.deterministic;
  wanted.cold = request_.cold;
  wanted.cost = request_.cost;
  wanted.seed = request_.plan.seed + step.block;
  wanted.jobs = request_.jobs;
  wanted.label = side.spec.name;
  if (json::object nodes = nodes_of_pairs(step, tests); !nodes.empty())
    wanted.more["nodes"] = std::move(nodes);
  return wanted;
}

Status Measurement::run_step(const PlanStep& step, const std::set<std::string>& only) {
  const Checkout& side = sides_[step.head ? 1 : 0];
  KTSTR_ASSERT(place_ != nullptr && !side.project_dir.empty());
  std::vector<SidecarRecord>& records = records_[step.head ? 1 : 0];
  ExecutionRequest execution;
  execution.tests = tests_of(step, only);
  if (execution.tests.empty()) return Ok{};
  if (const Status shown = workplace_.show(side.spec.prefix); !shown) return shown;
  // What an interrupted pass left behind is measured again as a whole.
  std::erase_if(records, [&](const SidecarRecord& record) { return record.block == step.block; });

  execution.metrics = &context_.config.metrics;
  execution.scratch = context_.config.cache_dir;
  execution.pace = pace_name(kernel_of(side), request_.deterministic, request_.cold);
  execution.store = store_identity(context_);
  execution.spool_places = spool_places(context_);
  execution.cancelled = &context_.cancelled;
  execution.request_json = runner_request(context_, wish_for(side, step, execution.tests));
  KTSTR_ASSERT(built_);
  execution.run.key = pass_key(session(), side.spec.prefix, side.spec.label, step.block);
  execution.run.session = session_;
  execution.inform = context_.inform;
  execution.stamp.project_commit = side.spec.label;
  execution.stamp.project_commit_full = side.spec.commit;
  execution.stamp.kernel_label = kernel_of(side).label;
  execution.stamp.kernel_commit = kernel_of(side).commit;
  execution.stamp.kernel_commit_full = kernel_of(side).commit_full;
  execution.stamp.kernel_version = kernel_of(side).version;
  execution.stamp.kernel_release = kernel_of(side).release;
  execution.stamp.run_source = context_.environment.ci ? "ci" : "local";
  execution.stamp.host = host_context();
  execution.stamp.plugins = used_plugins(context_, {"runner", "store", "baseline"});
  execution.stamp.place = PlanPlace{step.head, step.block, step.slot, plan_};

  context_.on_cancel([this] { runner_->interrupt(); });
  ExecutionResult ran = execute_tests(*runner_, *store_, execution, progress_, [&](const TestResult& done) {
    endings_[step.head ? 1 : 0][done.test.name].add(done);
    if (done.outcome == TestOutcome::kPassed) return;
    const std::string reason = split(done.message, '\n').front();
    notes_.push_back("block " + std::to_string(step.block + 1) + ", " + side.spec.name + ": " +
                     printable(done.test.name) + " did not pass: " + printable(reason) +
                     (done.location.empty() ? "" : " (" + printable(done.location) + ")"));
  });
  context_.on_cancel({});
  if (context_.cancelled && !ran.store_errors.empty())
    context_.warn("not stored: " + ran.store_errors.front().message);
  if (context_.cancelled) return interrupted();
  if (!ran.runner) return ran.runner.error();
  if (!ran.store_errors.empty()) return ran.store_errors.front();
  KTSTR_ASSERT(std::all_of(ran.records.begin(), ran.records.end(), [&](const SidecarRecord& record) {
    return record.block == step.block && record.head_side == step.head && record.plan == plan_;
  }));
  records.insert(records.end(), std::make_move_iterator(ran.records.begin()),
                 std::make_move_iterator(ran.records.end()));
  return Ok{};
}

RunManifest Measurement::manifest(bool head) const {
  const Checkout& side = sides_[head ? 1 : 0];
  RunManifest manifest;
  manifest.session = session_;
  manifest.started = started_;
  manifest.ended = kit::utc_timestamp(std::time(nullptr));
  manifest.kernel = kernel_of(side).id();
  manifest.project_commit = side.spec.label;
  manifest.time_source = request_.deterministic ? "virtual" : "host";
  for (const TestEntry& test : side.declared) {
    const auto is_this = [&](const auto& other) { return other.name == test.name; };
    PlannedTest planned{test.test,
                        test.topology,
                        test.scheduler,
                        test.work_type,
                        true,
                        std::any_of(side.tests.begin(), side.tests.end(), is_this),
                        "",
                        ""};
    const auto ended = endings_[head ? 1 : 0].find(test.name);
    const auto& records = records_[head ? 1 : 0];
    if (ended != endings_[head ? 1 : 0].end()) {
      const auto& [total, errors, worst, reason] = ended->second;
      planned.outcome = outcome_name(worst);
      planned.reason =
          (errors > 0 && errors < total ? std::to_string(errors) + " of " + std::to_string(total) + " runs: "
                                        : "") +
          reason;
    } else if (std::any_of(records.begin(), records.end(),
                           [&](const SidecarRecord& r) { return is_of(r, test); })) {
      planned.outcome = "passed";  // measured before; its sidecars say more
    }
    manifest.tests.push_back(std::move(planned));
  }
  return manifest;
}

Result<std::vector<SidecarRecord>> planned_runs(const AppContext& context) {
  PoolQuery query;
  query.sessions = true;
  query.wanted = [](const SidecarRecord& record) { return record.block.has_value() && !record.plan.empty(); };
  auto pool = read_pool(context, query);
  if (!pool) return pool.error();
  std::vector<SidecarRecord> records;
  for (PoolEntry& entry : pool->entries) {
    records.push_back(std::move(entry.record));
    records.back().session = entry.run;
  }
  return records;
}

}  // namespace ktstr
