// SPDX-License-Identifier: Apache-2.0
#include "judge/verdict.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "judge/assertions.hpp"
#include "judge/expectations.hpp"
#include "judge/host_load.hpp"
#include "judge/payloads.hpp"
#include "judge/scheduler_end.hpp"
#include "judge/scheduler_metrics.hpp"
#include "judge/topology_check.hpp"
#include "manifest/online_cpus.hpp"
#include "manifest/timeline.hpp"

namespace ktstr::kvm {
namespace {

std::string trimmed(std::string_view line) { return printable_start(without_margins(line), 300); }

/// "a: b", or just "a" when there is no b.
std::string with_reason(std::string text, std::string_view reason) {
  const std::string shown = trimmed(reason);
  return shown.empty() ? text : text + ": " + shown;
}

void judge_outcome(const TestSpec& test, const AgentResult& result, Findings& findings) {
  switch (result.outcome) {
    case AgentOutcome::kOk: return;
    case AgentOutcome::kSpecError:
      return findings.fail(with_reason("the guest agent did not accept the test", result.message));
    case AgentOutcome::kSetupError:
      return findings.fail(with_reason("the test could not be set up in the guest", result.message));
    case AgentOutcome::kOperationFailed:
      return findings.fail(with_reason("the scenario could not be carried out", result.message));
    case AgentOutcome::kUnsupported:
      return findings.doubt(with_reason("the guest cannot do what the test wants", result.message));
    case AgentOutcome::kSchedulerAttachFailed:
    case AgentOutcome::kSchedulerDied:
    case AgentOutcome::kSchedulerEjected: return judge_scheduler_end(test, result, findings);
    case AgentOutcome::kAgentError:
      return findings.fail(with_reason("the guest agent failed", result.message));
  }
}

/// One line for all of them: which cgroups lost how many workers, and how the first of each went.
void judge_workers(const ScenarioReport& scenario, Findings& findings) {
  std::size_t lost = 0, all = 0;
  std::string where;
  for (const CgroupReport& cgroup : scenario.cgroups) {
    const auto unfinished = [](const WorkerReport& worker) { return !worker.completed; };
    const auto first = std::find_if(cgroup.workers.begin(), cgroup.workers.end(), unfinished);
    const auto count = static_cast<std::size_t>(std::count_if(first, cgroup.workers.end(), unfinished));
    all += cgroup.workers.size();
    lost += count;
    if (count > 0)
      where +=
          (where.empty() ? "" : ", ") + with_reason(cgroup.name + " " + std::to_string(count), first->exit);
  }
  if (lost > 0)
    findings.fail(std::to_string(lost) + " of " + std::to_string(all) + " workers did not finish (" + where +
                  ")");
}

/// A result that says "ok" must bring what an ok result has.
std::string missing_part(const TestSpec& test, const AgentResult& result) {
  if (!result.scenario) return "it says ok but has no scenario";
  if (result.scenario->end_ns == result.scenario->start_ns) return "it says ok but its scenario took no time";
  if (test.has_schedulers() && !result.scheduler) return "it says ok but nothing about the scheduler";
  return {};
}

/// The one that is to be in force at the end was.
void judge_last_scheduler(const TestSpec& test, const AgentResult& result, Findings& findings) {
  const std::string meant = planned_phases(test).back().scheduler;
  const bool enabled = result.scheduler && result.scheduler->state == "enabled";
  if (meant == kKernelScheduler) {
    if (enabled)
      findings.fail("the kernel's own scheduler was not in force: sched_ext has " +
                    trimmed(result.scheduler->ops));
    return;
  }
  KTSTR_ASSERT(result.scheduler.has_value());  // else missing_part had found it missing
  judge_scheduler_reach(*result.scheduler, findings);
  if (!enabled || result.scheduler->name != meant)
    findings.fail("the scheduler \"" + meant + "\" was not in force: sched_ext says " +
                  trimmed(result.scheduler->state));
}

void judge_result(const TestSpec& test, const AgentResult& result, const MonitorReport& monitor,
                  Findings& findings) {
  judge_outcome(test, result, findings);
  if (result.outcome != AgentOutcome::kOk) return;
  const std::string missing = missing_part(test, result);
  if (!missing.empty()) return findings.doubt("the guest's result cannot be used: " + missing);
  judge_last_scheduler(test, result, findings);
  judge_topology(test.topology, online_cpus(test.topology, test.kernel_args), result.topology, findings);
  judge_workers(*result.scenario, findings);
  judge_assertions(test, *result.scenario, monitor, findings);
  judge_expectations(test, *result.scenario, monitor, findings);
  judge_payloads(test, *result.scenario, findings);
  judge_scheduler_metrics(test, result, findings);
}

/// A result that cannot be true is nothing to judge by, and none of its numbers are kept.
Verdict contradicted(std::vector<std::string> lies, AgentResult result) {
  KTSTR_ASSERT(!lies.empty());
  Verdict verdict;
  verdict.outcome = Outcome::kInconclusive;
  for (std::string& lie : lies)
    verdict.lines.push_back("the guest's result contradicts what the host saw: " + std::move(lie));
  result.scenario.reset();
  result.bpf_programs.clear();
  verdict.result = std::move(result);
  return verdict;
}

Verdict ended(Outcome outcome, std::string line) { return {outcome, {std::move(line)}, false, std::nullopt}; }

/// What to say of a machine that did not come to a regular end.
Verdict judge_end(const MachineOutcome& machine) {
  const std::string when = stage_phrase(machine.stage);
  switch (machine.end) {
    case MachineEnd::kGuestPanic: {
      const std::string line = telling_console_line(machine.console_tail);
      return ended(Outcome::kFailed,
                   with_reason("the guest kernel panicked " + when, line.empty() ? machine.reason : line));
    }
    case MachineEnd::kAgentDied:
      return ended(Outcome::kFailed,
                   with_reason("the guest agent died without a result " + when, machine.reason));
    case MachineEnd::kHung:
      return ended(Outcome::kFailed, with_reason("the guest hung " + when, machine.reason));
    case MachineEnd::kBootFailed: {
      const std::string panic = telling_console_line(machine.console_tail);
      const std::string last = panic.empty() ? printable_start(last_line(machine.console_tail), 300) : panic;
      std::string line = with_reason("the guest did not boot", machine.reason);
      if (!last.empty()) line += "; its console says: " + last;
      return ended(Outcome::kError, std::move(line));
    }
    case MachineEnd::kQemuDied:
      return ended(Outcome::kError,
                   with_reason("QEMU ended by itself or was killed " + when, machine.reason));
    case MachineEnd::kBadResult:
      return ended(Outcome::kInconclusive, with_reason("the guest's result cannot be read", machine.reason));
    case MachineEnd::kCancelled: return ended(Outcome::kInconclusive, "interrupted " + when);
    case MachineEnd::kCompleted: break;
  }
  return ended(Outcome::kError, with_reason("the machine ended in an unknown way", machine.reason));
}

}  // namespace

const char* outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPassed: return "passed";
    case Outcome::kFailed: return "failed";
    case Outcome::kSkipped: return "skipped";
    case Outcome::kInconclusive: return "inconclusive";
    case Outcome::kError: return "error";
  }
  return "unknown";
}

