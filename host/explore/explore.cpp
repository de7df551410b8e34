// SPDX-License-Identifier: Apache-2.0
#include "explore/explore.hpp"

#include <fcntl.h>

#include <algorithm>
#include <ktstr/kit/lock.hpp>
#include <ktstr/kit/text.hpp>
#include <set>

#include "config/runs_place.hpp"
#include "explore/search.hpp"
#include "explore/search_end.hpp"
#include "measure/run_inputs.hpp"
#include "plan/run_plan.hpp"

namespace ktstr {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFormat = "explore 2";  ///< another one when seeds give other scenarios

Result<Bounds> bounds_of(const AppContext& context) {
  const auto text = context.plugins.runner_bounds(context.config.runner.use);
  if (!text) return text.error();
  if (text->empty())
    return usage_error(
        "the runner " + printable(context.config.runner.use) + " does not say what of its tests may vary",
        "its plugin's manifest would have to: docs/explore.md");
  return read_document(*text, "bounds of the runner " + printable(context.config.runner.use), {},
                       ExitCode::kPlugin, read_bounds);
}

Result<std::set<std::string>> dimensions_of(const ExploreRequest& request, const Bounds& bounds) {
  const std::vector<std::string> known = bounds.dimensions();
  std::set<std::string> wanted(request.vary.begin(), request.vary.end());
  for (const std::string& name : wanted) {
    if (std::find(known.begin(), known.end(), name) == known.end())
      return usage_error("--vary: nothing is called \"" + printable(name) + "\"" + suggestion(name, known),
                         "this runner's tests vary in " + join(known, ", "));
  }
  if (wanted.empty()) wanted.insert(known.begin(), known.end());
  return wanted;
}

/// What the project is, and what is to be run of it.
struct Prepared {
  std::unique_ptr<RunnerPort> runner;
  Kernel kernel;
  Tree tree;
  std::unique_ptr<BaselinePort> baseline;
  std::optional<ResolvedBaseline> base;
  std::vector<TestEntry> all, tests;
};

Result<Prepared> prepare(const AppContext& context, const ExploreRequest& request) {
  Prepared prepared;
  auto runner = context.plugins.make_runner(context.config.runner.use,
                                            creation_of(context, context.config.runner.options_json));
  if (!runner) return runner.error();
  prepared.runner = std::move(*runner);
  auto tests =
      discover_tests(context, *prepared.runner, context.config.project_dir, request.selection.manifests);
  if (!tests) return tests.error();
  prepared.all = std::move(*tests);
  auto selected = select_tests(prepared.all, request.selection);
  if (!selected) return selected.error();
  prepared.tests = std::move(*selected);
  auto kernel = resolve_kernel(context, request.kernel);
  if (!kernel) return kernel.error();
  prepared.kernel = std::move(*kernel);
  auto baseline = context.plugins.make_baseline(context.config.baseline.use,
                                                creation_of(context, context.config.baseline.options_json));
  if (!baseline) return baseline.error();
  const std::string path = context.config.project_dir.string();
  auto tree = (*baseline)->describe(path);
  if (tree) prepared.tree = *tree;
  if (!request.base.empty()) {
    if (!tree) return tree.error();
    auto base = (*baseline)->resolve({path, request.base, {}, {}, context.config.default_branch});
    if (!base) return base.error();
    if (base->commit == prepared.tree.commit && !prepared.tree.dirty)
      return usage_error("nothing to compare: --base " + printable(request.base) + " is HEAD",
                         "name another commit, for example --base HEAD~1");
    prepared.base = std::move(*base);
  }
  prepared.baseline = std::move(*baseline);
  return prepared;
}

/// Where this search keeps what it finds: another place for other inputs. Empty: nobody can tell what the
/// inputs are.
Result<std::string> identity_of(const AppContext& context, const ExploreRequest& request,
                                const Prepared& prepared, const std::set<std::string>& dimensions) {
  const auto inputs = run_inputs(context, prepared.kernel, prepared.tree, prepared.all);
  if (!inputs || inputs->empty()) return inputs;
  const auto bounds = context.plugins.runner_bounds(context.config.runner.use);
  if (!bounds) return bounds.error();
  std::vector<std::string> parts{kFormat,
                                 *inputs,
                                 *bounds,
                                 std::to_string(request.seed),
                                 "base " + (prepared.base ? prepared.base->commit : std::string()),
                                 request.as_they_are() ? "as they are" : "varied"};
  if (request.guided) parts.emplace_back("guided");
  parts.insert(parts.end(), dimensions.begin(), dimensions.end());
  for (const TestEntry& test : prepared.tests) parts.push_back("test " + test.name);
  return plan_identity(parts);
}

/// The directory of this search, held against others, and what is known of it.
struct Place {
  fs::path directory;
  kit::HeldLock lock;
  SearchState state;
};

Result<Place> open_place(const AppContext& context, const ExploreRequest& request,
                         const std::string& identity) {
  const fs::path root = request.output.empty()
                            ? runs_root(context.config, context.environment).parent_path() / "explore"
                            : fs::path(context.environment.cwd) / request.output;
  Place place;
  place.directory = (root / (identity.empty() ? "unknown" : identity)).lexically_normal();
  if (const Status made = make_directories(place.directory); !made) return made.error();
  place.lock = kit::HeldLock::try_take(place.directory / ".lock", O_RDWR | O_CREAT | O_CLOEXEC);
  if (!place.lock)
    return environment_error(printable(place.directory.string()) + " is being searched by somebody else",
                             "wait for it, or name another place with --output");
  if (request.fresh || identity.empty()) return place;
  auto state = load_state(place.directory);
  if (!state) return state.error();
  place.state = std::move(*state);
  return place;
}

Result<std::vector<Subject>> subjects_of(Trials& trials, const std::vector<TestEntry>& tests,
                                         const Bounds& bounds, bool as_they_are) {
  std::vector<Subject> subjects;
  for (const TestEntry& test : tests) {
    auto subject = subject_of(trials, test, bounds);
    if (!subject) return subject.error();
    if (as_they_are) subject->bounds.invariants.clear();
    subjects.push_back(std::move(*subject));
  }
  return subjects;
}

/// The project as it lies there, or both sides of a comparison.
Status build_all(const AppContext& context, const Prepared& prepared, std::unique_ptr<Sides>& sides,
                 std::optional<AgainstBase>& against) {
  const std::string project = context.config.project_dir.string();
  if (!prepared.base)
    return build_project(context, prepared.kernel, {project, "", "cd " + project, "", {}, {}});
  auto judges = AgainstBase::make(context);
  if (!judges) return judges.error();
  against.emplace(std::move(*judges));
  auto both = Sides::make(context, *prepared.baseline, *prepared.runner, prepared.tree, *prepared.base,
                          prepared.kernel);
  if (!both) return both.error();
  sides = std::move(*both);
  return Ok{};
}

}  // namespace

