// SPDX-License-Identifier: Apache-2.0
#include "delta/bisect.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/stats.hpp>
#include <ktstr/kit/text.hpp>
#include <limits>
#include <set>

#include "compare/strictness.hpp"
#include "measure/measurement.hpp"
#include "noise/noise_history.hpp"
#include "plan/bisection.hpp"
#include "sidecar/run_key.hpp"

namespace ktstr {
namespace {

/// Something is missing to judge it, as opposed to there being too much noise.
bool is_unsure(const ktstr_verdict& verdict) {
  return verdict.outcome == KTSTR_INCONCLUSIVE && (verdict.flags & KTSTR_VERDICT_UNDERPOWERED) == 0;
}

class Search {
 public:
  Search(const AppContext& context, const BisectRequest& request, BaselinePort& baseline,
         const Kernel& kernel, Gates gates, std::string subdirectory)
      : context_(context),
        request_(request),
        baseline_(baseline),
        kernel_(kernel),
        gates_(std::move(gates)),
        subdirectory_(std::move(subdirectory)) {}

  /// Judges `one` against `good`. Between the ends, a commit that does not build, or of which nothing passes,
  /// is skipped.
  Status measure(const CommitEntry& good, BisectedCommit& one, bool is_end) {
    MeasureRequest wanted;
    wanted.baseline = {"good", "base", good.commit, good.label, false, {}, {}, {}};
    wanted.head = {is_end ? "bad" : "candidate", "head", one.commit, one.label, false, {}, {}, {}};
    wanted.subdirectory = subdirectory_;
    wanted.filter = request_.filter;
    wanted.plan = request_.plan;
    wanted.deterministic = request_.deterministic;
    wanted.resume = request_.resume;
    wanted.jobs = request_.jobs;
    auto stored = planned_runs(context_);
    if (!stored) return stored.error();
    auto measurement = Measurement::prepare(context_, wanted, baseline_, kernel_, *stored);
    if (measurement && is_end) {
      if (const Status selected = check_selection(**measurement); !selected) return selected;
    }
    const bool reused = !good_.empty();
    if (measurement && reused) (*measurement)->reuse_baseline(good_);
    Status ran = measurement ? (*measurement)->run(0, request_.repeats) : Status(measurement.error());
    if (!ran) {
      if (is_end || ran.error().code != ExitCode::kEnvironment) return ran;
      one.verdict = "skipped";
      one.note = ran.error().message;
      return Ok{};
    }
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
  std::string strict_reasons(const std::vector<BisectedCommit>& commits) const {
    std::vector<std::string> skipped;
    for (const BisectedCommit& one : commits) {
      if (one.verdict == "skipped") skipped.push_back(one.label);
    }
    return strict_text({warnings_text(told_.size()), skipped.empty() ? "" : "skipped " + join(skipped, ", "),
                        shortfall_text(lacking_, true, {"the good commit", "a measured one"})});
  }

 private:
  /// A filter that neither end has a test for is a mistake; one end alone may lack what the other has.
  Status check_selection(const Measurement& measurement) const {
    const Checkout &good = measurement.baseline_side(), &bad = measurement.head_side();
    if (!good.tests.empty() || !bad.tests.empty()) return Ok{};
    std::vector<TestEntry> declared = good.declared;
    declared.insert(declared.end(), bad.declared.begin(), bad.declared.end());
    if (!declared.empty()) return selects_no_test(request_.filter, "--good or --bad", declared);
    return usage_error("neither --good nor --bad has a performance_mode test",
                       "set \"performance_mode\": true in a test's manifest");
  }

  Status decide(const Measurement& measurement, const NoiseHistory& history, bool reused,
                BisectedCommit& one) {
    ComparisonOptions options;
    options.cached = false;
    options.alternating = !reused || request_.deterministic;  // virtual time does not drift
    options.metrics = &context_.config.metrics;
    options.filter = request_.filter;
    options.baseline_runs = {measurement.manifest(false)};
    options.head_runs = {measurement.manifest(true)};
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
    lacking_.insert(lacking_.end(), set.shortfalls.begin(), set.shortfalls.end());
    std::vector<Shortfall> missing = set.shortfalls;
    if (decisive != nullptr && !request_.metric.empty()) require_values(set, {request_.metric}, missing);
    // Numbers that are missing are not good ones.
    if (const std::string text =
            shortfall_text(missing, decisive == nullptr, {"the good commit", "this one"});
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
  const Kernel& kernel_;
  Gates gates_;
  std::string subdirectory_;
  std::set<std::string> told_;       ///< warnings
  std::vector<Shortfall> lacking_;   ///< by any step
  std::vector<SidecarRecord> good_;  ///< runs of the good commit: measured once, beside the bad one
  std::string good_session_;
};

}  // namespace

Result<BisectOutcome> run_bisect(const AppContext& context, const BisectRequest& request) {
  const MetricRegistry& metrics = context.config.metrics;
  if (!request.metric.empty() && metrics.find_path(request.metric) == nullptr) {
    return usage_error("--metric: there is no metric \"" + printable(request.metric) + "\"" +
                           metrics.path_suggestion(request.metric),
                       "ktstr stats list-metrics shows all");
  }
  auto baseline = context.plugins.make_baseline(context.config.baseline.use,
                                                creation_of(context, context.config.baseline.options_json));
  if (!baseline) return baseline.error();
  // Without noise there is nothing to separate from it: the size of the change decides, and it is the same
  // every time.
  auto gates = Gates::make(context.plugins,
                           request.deterministic ? context.config.cached_gates : context.config.gates);
  if (!gates) return gates.error();
  const std::string path = context.config.project_dir.string();
  const auto tree = (*baseline)->describe(path);
  if (!tree) return tree.error();
  const auto range = (*baseline)->range(path, request.good, request.bad);
  if (!range) return range.error();
  if (range->size() < 2)
    return usage_error("--good and --bad are the same commit: there is nothing between them");
  auto kernel = resolve_kernel(context, request.kernel);
  if (!kernel) return kernel.error();

  BisectOutcome outcome;
  for (const CommitEntry& entry : *range)
    outcome.commits.push_back({entry.commit, entry.label, printable(entry.summary), "", "", "", kit::kNaN,
                               kit::kNaN, kit::kNaN, kit::kNaN, "", false});
  outcome.commits.front().verdict = "good";
  outcome.commits.front().note = "as given";
  Search search(context, request, **baseline, *kernel, std::move(*gates), tree->subdirectory);
  Bisection bisection(range->size());
  const auto try_commit = [&](std::size_t at) {
    context.inform(
        "bisect: " +
        std::to_string(bisection.first_bad() - bisection.last_good() - (at == range->size() - 1 ? 0 : 1)) +
        " to go, trying " + outcome.commits[at].label + " " + outcome.commits[at].summary);
    return search.measure(range->front(), outcome.commits[at], at == range->size() - 1);
  };
  if (const Status tried = try_commit(range->size() - 1); !tried) return tried.error();
  if (outcome.commits.back().verdict != "bad") {
    const BisectedCommit& last = outcome.commits.back();
    const ExitCode code = last.could_not_run ? ExitCode::kEnvironment : ExitCode::kInconclusive;
    if (last.verdict == "skipped")
      return Error{code,
                   "--bad " + printable(request.bad) + " cannot be compared with --good " +
                       printable(request.good) + ": " + printable(last.note),
                   ""};
    return Error{ExitCode::kInconclusive,
                 "--bad " + printable(request.bad) + " is not worse than --good " + printable(request.good),
                 "more runs see smaller changes: --noise-adjust " + std::to_string(request.repeats * 2)};
  }
  while (const auto at = bisection.next()) {
    if (const Status tried = try_commit(*at); !tried) return tried.error();
    const std::string& verdict = outcome.commits[*at].verdict;
    bisection.mark(*at, verdict == "bad"    ? Bisection::State::kBad
                        : verdict == "good" ? Bisection::State::kGood
                                            : Bisection::State::kSkipped);
  }
  for (std::size_t at = bisection.last_good() + 1; at <= bisection.first_bad(); ++at)
    outcome.suspects.push_back(outcome.commits[at].commit);
  KTSTR_ASSERT(!outcome.suspects.empty() && outcome.suspects.size() < outcome.commits.size());
  if (outcome.suspects.size() == 1) {
    outcome.first_bad = outcome.suspects.front();
    outcome.show_first_bad = (*baseline)->diff_command(path, "", outcome.first_bad);
  }
  if (request.strict) outcome.strict = search.strict_reasons(outcome.commits);
  return outcome;
}

}  // namespace ktstr
