// SPDX-License-Identifier: Apache-2.0
#include "delta/calibrate.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "compare/strictness.hpp"
#include "measure/measurement.hpp"
#include "sidecar/run_key.hpp"
#include "support/files.hpp"
#include "support/output.hpp"

namespace ktstr {
namespace {

constexpr std::size_t kMostLabelings = 1024;

ComparisonOptions options_of(const AppContext& context, const CalibrateRequest& request) {
  ComparisonOptions options;
  options.cached = false;
  options.metrics = &context.config.metrics;
  options.filter = request.filter;
  return options;
}

/// The same runs with the sides of some blocks exchanged.
ComparisonSet relabelled(const Measurement& measurement, const std::vector<bool>& flip,
                         const ComparisonOptions& options) {
  std::vector<SidecarRecord> sides[2];
  for (const bool head : {false, true}) {
    for (const SidecarRecord& record : head ? measurement.head() : measurement.baseline()) {
      const bool turned = record.block && *record.block < flip.size() && flip[*record.block];
      sides[head != turned ? 1 : 0].push_back(record);
    }
  }
  KTSTR_ASSERT(sides[0].size() + sides[1].size() ==
               measurement.baseline().size() + measurement.head().size());
  return compare_sides(sides[0], sides[1], options);
}

std::filesystem::path policy_path(const AppContext& context, const CalibrateRequest& request) {
  return std::filesystem::path(context.environment.cwd) / request.policy_file;
}

Status write_policy(const std::filesystem::path& file, const CalibrateOutcome& outcome) {
  json::object percent;
  for (const auto& [metric, value] : outcome.recommended_percent) percent[metric] = value;
  return write_output(file, to_text(json::object{{"per_metric_percent", std::move(percent)}}) + "\n");
}

/// Both copies of HEAD, not yet run.
Result<std::unique_ptr<Measurement>> prepare_copies(const AppContext& context,
                                                    const CalibrateRequest& request) {
  auto baseline = context.plugins.make_baseline(context.config.baseline.use,
                                                creation_of(context, context.config.baseline.options_json));
  if (!baseline) return baseline.error();
  const auto tree = (*baseline)->describe(context.config.project_dir.string());
  if (!tree) return tree.error();
  if (tree->commit.empty())
    return environment_error("the project has no commit to calibrate with", "commit it");
  auto kernel = resolve_kernel(context, request.kernel);
  if (!kernel) return kernel.error();
  auto stored = planned_runs(context);
  if (!stored) return stored.error();

  const std::string label = commit_label(tree->label, tree->dirty);
  MeasureRequest wanted;
  wanted.baseline = {"first HEAD", "base", tree->commit, label, tree->dirty, {}, {}, {}};
  wanted.head = {"second HEAD", "head", tree->commit, label, tree->dirty, {}, {}, {}};
  wanted.subdirectory = tree->subdirectory;
  wanted.filter = request.filter;
  wanted.plan = request.plan;
  wanted.resume = request.resume;
  wanted.jobs = request.jobs;
  auto measurement = Measurement::prepare(context, wanted, **baseline, *kernel, *stored);
  if (!measurement) return measurement.error();
  const Checkout& head = (*measurement)->head_side();
  if (head.declared.empty())
    return usage_error("there is no performance_mode test to calibrate with",
                       "set \"performance_mode\": true in a test's manifest");
  if (head.tests.empty()) return selects_no_test(request.filter, "HEAD", head.declared);
  return measurement;
}

/// What was measured, before anything is judged.
CalibrateOutcome measured(const Measurement& measurement, const ComparisonSet& set, bool strict) {
  CalibrateOutcome outcome;
  outcome.noise = noise_of(set);
  outcome.notes = measurement.warnings();
  outcome.notes.insert(outcome.notes.end(), measurement.notes().begin(), measurement.notes().end());
  outcome.notes.insert(outcome.notes.end(), set.warnings.begin(), set.warnings.end());
  outcome.notes.insert(outcome.notes.end(), set.notes.begin(), set.notes.end());
  const SideNames copies{"the first copy", "the second copy"};
  outcome.missing = shortfall_text(set.shortfalls, outcome.noise.empty(), copies);
  if (strict) {
    const std::uint64_t warnings = measurement.warnings().size() + set.warnings.size();
    outcome.strict = strict_text({warnings_text(warnings), shortfall_text(set.shortfalls, true, copies)});
  }
  return outcome;
}

Error no_noise(const CalibrateOutcome& outcome, const ComparisonSet& set) {
  const bool could_not_run =
      std::any_of(set.shortfalls.begin(), set.shortfalls.end(),
                  [](const Shortfall& s) { return s.kind == ShortfallKind::kCouldNotRun; });
  return Error{
      could_not_run ? ExitCode::kEnvironment : ExitCode::kInconclusive,
      "there is no noise to look at" + (outcome.missing.empty() ? std::string() : ": " + outcome.missing),
      outcome.notes.empty() ? "" : outcome.notes.front()};
}

/// How often the gates see a change where there is none: the runs again, under many labelings.
Status judge_labelings(const AppContext& context, const CalibrateRequest& request, Gates& gates,
                       const Measurement& measurement, CalibrateOutcome& outcome) {
  const ComparisonOptions options = options_of(context, request);
  for (const std::vector<bool>& flip : sign_flips(request.repeats, kMostLabelings, request.plan.seed)) {
    KTSTR_ASSERT(flip.size() == request.repeats);  // one for each block
    const ComparisonSet turned = relabelled(measurement, flip, options);
    const auto judgement = judge(gates, turned);
    if (!judgement) return judgement.error();
    ++outcome.labelings;
    outcome.flagged += judgement->counter.counts().regressed > 0 ? 1 : 0;
    outcome.failed += judgement->counter.overall(gates.policy(request.verdict)) == Overall::kFail ? 1 : 0;
    KTSTR_ASSERT(outcome.flagged <= outcome.labelings && outcome.failed <= outcome.labelings);
    if (context.cancelled)
      return Error{ExitCode::kInterrupted, "interrupted; the runs are kept",
                   "the same command with --resume goes on from there"};
  }
  return Ok{};
}

}  // namespace

Result<CalibrateOutcome> run_calibrate(const AppContext& context, const CalibrateRequest& request) {
  // The policy is written last, after minutes of measuring: that is too late to learn that it cannot be.
  if (const std::string obstacle = output_obstacle(policy_path(context, request)); !obstacle.empty()) {
    return usage_error("--policy " + printable(request.policy_file) + " cannot be written: " + obstacle,
                       "--policy FILE names another place");
  }
  auto gates = Gates::make(context.plugins, context.config.gates);
  if (!gates) return gates.error();
  auto measurement = prepare_copies(context, request);
  if (!measurement) return measurement.error();
  if (const Status ran = (*measurement)->run(0, request.repeats); !ran) return ran.error();

  ComparisonOptions with_plans = options_of(context, request);
  with_plans.baseline_runs = {(*measurement)->manifest(false)};
  with_plans.head_runs = {(*measurement)->manifest(true)};
  const ComparisonSet set = compare_sides((*measurement)->baseline(), (*measurement)->head(), with_plans);
  CalibrateOutcome outcome = measured(**measurement, set, request.strict);
  outcome.gates = gates->names();
  if (outcome.noise.empty()) return no_noise(outcome, set);
  if (const Status judged = judge_labelings(context, request, *gates, **measurement, outcome); !judged)
    return judged.error();
  outcome.recommended_runs = recommended_runs(outcome.noise);
  outcome.recommended_percent = recommended_percent(outcome.noise);
  if (const Status written = write_policy(policy_path(context, request), outcome); !written)
    outcome.policy_error = written.error();
  return outcome;
}

}  // namespace ktstr
