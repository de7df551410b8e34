// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <set>

#include "delta/baseline_reuse.hpp"
#include "delta/perf_delta.hpp"
#include "measure/measurement.hpp"
#include "noise/noise_history.hpp"
#include "noise/sequential.hpp"
#include "select/metric_names.hpp"
#include "sidecar/run_key.hpp"

namespace ktstr {
namespace {

constexpr double kSuspect = 0.25;  // screening asks for much less than a finding

/// The session of one `perf-delta --noise-adjust`: measures in steps and judges what is there.
class Session {
 public:
  Session(const PerfDeltaRequest& request, const MetricRegistry& metrics, Gates& gates,
          Measurement& measurement, const NoiseHistory& history)
      : request_(request), metrics_(metrics), gates_(gates), measurement_(measurement), history_(history) {}

  /// `confirmed`: tests whose verdict rests on the blocks from `first_fresh` on alone.
  Status judge_now(DeltaOutcome& outcome, double level, std::uint64_t first_fresh = 0,
                   const std::set<std::string>& confirmed = {}) const {
    if (const Status match = check_names_match(request_.verdict.must_fail, "--must-fail",
                                               measurement_.baseline(), measurement_.head());
        !match)
      return match;
    const auto counted = [&](const std::vector<SidecarRecord>& side) {
      std::vector<SidecarRecord> out;
      std::copy_if(side.begin(), side.end(), std::back_inserter(out), [&](const SidecarRecord& r) {
        return confirmed.contains(r.test) ? r.block >= first_fresh
                                          : first_fresh == 0 || r.block < first_fresh;
      });
      return out;
    };
    ComparisonOptions options;
    options.cached = request_.reuse_baseline && !request_.deterministic;
    options.metrics = &metrics_;
    options.policy = request_.policy;
    options.filter = request_.filter;
    options.declared = true;
    if (request_.axis) {
      options.axis = request_.axis->axis;
      options.axis_text = request_.axis->a + " -> " + request_.axis->b;
      const bool kernels = request_.axis->axis == Axis::kKernel;
      options.axis_values[0] = kernels ? measurement_.manifest(false).kernel : request_.axis->a;
      options.axis_values[1] = kernels ? measurement_.manifest(true).kernel : request_.axis->b;
    }
    options.baseline_runs = {measurement_.manifest(false)};
    options.head_runs = {measurement_.manifest(true)};
    outcome.set = compare_sides(counted(measurement_.baseline()), counted(measurement_.head()), options);
    if (std::string lost = missing_phase(outcome.set.phases, request_.phases.selection); !lost.empty())
      outcome.set.warnings.push_back(std::move(lost));
    prepare(outcome.set, history_, request_.verdict.must_fail);
    auto judgement = judge(gates_, outcome.set, [&](JudgedRow& row) { adjust(row, level); });
    if (!judgement) return judgement.error();
    outcome.judgement = std::move(*judgement);
    return Ok{};
  }

  bool failed(const DeltaOutcome& outcome) const {
    return outcome.judgement.counter.overall(request_.verdict) == Overall::kFail;
  }

  /// Tests with a metric that moved the wrong way far enough to matter and is not plainly noise.
  std::set<std::string> suspects(const DeltaOutcome& outcome) const {
    std::set<std::string> tests;
    for (const JudgedRow& row : outcome.judgement.rows) {
      if (row.comparison->settled() && row.comparison->gates()) tests.insert(row.comparison->scenario().test);
      const ktstr_comparison& c = row.comparison->c_struct();
      const double change = c.head_estimate - c.baseline_estimate;
      const bool harmful =
          row.comparison->rule().polarity == KTSTR_HIGHER_IS_BETTER ? change < 0 : change > 0;
      const bool material =
          std::fabs(change) >= c.abs_gate && std::fabs(change) >= c.rel_gate * std::fabs(c.baseline_estimate);
      const bool unlikely = std::isnan(row.combined.p_value) || row.combined.p_value < kSuspect ||
                            row.combined.outcome == KTSTR_REGRESSED;
      if (row.comparison->gates() && harmful && material && unlikely)
        tests.insert(row.comparison->scenario().test);
    }
    return tests;
  }

 private:
  void adjust(JudgedRow& row, double level) const {
    ktstr_verdict& verdict = row.combined;
    if (verdict.outcome != KTSTR_REGRESSED && verdict.outcome != KTSTR_IMPROVED) return;
    const double value = std::isnan(verdict.q_value) ? verdict.p_value : verdict.q_value;
    if (level < 1 && !(value <= level)) {
      overrule(verdict, KTSTR_UNCHANGED, "not sure enough for an early look");
    } else if ((row.comparison->c_struct().flags & KTSTR_COMPARISON_CACHED) != 0 &&
               explained_by_sessions(
                   row.comparison->c_struct(),
                   history_.between_sessions(row.comparison->scenario(), row.comparison->name()))) {
      overrule(verdict, KTSTR_INCONCLUSIVE, "no more than sessions differ");
    }
  }

