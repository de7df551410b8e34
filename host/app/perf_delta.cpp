// SPDX-License-Identifier: Apache-2.0
#include "app/perf_delta.hpp"

#include <algorithm>
#include <set>

#include "app/judgement.hpp"
#include "app/sides.hpp"
#include "app/test_session.hpp"
#include "core/run_key.hpp"
#include "support/text.hpp"

namespace ktstr {
namespace {

Result<Commits> resolve_commits(const AppContext& context, const PerfDeltaRequest& request, BaselinePort& baseline) {
  const std::string path = context.config.project_dir.string();
  const auto tree = baseline.describe(path);
  if (!tree) return tree.error();
  BaselineRequest wanted{path, request.base, request.base_ref, context.environment.github_base_ref, request.default_branch};
  if (wanted.default_branch.empty()) wanted.default_branch = context.config.default_branch;
  const auto resolved = baseline.resolve(wanted);
  if (!resolved) return resolved.error();
  Commits commits{resolved->commit, commit_label(resolved->commit, false), resolved->how_text,
                  tree->commit,     commit_label(tree->commit, tree->dirty), tree->dirty, tree->subdirectory};
  if (!context.environment.project_commit.empty() && !request.repeats) commits.head_label = context.environment.project_commit;
  if (commits.baseline_label == commits.head_label) {
    return usage_error("nothing to compare: the baseline (" + resolved->how_text + ") is HEAD, " + commits.head_label,
                       "name another commit, for example --base HEAD~1, or change something");
  }
  return commits;
}

std::string kernel_flag(const PerfDeltaRequest& request, const ComparisonSet& set) {
  if (!request.kernel.empty()) return request.kernel;
  return set.metrics.empty() || set.metrics.front()->scenario().kernel.empty() ? "VERSION" : set.metrics.front()->scenario().kernel;
}

std::string base_flag(const PerfDeltaRequest& request, const Commits& commits) {
  return request.base.empty() ? " --base " + commits.baseline_label : " --base " + request.base;
}

json::array next_steps(const PerfDeltaRequest& request, const Commits& commits, const ComparisonSet& set, Overall overall, const VerdictCounts& counts) {
  json::array next;
  const std::string repeat = "ktstr perf-delta" + base_flag(request, commits) + " --noise-adjust 5 --kernel " + kernel_flag(request, set);
  const auto add = [&](const std::string& line) { next.emplace_back(line); };
  switch (overall) {
    case Overall::kEmpty:
      if (set.baseline_seen == 0 && !request.repeats) {
        add("run the tests at the baseline: git switch --detach " + commits.baseline_label + " && ktstr test");
        add("or measure both sides now: " + repeat);
      } else if (set.baseline_seen == 0) {
        add("set \"performance_mode\": true in the manifests of the tests to compare");
      }
      break;
    case Overall::kInconclusive:
      if (set.excluded > 0) add("look at what did not pass: ktstr test");
      if (counts.inconclusive > 0) {
        add(request.repeats ? "more runs tell more: " + std::string("--noise-adjust ") + std::to_string(*request.repeats * 2) : "measure both sides again: " + repeat);
      }
      break;
    case Overall::kFail:
    case Overall::kPass:
      if (counts.regressed > 0 && !request.repeats) add("confirm it with repeated runs of both sides: " + repeat);
      if (counts.regressed > 0) add("see what changed: git diff " + commits.baseline_label + (commits.head_is_dirty ? "" : " " + commits.head_label));
      if (counts.regressed > 0 && overall == Overall::kPass) add("fail on any regression: --fail-threshold 1");
      break;
  }
  return next;
}

/// A filter that selects nothing must not look like a comparison that found nothing.
Status check_filter(const std::string& filter, const Sides& sides) {
  std::set<std::string> names;
  for (const auto* records : {&sides.baseline, &sides.head}) {
    for (const SidecarRecord& record : *records) {
      if (record.performance_mode) names.insert(record.test);
    }
  }
  const std::string glob = filter_glob(filter);
  if (filter.empty() || names.empty() || std::any_of(names.begin(), names.end(), [&](const std::string& name) { return glob_match(glob, name); })) return Ok{};
  const std::vector<std::string> known(names.begin(), names.end());
  return usage_error("no stored test of the two commits matches \"" + printable(filter) + "\"" + suggestion(filter, known), "they have: " + join(known, ", "));
}

template <typename Strings>
json::array array_of(const Strings& strings) {
  return json::array(strings.begin(), strings.end());
}

/// Failing runs and missing sides are no pass, even when what could be compared looks fine.
Overall overall_of(const Judgement& judgement, const GatePolicy& policy, const ComparisonSet& set) {
  const Overall overall = judgement.counter.overall(policy);
  if (set.excluded > 0 && (overall == Overall::kPass || overall == Overall::kEmpty)) return Overall::kInconclusive;
  return overall;
}

}  // namespace

Result<ExitCode> run_perf_delta(const AppContext& context, const PerfDeltaRequest& request) {
  if (const Status known = check_must_fail(request.policy.must_fail, context.config.metrics, request.repeats.has_value()); !known) return known.error();
  auto reports = Reports::open(context, KTSTR_DOCUMENT_PERF_DELTA);
  if (!reports) return reports.error();
  auto gates = Gates::make(context.plugins, request.repeats ? context.config.gates : context.config.cached_gates);
  if (!gates) return gates.error();
  auto baseline = context.plugins.make_baseline(context.config.baseline.use, context.config.baseline.options_json);
  if (!baseline) return baseline.error();
  const auto commits = resolve_commits(context, request, **baseline);
  if (!commits) return commits.error();

  json::array warnings;
  if (request.repeats && *request.repeats < gates->hungriest().min_samples()) {
    warnings.emplace_back("the gate " + gates->hungriest().name() + " needs " + std::to_string(gates->hungriest().min_samples()) +
                          " runs a side: nothing can be found with --noise-adjust " + std::to_string(*request.repeats));
  }
  if (commits->head_is_dirty && !request.repeats) warnings.emplace_back("HEAD has uncommitted changes: its stored numbers are those of the last run, whatever the tree was then");

  Result<Sides> sides = Sides{};
  if (request.repeats) {
    auto kernel = resolve_kernel(context, request.kernel);
    if (!kernel) return kernel.error();
    context.inform("baseline " + commits->baseline_label + " (" + commits->how + "), HEAD " + commits->head_label + ", kernel " + kernel->version + ", " +
                   (request.filter.empty() ? "all performance_mode tests" : "tests \"" + printable(request.filter) + "\"") + ", " +
                   std::to_string(*request.repeats) + " runs a side");
    sides = measure_sides(context, request, *commits, **baseline, *kernel);
  } else {
    sides = load_sides(context, request, *commits);
  }
  if (!sides) return sides.error();
  if (const Status some = check_filter(request.filter, *sides); !some) return some.error();

  ComparisonOptions options;
  options.cached = !request.repeats;
  options.metrics = &context.config.metrics;
  options.uniform_rel_gate = request.threshold_percent < 0 ? -1 : request.threshold_percent / 100;
  options.filter = request.filter.empty() ? "" : filter_glob(request.filter);
  ComparisonSet set = compare_sides(sides->baseline, sides->head, options);
  if (set.baseline_seen > 0 && set.head_seen == 0 && !request.repeats) {
    return environment_error("there are no performance_mode sidecars of HEAD " + commits->head_label + (request.filter.empty() ? "" : " for \"" + printable(request.filter) + "\"") +
                                 " to compare with the baseline's",
                             "run its tests first: ktstr test" + (request.kernel.empty() ? std::string() : " --kernel " + request.kernel));
  }
  auto judgement = judge(*gates, set);
  if (!judgement) return judgement.error();

  const VerdictCounts& counts = judgement->counter.counts();
  const Overall overall = overall_of(*judgement, request.policy, set);
  json::array notes = array_of(sides->notes);
  for (const std::string& note : set.notes) notes.emplace_back(note);
  if (set.baseline_seen == 0) {
    notes.emplace_back("no performance_mode sidecars of the baseline " + commits->baseline_label + " were found: nothing to compare");
  } else if (set.scenarios == 0) {
    notes.emplace_back("the two sides have no scenario in common");
  }

  (*reports)->begin(to_text(json::object{{"mode", request.repeats ? "repeated" : "cached"},
                                         {"repeats", request.repeats ? json::value(*request.repeats) : json::value(nullptr)},
                                         {"deterministic", request.deterministic},
                                         {"baseline", {{"commit", commits->baseline_full}, {"label", commits->baseline_label}, {"how", commits->how}}},
                                         {"head", {{"commit", commits->head_full}, {"label", commits->head_label}}},
                                         {"gates", array_of(gates->names())},
                                         {"warnings", warnings}},
                            0),
                    request.all_metrics ? KTSTR_REPORT_ALL : 0);
  report_rows(**reports, *gates, *judgement);
  const ExitCode code = exit_code_of(overall);
  (*reports)->end(code, to_text(json::object{{"verdict", overall_name(overall)},
                                             {"counts",
                                              {{"regressed", counts.regressed},
                                               {"improved", counts.improved},
                                               {"unchanged", counts.unchanged},
                                               {"inconclusive", counts.inconclusive},
                                               {"informational", counts.informational},
                                               {"new", set.only_head},
                                               {"removed", set.only_baseline},
                                               {"excluded", set.excluded}}},
                                             {"scenarios", set.scenarios},
                                             {"baseline_runs", set.baseline_runs},
                                             {"head_runs", set.head_runs},
                                             {"fail_threshold", request.policy.fail_threshold},
                                             {"must_fail", array_of(judgement->counter.tripped(request.policy))},
                                             {"notes", notes},
                                             {"next", next_steps(request, *commits, set, overall, counts)}},
                                0));
  return (*reports)->failure() ? worse(code, ExitCode::kPlugin) : code;
}

}  // namespace ktstr
