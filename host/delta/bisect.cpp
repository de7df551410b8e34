// SPDX-License-Identifier: Apache-2.0
#include "delta/bisect.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/stats.hpp>
#include <ktstr/kit/text.hpp>
#include <limits>
#include <set>

#include "compare/strictness.hpp"
#include "delta/bisect_line.hpp"
#include "measure/measurement.hpp"
#include "noise/noise_history.hpp"
#include "plan/bisection.hpp"

namespace ktstr {
namespace {

/// Something is missing to judge it, as opposed to there being too much noise.
bool is_unsure(const ktstr_verdict& verdict) {
  return verdict.outcome == KTSTR_INCONCLUSIVE && (verdict.flags & KTSTR_VERDICT_UNDERPOWERED) == 0;
}

/// Tests that fail where the good end's do not: in virtual time every run of them, else more often than by
/// chance. Nothing: none.
const ScenarioRuns* more_failures(const ComparisonSet& set) {
  for (const ScenarioRuns& runs : set.runs) {
    const bool repeatable = runs.key.time_source == "virtual";
    if (compare_failure_rates(runs.baseline, runs.head, repeatable) == RateChange::kWorse) return &runs;
  }
  return nullptr;
}

class Search {
 public:
  Search(const AppContext& context, const BisectRequest& request, BaselinePort& baseline, BisectLine& line,
         Gates gates, std::string subdirectory)
      : context_(context),
        request_(request),
        baseline_(baseline),
        line_(line),
        gates_(std::move(gates)),
        subdirectory_(std::move(subdirectory)) {}

  /// Judges the place `at` of the line against the good end. Between the ends, one that does not build or
  /// boot, or of which nothing passes, is skipped.
  Status measure(std::size_t at, bool is_end, Bisected& one) {
    auto good = line_.side(0);
    if (!good) return good.error();
    auto side = line_.side(at);
    if (!side) return skip(one, side.error(), is_end);
    MeasureRequest wanted;
    wanted.baseline = std::move(*good);
    wanted.head = std::move(*side);
    wanted.subdirectory = subdirectory_;
    wanted.filter = request_.filter;
    wanted.plan = request_.plan;
    wanted.deterministic = request_.deterministic;
    wanted.resume = request_.resume;
    wanted.jobs = request_.jobs;
    auto stored = planned_runs(context_);
    if (!stored) return stored.error();
    auto measurement = Measurement::prepare(context_, wanted, baseline_, line_.kernel(), *stored);
    if (measurement && is_end) {
      if (const Status selected = check_selection(**measurement); !selected) return selected;
    }
    const bool reused = !good_.empty();
    if (measurement && reused) (*measurement)->reuse_baseline(good_);
    Status ran = measurement ? (*measurement)->run(0, request_.repeats) : Status(measurement.error());
    if (!ran) return skip(one, ran.error(), is_end);
    for (const std::string& warning : (*measurement)->warnings()) {
      if (told_.insert(warning).second) context_.warn(warning);
    }
    if (!reused) {
      good_ = (*measurement)->baseline();
      good_session_ = (*measurement)->session();
    }
    std::erase_if(*stored, [&](const SidecarRecord& record) {
      return record.session == (*measurement)->session() || record.session == good_session_;
    });
    return decide(**measurement, NoiseHistory(*stored), reused, one);
  }

  /// What --strict minds of the steps so far.
  std::string strict_reasons(const std::vector<Bisected>& line) const {
    std::vector<std::string> skipped;
    for (const Bisected& one : line) {
      if (one.verdict == "skipped") skipped.push_back(one.label);
    }
    return strict_text({warnings_text(told_.size()), skipped.empty() ? "" : "skipped " + join(skipped, ", "),
                        shortfall_text(lacking_, true, {"the good end", "a measured one"})});
  }

 private:
  /// What cannot be had or built, or cannot run, is no verdict; at an end, or for another reason, no search.
  static Status skip(Bisected& one, const Error& error, bool is_end) {
    if (is_end || error.code != ExitCode::kEnvironment) return error;
    one.verdict = "skipped";
    one.note = error.message;
    return Ok{};
  }