const char* stage_phrase(Stage stage) {
  switch (stage) {
    case Stage::kNone: return "before its agent had started";
    case Stage::kBooted:
    case Stage::kReady: return "before the test began";
    case Stage::kSpecRead: return "while the test was set up";
    case Stage::kSchedulerStarting: return "while the scheduler was starting";
    case Stage::kSchedulerAttached: return "after the scheduler had attached";
    case Stage::kScenarioStarted: return "while the scenario was running";
    case Stage::kScenarioFinished: return "after the scenario";
    case Stage::kDone: return "after the result was written";
  }
  return "at an unknown stage";
}

std::string telling_console_line(std::string_view console) {
  static constexpr std::string_view kSigns[] = {
      "Kernel panic", "BUG:",        "kernel BUG at",   "Oops", "general protection fault",
      "soft lockup",  "hard LOCKUP", "Unable to handle"};
  while (!console.empty()) {
    const std::size_t end = console.find('\n');
    const std::string_view line = console.substr(0, end);
    const auto found = [&](std::string_view sign) { return line.find(sign) != std::string_view::npos; };
    if (std::any_of(std::begin(kSigns), std::end(kSigns), found)) return trimmed(line);
    console.remove_prefix(end == std::string_view::npos ? console.size() : end + 1);
  }
  return {};
}