Result<ExploreOutcome> run_explore(const AppContext& context, const ExploreRequest& request) {
  const auto bounds = bounds_of(context);
  if (!bounds) return bounds.error();
  auto dimensions = dimensions_of(request, *bounds);
  if (!dimensions) return dimensions.error();
  auto prepared = prepare(context, request);
  if (!prepared) return prepared.error();
  auto trials = Trials::make(context, *prepared->runner, prepared->kernel, request.seed, request.jobs);
  if (!trials) return trials.error();
  auto subjects = subjects_of(*trials, prepared->tests, *bounds, request.as_they_are());
  if (!subjects) return subjects.error();
  const auto identity = identity_of(context, request, *prepared, *dimensions);
  if (!identity) return identity.error();
  auto place = open_place(context, request, *identity);
  if (!place) return place.error();
  std::unique_ptr<Sides> sides;
  std::optional<AgainstBase> against;
  if (const Status built = build_all(context, *prepared, sides, against); !built) return built.error();
  trials->compare(sides.get());
  ExploreOutcome outcome;
  outcome.kernel = prepared->kernel.id();
  for (const TestEntry& test : prepared->tests) outcome.tests.push_back(test.name);
  outcome.dimensions.assign(dimensions->begin(), dimensions->end());
  outcome.directory = place->directory.string();
  const std::string seed = "--seed " + std::to_string(request.seed);
  outcome.replay = (prepared->base ? "explore --base " + shell_word(request.base) : "test --deterministic") +
                   " " + seed + (request.kernel.empty() ? "" : " --kernel " + shell_word(request.kernel));
  if (sides != nullptr) outcome.base = sides->base_label();
  Search search(context, request, *bounds, std::move(*dimensions), std::move(*trials), std::move(*subjects),
                place->directory, std::move(place->state), against ? &*against : nullptr);
  if (const Status ran = search.run(outcome); !ran) return ran.error();
  conclude(outcome);
  return outcome;
}

}  // namespace ktstr