  /// A filter that neither end has a test for is a mistake; one end alone may lack what the other has.
  Status check_selection(const Measurement& measurement) const {
    const Checkout &good = measurement.baseline_side(), &bad = measurement.head_side();
    if (!good.tests.empty() || !bad.tests.empty()) return Ok{};
    std::vector<TestEntry> declared = good.declared;
    declared.insert(declared.end(), bad.declared.begin(), bad.declared.end());
    if (!declared.empty()) return selects_no_test(request_.filter, line_.ground(), declared);
    return usage_error("there is no performance_mode test in " + line_.ground(),
                       "set \"performance_mode\": true in a test's manifest");
  }

  Status decide(const Measurement& measurement, const NoiseHistory& history, bool reused, Bisected& one) {
    ComparisonOptions options;
    options.cached = false;
    options.alternating = !reused || request_.deterministic;  // virtual time does not drift
    options.metrics = &context_.config.metrics;
    options.filter = request_.filter;
    options.baseline_runs = {measurement.manifest(false)};
    options.head_runs = {measurement.manifest(true)};
    if (request_.of_kernels()) {
      options.axis = Axis::kKernel;
      options.axis_values[0] = measurement.manifest(false).kernel;
      options.axis_values[1] = measurement.manifest(true).kernel;
      options.axis_text = options.axis_values[0] + " -> " + options.axis_values[1];
    }
    const ComparisonSet set = compare_sides(measurement.baseline(), measurement.head(), options);
    prepare(set, history, {request_.metric});
    const auto judgement = judge(gates_, set);
    if (!judgement) return judgement.error();
    const JudgedRow *decisive = nullptr, *unsure = nullptr;
    for (const JudgedRow& row : judgement->rows) {
      if (request_.metric.empty() ? !row.comparison->gates() : !row.comparison->is_named(request_.metric))
        continue;
      if (is_unsure(row.combined)) unsure = &row;
      if (decisive == nullptr ||
          (row.combined.outcome == KTSTR_REGRESSED && decisive->combined.outcome != KTSTR_REGRESSED))
        decisive = &row;
    }
    const bool worse = decisive != nullptr && decisive->combined.outcome == KTSTR_REGRESSED;
    for (const std::string& warning : set.warnings) {
      if (told_.insert(warning).second) context_.warn(warning);
    }
    if (const ScenarioRuns* failing = request_.metric.empty() && !worse ? more_failures(set) : nullptr) {
      one.verdict = "bad";
      one.test = failing->key.test;
      one.note = failing->key.test + " failed in " + std::to_string(failing->head.failed) + " of " +
                 counted(failing->head.total, "run", "runs");
      return Ok{};
    }
    lacking_.insert(lacking_.end(), set.shortfalls.begin(), set.shortfalls.end());
    std::vector<Shortfall> missing = set.shortfalls;
    if (decisive != nullptr && !request_.metric.empty()) require_values(set, {request_.metric}, missing);
    // Numbers that are missing are not good ones.
    if (const std::string text = shortfall_text(missing, decisive == nullptr, {"the good end", "this one"});
        decisive == nullptr || (!worse && !text.empty())) {
      one.verdict = "skipped";
      one.note = !text.empty()             ? text
                 : request_.metric.empty() ? "nothing could be compared"
                                           : "no run reports " + request_.metric;
      one.could_not_run =
          decisive == nullptr && std::any_of(missing.begin(), missing.end(), [](const Shortfall& s) {
            return s.kind == ShortfallKind::kCouldNotRun;
          });
      return Ok{};
    }
    if (!worse && unsure != nullptr) {
      one.verdict = "skipped";
      one.note = unsure->comparison->name() + ": " + printable(unsure->combined.text);
      return Ok{};
    }
    KTSTR_ASSERT(decisive != nullptr);
    one.verdict = worse ? "bad" : "good";
    one.test = decisive->comparison->scenario().test;
    one.metric = decisive->comparison->name();
    one.baseline = decisive->comparison->c_struct().baseline_estimate;
    one.head = decisive->comparison->c_struct().head_estimate;
    one.relative = decisive->combined.effect_rel;
    one.p_value = decisive->combined.p_value;
    return Ok{};
  }

