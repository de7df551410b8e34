// SPDX-License-Identifier: Apache-2.0
#include "delta/next_steps.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>
#include <set>

#include "delta/delta_report.hpp"
#include "delta/judged_facts.hpp"
#include "measure/measurement.hpp"
#include "sidecar/run_key.hpp"

namespace ktstr {
namespace {

constexpr std::uint64_t kMostRuns = 30;  // more a side is no advice

/// Writes commands that say again what was given.
class Commands {
 public:
  Commands(const PerfDeltaRequest& request, const DeltaOutcome& outcome)
      : request_(request), commits_(outcome.commits), set_(outcome.set) {}

  std::string kernel() const {
    if (!request_.kernel.empty()) return shell_word(request_.kernel);
    return set_.metrics.empty() || set_.metrics.front()->scenario().kernel.empty()
               ? "VERSION"
               : shell_word(set_.metrics.front()->scenario().kernel);
  }
  /// perf-delta with repeated runs of both sides, in the clock of what was compared.
  std::string repeat(std::uint64_t runs) const {
    const bool adds_clock = in_virtual_time() && !request_.deterministic;
    return "ktstr perf-delta" + base() + " --noise-adjust " + std::to_string(runs) + of_kernel() +
           request_.kept_flags + (adds_clock ? " --deterministic" : "");
  }
  std::string bisect(const std::string& test) const {
    return "ktstr bisect --good " + printable(commits_.baseline_label) + " --bad " +
           printable(commits_.head_label) + " -E " + shell_word("=" + test) +
           (request_.needs_kernel ? " --kernel " + kernel() : std::string()) + request_.bisect_flags;
  }
  bool in_virtual_time() const {
    return request_.deterministic ||
           (!set_.metrics.empty() && std::all_of(set_.metrics.begin(), set_.metrics.end(), [](const auto& m) {
             return m->scenario().time_source == "virtual";
           }));
  }

 private:
  /// An axis of kernels names them itself.
  std::string of_kernel() const {
    const bool named = request_.axis && request_.axis->axis == Axis::kKernel;
    return named || !request_.needs_kernel ? std::string() : " --kernel " + kernel();
  }
  std::string base() const {
    if (request_.axis) {
      const AxisChoice& axis = *request_.axis;
      const std::string& base = request_.choice.base;
      return (base.empty() ? "" : " --base " + shell_word(base)) + " --axis " + axis.name + " " +
             shell_word(axis.a) + " " + shell_word(axis.b);
    }
    return " --base " + (request_.choice.base.empty() ? printable(commits_.baseline_label)
                                                      : shell_word(request_.choice.base));
  }

