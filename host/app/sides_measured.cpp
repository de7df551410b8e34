// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "app/execution.hpp"
#include "app/sides.hpp"
#include "app/test_session.hpp"
#include "config/load.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

constexpr const char* kScratchPrefix = "ktstr-perf-delta";

struct Side {
  bool is_head;
  std::string name, commit, label;
  fs::path project_dir;
  Config config;
  std::vector<TestEntry> tests;
  std::vector<SidecarRecord>* records;
};

Error interrupted() { return {ExitCode::kInterrupted, "interrupted: nothing was compared", ""}; }

/// The build command and the manifests are those of the side's own commit.
Result<Config> config_of(const AppContext& context, const fs::path& project_dir) {
  Config config = context.config;
  config.project_dir = project_dir;
  const fs::path file = project_dir / "ktstr.json";
  std::error_code error;
  if (!fs::exists(file, error)) return config;
  const auto text = read_file(file, 4 << 20);
  if (!text) return text.error();
  Config own;
  if (const Status applied = apply_config_text(*text, file.string(), ConfigLayer::kProject, own); !applied) return applied.error();
  config.build = own.build;
  config.tests = own.tests;
  return config;
}

AppContext with_config(const AppContext& context, const Config& config) {
  return {context.environment, config, context.plugins, context.kernels, context.cancelled, context.on_cancel, context.warn,
          context.inform, context.out_is_terminal, context.err_is_terminal, context.out_colour, context.width};
}

Status prepare(const AppContext& context, const PerfDeltaRequest& request, const Commits& commits, BaselinePort& baseline, RunnerPort& runner,
               const Kernel& kernel, const fs::path& scratch, Side& side, Progress& progress) {
  const fs::path destination = scratch / (side.is_head ? "head" : "baseline");
  if (const Status made = make_directories(destination); !made) return made;
  progress.phase("checking out " + side.name + " " + side.label);
  const bool worktree = side.is_head && commits.head_is_dirty;
  if (const Status out = baseline.checkout(context.config.project_dir.string(), side.commit, destination.string(), worktree); !out) return out;
  side.project_dir = commits.subdirectory.empty() ? destination : destination / commits.subdirectory;
  std::error_code error;
  if (!fs::is_directory(side.project_dir, error)) {
    return environment_error(side.name + " " + side.label + " has no directory " + printable(commits.subdirectory), "choose a commit that has the project: --base");
  }
  auto config = config_of(context, side.project_dir);
  if (!config) return config.error();
  side.config = std::move(*config);
  const AppContext own = with_config(context, side.config);
  const auto tests = discover_tests(own, runner, side.project_dir);
  if (!tests) return tests.error();
  std::size_t left_out = 0;
  std::vector<TestEntry> perf;
  std::copy_if(tests->begin(), tests->end(), std::back_inserter(perf), [](const TestEntry& t) { return t.performance_mode; });
  if (perf.empty()) return Ok{};  // the caller knows what an empty side means
  auto selected = select_tests(perf, request.filter.empty() ? std::vector<std::string>{} : std::vector{request.filter}, true, left_out);
  if (!selected) return selected.error();
  side.tests = std::move(*selected);
  progress.phase("building " + side.name + " " + side.label);
  return build_project(own, side.project_dir, kernel, side.name + " " + side.label);
}

std::string request_for(const AppContext& context, const PerfDeltaRequest& request, const Side& side, const Kernel& kernel, std::uint64_t block) {
  RunnerRequest wanted;
  wanted.project_dir = side.project_dir;
  for (const TestEntry& test : side.tests) {
    wanted.tests.push_back(test.name);
    if (std::find(wanted.manifests.begin(), wanted.manifests.end(), test.manifest) == wanted.manifests.end()) wanted.manifests.push_back(test.manifest);
  }
  wanted.kernel = &kernel;
  wanted.performance_only = true;
  wanted.deterministic = request.deterministic;
  wanted.cold = request.cold;
  wanted.seed = request.seed + block;
  wanted.jobs = request.jobs;
  wanted.label = side.name;
  return runner_request(context, wanted);
}

}  // namespace

Result<Sides> measure_sides(const AppContext& context, const PerfDeltaRequest& request, const Commits& commits, BaselinePort& baseline,
                            const Kernel& kernel) {
  const fs::path tmp = context.environment.tmpdir;
  TemporaryDirectory::sweep(tmp, kScratchPrefix);
  auto scratch = TemporaryDirectory::make(tmp, kScratchPrefix);
  if (!scratch) return scratch.error();
  auto runner = context.plugins.make_runner(context.config.runner.use, context.config.runner.options_json);
  if (!runner) return runner.error();
  auto store = context.plugins.make_store(context.config.store.use, store_options(context, false));
  if (!store) return store.error();

  Sides result;
  Side sides[2] = {{false, "baseline", commits.baseline_full, commits.baseline_label, {}, {}, {}, &result.baseline},
                   {true, "HEAD", commits.head_full, commits.head_label, {}, {}, {}, &result.head}};
  Progress progress(context.err_is_terminal, context.width);
  for (Side& side : sides) {
    const Status ready = prepare(context, request, commits, baseline, **runner, kernel, scratch->path(), side, progress);
    if (context.cancelled) return interrupted();
    if (!ready) return ready.error();
    if (side.tests.empty()) {
      result.notes.push_back(side.name + " " + side.label + " declares no performance_mode test");
      return result;
    }
  }

  const json::value host = host_context();
  const std::string session = session_token(context.environment.run_epoch);
  std::uint64_t slot = 0;
  for (unsigned block = 0; block < *request.repeats; ++block) {
    for (const bool first : {true, false}) {
      Side& side = sides[(block % 2 == 0) == first ? 0 : 1];
      const std::string phase = "block " + std::to_string(block + 1) + " of " + std::to_string(*request.repeats) + ", " + side.name + " " + side.label;
      progress.phase(phase);
      if (!context.err_is_terminal) context.inform(phase);
      ExecutionRequest execution;
      execution.request_json = request_for(context, request, side, kernel, block);
      execution.tests = side.tests;
      execution.metrics = &context.config.metrics;
      execution.run_key = std::string("perf-delta-noise-") + (side.is_head ? "head-" : "base-") + side.label + "-" + std::to_string(block);
      execution.session = session;
      execution.stamp.project_commit = side.label;
      execution.stamp.project_commit_full = side.commit;
      execution.stamp.kernel_commit = kernel.commit;
      execution.stamp.kernel_commit_full = kernel.commit_full;
      execution.stamp.run_source = context.environment.ci ? "ci" : "local";
      execution.stamp.host = host;
      execution.stamp.place = PlanPlace{side.is_head, block, slot++};
      RunnerPort& running = **runner;
      context.on_cancel([&running] { running.interrupt(); });
      ExecutionResult ran = execute_tests(running, **store, execution, progress, [&](const TestResult& done) {
        if (done.outcome == TestOutcome::kPassed) return;
        const std::string reason = split(done.message, '\n').front();
        result.notes.push_back("block " + std::to_string(block + 1) + ", " + side.name + ": " + printable(done.test.name) + " did not pass: " + printable(reason) +
                               (done.location.empty() ? "" : " (" + printable(done.location) + ")"));
      });
      context.on_cancel({});
      if (context.cancelled) return interrupted();
      if (!ran.runner) return ran.runner.error();
      if (!ran.store_errors.empty()) return ran.store_errors.front();
      side.records->insert(side.records->end(), std::make_move_iterator(ran.records.begin()), std::make_move_iterator(ran.records.end()));
    }
  }
  return result;
}

}  // namespace ktstr