  const AppContext& context_;
  const BisectRequest& request_;
  BaselinePort& baseline_;
  BisectLine& line_;
  Gates gates_;
  std::string subdirectory_;
  std::set<std::string> told_;       ///< warnings
  std::vector<Shortfall> lacking_;   ///< by any step
  std::vector<SidecarRecord> good_;  ///< runs of the good end: measured once, beside the bad one
  std::string good_session_;
};

/// The last place has to be worse than the first.
Status check_end(const BisectLine& line, const Bisected& last, const BisectRequest& request) {
  if (last.verdict == "bad") return Ok{};
  const std::string bad = line.name(line.places().size() - 1), good = line.name(0);
  if (last.verdict == "skipped")
    return Error{last.could_not_run ? ExitCode::kEnvironment : ExitCode::kInconclusive,
                 bad + " cannot be compared with " + good + ": " + printable(last.note), ""};
  return Error{ExitCode::kInconclusive, bad + " is not worse than " + good,
               "more runs see smaller changes: --noise-adjust " + std::to_string(request.repeats * 2)};
}

Bisection::State state_of(const std::string& verdict) {
  return verdict == "bad"    ? Bisection::State::kBad
         : verdict == "good" ? Bisection::State::kGood
                             : Bisection::State::kSkipped;
}

Status check_metric(const AppContext& context, const BisectRequest& request) {
  const MetricRegistry& metrics = context.config.metrics;
  if (request.metric.empty() || metrics.find_path(request.metric) != nullptr) return Ok{};
  return usage_error("--metric: there is no metric \"" + printable(request.metric) + "\"" +
                         metrics.path_suggestion(request.metric),
                     "ktstr stats list-metrics shows all");
}

}  // namespace

Result<BisectOutcome> run_bisect(const AppContext& context, const BisectRequest& request) {
  if (const Status known = check_metric(context, request); !known) return known.error();
  auto baseline = context.plugins.make_baseline(context.config.baseline.use,
                                                creation_of(context, context.config.baseline.options_json));
  if (!baseline) return baseline.error();
  // Without noise there is nothing to separate from it: the size of the change decides, and it is the same
  // every time.
  auto gates = Gates::make(context.plugins,
                           request.deterministic ? context.config.cached_gates : context.config.gates);
  if (!gates) return gates.error();
  const auto tree = (*baseline)->describe(context.config.project_dir.string());
  if (!tree) return tree.error();
  auto line = bisect_line(context, request, **baseline, *tree);
  if (!line) return line.error();

  BisectOutcome outcome;
  outcome.of_kernels = request.of_kernels();
  outcome.by_version = outcome.of_kernels && request.kernel_git.empty();
  outcome.line = (*line)->places();
  outcome.line.front().verdict = "good";
  outcome.line.front().note = "as given";
  Search search(context, request, **baseline, **line, std::move(*gates), tree->subdirectory);
  const std::size_t last = outcome.line.size() - 1;
  Bisection bisection(outcome.line.size());
  const auto try_place = [&](std::size_t at) {
    Bisected& one = outcome.line[at];
    context.inform(
        "bisect: " + std::to_string(bisection.first_bad() - bisection.last_good() - (at == last ? 0 : 1)) +
        " to go, trying " + printable(one.label) + (one.summary.empty() ? "" : " ") + one.summary);
    const Status tried = search.measure(at, at == last, one);
    one.summary = (*line)->places()[at].summary;  // of a kernel that was fetched more is known now
    return tried;
  };
  if (const Status tried = try_place(last); !tried) return tried.error();
  if (const Status bad = check_end(**line, outcome.line.back(), request); !bad) return bad.error();
  while (const auto at = bisection.next()) {
    if (const Status tried = try_place(*at); !tried) return tried.error();
    bisection.mark(*at, state_of(outcome.line[*at].verdict));
  }
  for (std::size_t at = bisection.last_good() + 1; at <= bisection.first_bad(); ++at)
    outcome.suspects.push_back(outcome.line[at].id);
  KTSTR_ASSERT(!outcome.suspects.empty() && outcome.suspects.size() < outcome.line.size());
  if (outcome.suspects.size() == 1) {
    outcome.first_bad = outcome.suspects.front();
    outcome.show_first_bad = (*line)->show(bisection.first_bad());
  }
  if (request.strict) outcome.strict = search.strict_reasons(outcome.line);
  return outcome;
}

}  // namespace ktstr