  const PerfDeltaRequest& request_;
  const Commits& commits_;
  const ComparisonSet& set_;
};

/// The kernels that one side alone ran on, the first of each.
std::pair<std::string, std::string> kernels_apart(const ComparisonSet& set) {
  std::pair<std::string, std::string> kernels;
  for (const ScenarioRuns& runs : set.runs) {
    if (runs.head.total == 0 && kernels.first.empty()) kernels.first = printable(runs.key.kernel);
    if (runs.baseline.total == 0 && kernels.second.empty()) kernels.second = printable(runs.key.kernel);
  }
  return kernels;
}

/// A way out for each kind of what is missing.
void add_ways_out(const PerfDeltaRequest& request, const DeltaOutcome& outcome,
                  const std::vector<Shortfall>& shortfalls, json::array& next) {
  const std::string at_baseline =
      "git switch --detach " + printable(outcome.commits.baseline_label) + " && ktstr test";
  std::set<std::pair<ShortfallKind, bool>> told;
  for (const Shortfall& one : shortfalls) {
    if (one.minor || request.axis || !told.emplace(one.kind, one.head).second) continue;
    const std::string run = one.head ? "ktstr test" : at_baseline;
    const auto [before, after] = kernels_apart(outcome.set);
    switch (one.kind) {
      case ShortfallKind::kCouldNotRun: next.emplace_back("see why it cannot run: " + run); break;
      case ShortfallKind::kDidNotPass: next.emplace_back("look at what did not pass: " + run); break;
      case ShortfallKind::kUnfinished:
      case ShortfallKind::kOtherTree:
      case ShortfallKind::kUnreadable: next.emplace_back("run it again: " + run); break;
      case ShortfallKind::kLeftOut:
        next.emplace_back("run what was left out (" + run + "), or compare less: -E");
        break;
      case ShortfallKind::kOtherKernel:
        if (before.empty() || after.empty()) break;
        next.emplace_back("run the baseline on HEAD's kernel: " + at_baseline + " --kernel " + after);
        next.emplace_back("or compare the kernels at one commit: ktstr perf-delta --axis kernel " + before +
                          " " + after);
        break;
      default: break;
    }
  }
}

std::string worst_test(const Judgement& judgement) {
  return judgement.rows.empty() || judgement.rows.front().combined.outcome != KTSTR_REGRESSED
             ? std::string()
             : judgement.rows.front().comparison->scenario().test;
}

void after_an_empty_one(const PerfDeltaRequest& request, const DeltaOutcome& outcome,
                        const Commands& commands, json::array& next) {
  if (outcome.set.baseline_seen > 0) return;
  if (request.repeats) {
    next.emplace_back("set \"performance_mode\": true in the manifests of the tests to compare");
    return;
  }
  next.emplace_back("run the tests at the baseline: git switch --detach " +
                    printable(outcome.commits.baseline_label) + " && ktstr test");
  next.emplace_back("or measure both sides now: " + commands.repeat(5));
}

void after_an_inconclusive_one(const PerfDeltaRequest& request, const DeltaOutcome& outcome,
                               const Commands& commands, json::array& next) {
  const VerdictCounts& counts = outcome.judgement.counter.counts();
  const Sight sight = sight_of(outcome.judgement);
  const bool overcommitted = std::any_of(outcome.set.metrics.begin(), outcome.set.metrics.end(),
                                         [](const auto& m) { return m->overcommitted(); });
  add_ways_out(request, outcome, shortfalls_of(request, outcome), next);
  if (overcommitted) {
    const std::string flag = commands.in_virtual_time() ? "" : " --deterministic";
    next.emplace_back("measure in virtual time, where every guest CPU is one: " +
                      commands.repeat(request.repeats.value_or(5)) + flag);
  } else if (!request.repeats) {
    if (counts.inconclusive > 0 || counts.regressed > 0 || sight.blind > 0)
      next.emplace_back("measure both sides again: " + commands.repeat(5));
  } else if (counts.inconclusive > 0 || sight.blind > 0) {
    const std::uint64_t more =
        std::max<std::uint64_t>(*request.repeats * 2, std::min(sight.runs_for_half, kMostRuns));
    next.emplace_back("more runs tell more: " + commands.repeat(more) + " --resume");
  }
}

void after_findings(const PerfDeltaRequest& request, const DeltaOutcome& outcome, bool passed,
                    const Commands& commands, json::array& next) {
  const Commits& commits = outcome.commits;
  if (outcome.judgement.counter.counts().regressed == 0) return;
  if (!request.repeats) {
    next.emplace_back("confirm it with repeated runs of both sides: " + commands.repeat(5));
  } else if (request.confirm == 0 && !request.deterministic) {
    next.emplace_back("confirm it with fresh runs: " + commands.repeat(*request.repeats) +
                      " --resume --confirm 5");
  }
  if (!commits.diff_command.empty()) next.emplace_back("see what changed: " + commits.diff_command);
  if (request.repeats && !commits.head_is_dirty && !request.axis)
    next.emplace_back("find the commit: " + commands.bisect(worst_test(outcome.judgement)));
  if (passed) next.emplace_back("fail on any regression: --fail-threshold 1");
}

}  // namespace

json::array next_steps(const PerfDeltaRequest& request, const DeltaOutcome& outcome, Overall overall) {
  json::array next;
  const Commands commands(request, outcome);
  if (outcome.set.uncovered > 0 && !request.axis) {
    const std::string& head = outcome.commits.head_label;
    next.emplace_back(
        "see why a value is missing: ktstr stats explain-sidecar --run " +
        (request.repeats
             ? printable(pass_key(json::value_to<std::string>(outcome.facts.at("session")), "head", head, 0))
             : printable(run_key(outcome.set.runs.front().key.kernel, head))));
  }
  switch (overall) {
    case Overall::kEmpty: after_an_empty_one(request, outcome, commands, next); break;
    case Overall::kInconclusive: after_an_inconclusive_one(request, outcome, commands, next); break;
    case Overall::kFail:
    case Overall::kPass: after_findings(request, outcome, overall == Overall::kPass, commands, next); break;
  }
  return next;
}

}  // namespace ktstr