namespace {

/// "ejected" of kSchedulerEjected and so on, as expect_failure names them.
std::string_view way_of_failing(const Verdict& verdict) {
  if (!verdict.result) return {};
  switch (verdict.result->outcome) {
    case AgentOutcome::kOk: return "assertion";
    case AgentOutcome::kSchedulerAttachFailed: return "attach_failed";
    case AgentOutcome::kSchedulerDied: return "died";
    case AgentOutcome::kSchedulerEjected: return "ejected";
    default: return {};
  }
}

/// Turns a failure that the test is meant to have into a pass, and its absence into a failure. What could not
/// be judged stays so.
Verdict hold_against(const ExpectedFailure& expected, Verdict verdict) {
  if (verdict.outcome == Outcome::kPassed) {
    verdict.outcome = Outcome::kFailed;
    verdict.lines = {"the test passed, but it is meant to fail (expect_failure)"};
    return verdict;
  }
  if (verdict.outcome != Outcome::kFailed) return verdict;
  const auto says = [&](const std::string& line) { return line.find(expected.reason) != std::string::npos; };
  const bool reason =
      expected.reason.empty() || std::any_of(verdict.lines.begin(), verdict.lines.end(), says);
  const bool way = expected.outcome.empty() || expected.outcome == way_of_failing(verdict);
  if (reason && way) {
    verdict.outcome = Outcome::kPassed;
    verdict.expected_failure = true;
    verdict.lines.insert(verdict.lines.begin(), "failed as it is meant to");
    return verdict;
  }
  verdict.lines.insert(verdict.lines.begin(),
                       !reason ? "the test failed, but not for \"" + printable_start(expected.reason, 200) +
                                     "\" (expect_failure)"
                               : "the test failed, but not as \"" + expected.outcome + "\" (expect_failure)");
  return verdict;
}

/// Whether a failure is of a kind that a guest without CPU time shows, however good its scheduler is: late
/// tasks, a watchdog that fires, a time limit. A panic or a scheduler that exits is not.
bool may_be_want_of_time(const Verdict& verdict, const MachineOutcome& machine) {
  if (verdict.outcome != Outcome::kFailed) return false;
  if (machine.end == MachineEnd::kHung) return true;
  if (machine.end != MachineEnd::kCompleted || !verdict.result) return false;
  switch (verdict.result->outcome) {
    case AgentOutcome::kOk:
    case AgentOutcome::kSchedulerEjected:
    case AgentOutcome::kSchedulerAttachFailed: return true;
    default: return false;
  }
}

/// An overloaded host is told apart from a failing scheduler; virtual time does not know it.
Verdict regarding_host(const TestSpec& test, const MachineOutcome& machine, const RunTerms& terms,
                       Verdict verdict) {
  if (terms.virtual_time || !may_be_want_of_time(verdict, machine)) return verdict;
  std::string line = overload(machine.seen.scenario, test.topology.cpus(), terms.host_cores);
  if (line.empty()) return verdict;
  verdict.outcome = Outcome::kInconclusive;
  verdict.lines.insert(verdict.lines.begin(), std::move(line));
  return verdict;
}

Verdict judged(const TestSpec& test, const MachineOutcome& machine, const RunTerms& terms) {
  std::string problem;
  std::optional<AgentResult> result;
  if (!machine.result.empty() || machine.end == MachineEnd::kCompleted)
    result = read_agent_result(machine.result, test, problem);
  if (machine.end != MachineEnd::kCompleted) {
    Verdict verdict = judge_end(machine);
    verdict.result = std::move(result);
    return verdict;
  }
  if (!result)
    return ended(Outcome::kInconclusive,
                 "the guest's result cannot be read: " + printable_start(problem, 300));
  if (std::vector<std::string> lies = contradictions(test, *result, machine.seen, terms); !lies.empty())
    return contradicted(std::move(lies), std::move(*result));
  Findings findings;
  judge_result(test, *result, machine.monitor, findings);
  Verdict verdict;
  verdict.outcome = !findings.failures.empty() ? Outcome::kFailed
                    : !findings.doubts.empty() ? Outcome::kInconclusive
                                               : Outcome::kPassed;
  verdict.lines = std::move(findings.failures);
  verdict.lines.insert(verdict.lines.end(), findings.doubts.begin(), findings.doubts.end());
  KTSTR_ASSERT((verdict.outcome == Outcome::kPassed) == verdict.lines.empty());
  verdict.result = std::move(result);
  return verdict;
}

}  // namespace

Verdict judge(const TestSpec& test, const MachineOutcome& machine, const RunTerms& terms) {
  Verdict verdict = regarding_host(test, machine, terms, judged(test, machine, terms));
  KTSTR_ASSERT(verdict.outcome == Outcome::kPassed || !verdict.lines.empty());  // it says why
  return test.expect_failure ? hold_against(*test.expect_failure, std::move(verdict)) : verdict;
}

}  // namespace ktstr::kvm