  const PerfDeltaRequest& request_;
  const MetricRegistry& metrics_;
  Gates& gates_;
  Measurement& measurement_;
  const NoiseHistory& history_;
};

/// Both sides of an axis are one commit; what tells them apart is in their specs.
Status along_axis(const AppContext& context, const AxisChoice& axis, MeasureRequest& wanted) {
  for (const bool head : {false, true}) {
    const std::string& value = head ? axis.b : axis.a;
    SideSpec& side = head ? wanted.head : wanted.baseline;
    side.name = axis.name + " " + value;
    if (axis.axis == Axis::kScheduler) side.scheduler = value;
    if (axis.axis == Axis::kTopology) side.topology = value;
    if (axis.axis != Axis::kKernel) continue;
    auto kernel = context.kernels.find(value);
    if (!kernel) return kernel.error();
    side.kernel = std::move(*kernel);
  }
  if (axis.axis == Axis::kKernel && wanted.baseline.kernel->id() == wanted.head.kernel->id())
    return one_kernel(axis, printable(wanted.head.kernel->id()));
  return Ok{};
}

Result<MeasureRequest> measure_request(const AppContext& context, const PerfDeltaRequest& request,
                                       const Commits& commits) {
  MeasureRequest wanted;
  if (request.axis) {
    const bool worktree = commits.head_is_dirty && request.choice.base.empty();
    const std::string label = commit_label(commits.head_commit_label, worktree);
    wanted.baseline = {"", "base", commits.head_full, label, worktree, {}, {}, {}};
    wanted.head = {"", "head", commits.head_full, label, worktree, {}, {}, {}};
    if (const Status found = along_axis(context, *request.axis, wanted); !found) return found.error();
  } else {
    wanted.baseline = {"baseline", "base", commits.baseline_full, commits.baseline_label, false, {}, {}, {}};
    wanted.head = {"HEAD", "head", commits.head_full, commits.head_label, commits.head_is_dirty, {}, {}, {}};
  }
  wanted.subdirectory = commits.subdirectory;
  wanted.filter = request.filter;
  wanted.plan = request.plan;
  wanted.deterministic = request.deterministic;
  wanted.cold = request.cold;
  wanted.resume = request.resume;
  wanted.jobs = request.jobs;
  return wanted;
}

/// A value of an axis that no test has is a mistake, and so is a filter that lets only the other value
/// through.
Status check_axis(const PerfDeltaRequest& request, const Measurement& measurement) {
  for (const Checkout* side : {&measurement.baseline_side(), &measurement.head_side()}) {
    const Checkout& other =
        side == &measurement.head_side() ? measurement.baseline_side() : measurement.head_side();
    if (request.axis && !side->declared.empty() && side->tests.empty() && !other.tests.empty()) {
      return usage_error(
          "-E '" + printable(request.filter.text()) + "' selects no performance_mode test with the " +
              printable(side->spec.name),
          "--axis chooses the " + request.axis->name + ": the filter has to let both values through");
    }
    if (!request.axis || !side->declared.empty()) continue;
    return usage_error("no performance_mode test has the " + printable(side->spec.name),
                       "ktstr test --list shows the tests with their schedulers and topologies");
  }
  return Ok{};
}

/// HEAD without a selected test is a mistake, a baseline without one is nothing to compare with.
Result<bool> can_compare(const PerfDeltaRequest& request, const Measurement& measurement,
                         DeltaOutcome& outcome) {
  const Checkout &head = measurement.head_side(), &base = measurement.baseline_side();
  if (!head.declared.empty() && head.tests.empty())
    return selects_no_test(request.filter, "HEAD", head.declared);
  outcome.set.baseline_has_tests = !base.declared.empty();
  outcome.set.head_has_tests = !head.declared.empty();
  outcome.set.only_head = base.tests.empty() ? head.tests.size() : 0;
  outcome.set.only_baseline = head.tests.empty() ? base.tests.size() : 0;
  for (const Checkout* side : {&base, &head}) {
    if (!side->tests.empty()) continue;
    outcome.notes.push_back(side->spec.name + " " + side->spec.label +
                            (!side->declared.empty() ? " has none of the selected performance_mode tests"
                                                     : " declares no performance_mode test"));
  }
  return !base.tests.empty() && !head.tests.empty();
}

Status measure_in_looks(const PerfDeltaRequest& request, const Session& session, Measurement& measurement,
                        DeltaOutcome& outcome) {
  const std::uint64_t most = *request.repeats;
  std::uint64_t done = 0;
  for (const Look& look : looks_up_to(most)) {
    if (const Status ran = measurement.run(done, look.runs); !ran) return ran;
    done = look.runs;
    if (const Status judged = session.judge_now(outcome, look.level); !judged) return judged;
    const VerdictCounts& counts = outcome.judgement.counter.counts();
    if (session.failed(outcome) || counts.equivalent == counts.rows()) break;
  }
  KTSTR_ASSERT(most > 0 && done <= most);
  outcome.facts["sequential"] = {
      {"blocks", done}, {"planned", most}, {"saved_percent", 100 * (most - done) / most}};
  outcome.notes.push_back(
      "looked early: stopped after " + std::to_string(done) + " of " + std::to_string(most) + " runs a side" +
      (done < most ? ", which saved " + std::to_string(100 * (most - done) / most) + " % of the time" : ""));
  return Ok{};
}

Status confirm(const PerfDeltaRequest& request, const Session& session, Measurement& measurement,
               DeltaOutcome& outcome) {
  const std::set<std::string> suspects = session.suspects(outcome);
  const std::vector<std::string> names(suspects.begin(), suspects.end());
  outcome.facts["confirm"] = {{"pairs", request.confirm}, {"tests", json::array(names.begin(), names.end())}};
  if (suspects.empty()) {
    outcome.notes.emplace_back("no scenario looked suspect: nothing was confirmed");
    return Ok{};
  }
  const std::uint64_t first = *request.repeats;
  if (const Status ran = measurement.run(first, first + request.confirm, suspects); !ran) return ran;
  outcome.notes.push_back("suspect after " + std::to_string(first) + " runs a side and judged by " +
                          std::to_string(request.confirm) +
                          " fresh pairs alone: " + printable(join(names, ", ")));
  return session.judge_now(outcome, 1, first, suspects);
}

}  // namespace

Result<DeltaOutcome> measured_delta(const AppContext& context, const PerfDeltaRequest& request,
                                    const Commits& commits, BaselinePort& baseline, Gates& gates) {
  KTSTR_ASSERT(request.repeats.has_value());
  DeltaOutcome outcome;
  outcome.commits = commits;
  if (*request.repeats < gates.hungriest().min_samples()) {
    outcome.warnings.push_back(
        "the gate " + gates.hungriest().name() + " needs " + std::to_string(gates.hungriest().min_samples()) +
        " runs a side: nothing can be found with --noise-adjust " + std::to_string(*request.repeats));
  }
  const auto wanted = measure_request(context, request, commits);
  if (!wanted) return wanted.error();
  auto kernel =
      wanted->head.kernel ? Result<Kernel>(*wanted->head.kernel) : resolve_kernel(context, request.kernel);
  if (!kernel) return kernel.error();
  auto stored = planned_runs(context);
  if (!stored) return stored.error();
  auto measurement = Measurement::prepare(context, *wanted, baseline, *kernel, *stored);
  if (!measurement) return measurement.error();
  Measurement& measured = **measurement;
  // What is being measured now must not say how much noise to expect of itself.
  std::erase_if(*stored, [&](const SidecarRecord& record) { return record.session == measured.session(); });
  const NoiseHistory history(*stored);
  outcome.facts = {{"plan", measured.plan()},
                   {"session", measured.session()},
                   {"kernel", kernel->version},
                   {"seed", request.plan.seed},
                   {"order", order_name(request.plan.order)}};

  if (const Status known = check_axis(request, measured); !known) return known.error();
  const auto comparable = can_compare(request, measured, outcome);
  if (!comparable) return comparable.error();
  if (!*comparable) return outcome;
  if (request.reuse_baseline) {
    auto reused = reusable_baseline(
        {measured.baseline_side(), *kernel, *request.repeats, request.deterministic, request.plan.seed},
        *stored, history);
    if (!reused) return reused.error();
    outcome.facts["reused_baseline_runs"] = reused->size();
    outcome.notes.push_back(
        "the baseline's " + std::to_string(reused->size()) +
        " runs are from earlier sessions; the spread between sessions was added to their error");
    measured.reuse_baseline(std::move(*reused));
  }
  const Session session(request, context.config.metrics, gates, measured, history);
  if (request.sequential) {
    if (const Status done = measure_in_looks(request, session, measured, outcome); !done) return done.error();
  } else {
    if (const Status ran = measured.run(0, *request.repeats); !ran) return ran.error();
    if (const Status judged = session.judge_now(outcome, 1); !judged) return judged.error();
  }
  if (request.confirm > 0) {
    if (const Status done = confirm(request, session, measured, outcome); !done) return done.error();
  }
  outcome.trends = Trends(findings_of(outcome.judgement));
  for (const SidecarRecord& run : *stored) outcome.trends.add(run);
  if (request.resume)
    outcome.notes.push_back(std::to_string(measured.resumed()) + " complete passes were taken from before");
  outcome.warnings.insert(outcome.warnings.end(), measured.warnings().begin(), measured.warnings().end());
  outcome.notes.insert(outcome.notes.end(), measured.notes().begin(), measured.notes().end());
  return outcome;
}

}  // namespace ktstr
