// SPDX-License-Identifier: Apache-2.0
#include "judge/scheduler_end.hpp"

#include <algorithm>
#include <charconv>
#include <ktstr/kit/text.hpp>

namespace ktstr::kvm {
namespace {

constexpr std::size_t kContext = 3;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = without_margins(text.substr(0, end));
    if (!line.empty()) lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool contains(std::string_view line, std::string_view what) {
  return line.find(what) != std::string_view::npos;
}

/// What libbpf, or whoever reads its arguments, complained of first; the later lines mostly repeat it in
/// other words or say how it is used. SCX_BUG_ON of the sched_ext project's headers prints where and then
/// what, to stderr: what was buffered for stdout comes behind it.
std::string first_complaint(std::string_view log, std::string_view last) {
  const std::vector<std::string_view> lines = lines_of(log);
  for (auto it = lines.begin(); it != lines.end(); ++it) {
    const std::string_view line = *it;
    if (line.starts_with("[SCX_BUG] ")) {
      const bool more = it + 1 != lines.end() && it[1] != last;
      return printable_start(line, 200) + (more ? ": " + printable_start(it[1], 200) : std::string());
    }
    const bool complaint = contains(line, "failed") || contains(line, "error") || contains(line, "can't") ||
                           contains(line, "not found");
    const bool of_arguments = contains(line, "invalid option") || contains(line, "unrecognized option") ||
                              contains(line, "unexpected argument") || contains(line, "requires an argument");
    if ((line.starts_with("libbpf: ") && complaint) || of_arguments)
      return line == last ? std::string() : printable_start(line, 300);
  }
  return {};
}

std::string fix_for(const TestSpec& test, const SchedulerReport& scheduler) {
  switch (scheduler.cause) {
    case SchedulerCause::kOutOfMemory:
      return "; the guest of " + std::to_string(test.memory_mib) + " MiB ran out of memory: raise memory_mib";
    case SchedulerCause::kLeftForeground:
      return "; it must stay in the foreground for as long as it schedules";
    case SchedulerCause::kTimeOut:
      if (const SchedulerSpec* spec = test.find_scheduler(scheduler.name); spec != nullptr)
        return "; raise attach_timeout_ms (" + std::to_string(spec->attach_timeout_ms) +
               ") if it needs longer";
      break;
    case SchedulerCause::kNone: break;
  }
  return {};
}

/// For a scheduler whose process has an end of its own to tell.
void tell_process_end(const TestSpec& test, const AgentResult& result, const std::string& what,
                      Findings& findings) {
  const SchedulerReport report = result.scheduler.value_or(SchedulerReport{});
  const Refusal refusal = verifier_refusal(report.log);
  if (!refusal.reason.empty()) {
    findings.fail(what + ": the BPF verifier refused " + refusal.program + ": " + refusal.reason);
    for (const std::string& line : refusal.context) findings.fail("verifier: " + line);
    return;
  }
  std::string line = what;
  if (!result.message.empty()) line += ": " + printable_start(result.message, 300);
  line += fix_for(test, report);
  if (!report.exit_reason.empty()) line += "; the kernel says: " + printable_start(report.exit_reason, 400);
  const std::string_view last = last_line(report.log);
  if (!last.empty()) line += "; its last line of output: " + printable_end(last, 300);
  findings.fail(std::move(line));
  if (std::string more = first_complaint(report.log, last); !more.empty()) findings.fail(std::move(more));
}

/// Who waits longest by the kernel's dump of a stall, "; waiting longest: web/3[185] for 4.936 s". The kernel
/// names nobody when what got no CPU was the thread that looks for such tasks.
std::string longest_waiting(std::string_view dump) {
  std::uint64_t most = 0;
  std::string_view who;
  for (std::string_view line : lines_of(dump)) {
    if (!line.starts_with("R ")) continue;
    const std::size_t end = line.rfind("] -");
    std::uint64_t ms = 0;
    if (end == std::string_view::npos || !line.ends_with("ms") ||
        std::from_chars(line.data() + end + 3, line.data() + line.size(), ms).ec != std::errc() || ms <= most)
      continue;
    most = ms;
    who = line.substr(2, end - 1);
  }
  if (most == 0) return {};
  std::string fraction = std::to_string(most % 1000);
  fraction.insert(0, 3 - fraction.size(), '0');
  return "; waiting longest: " + printable_start(who, 100) + " for " + std::to_string(most / 1000) + "." +
         fraction + " s";
}

/// "; 3 of 5 workers had not finished"
std::string unfinished(const AgentResult& result) {
  std::size_t all = 0, lost = 0;
  if (!result.scenario) return {};
  for (const CgroupReport& cgroup : result.scenario->cgroups) {
    all += cgroup.workers.size();
    lost += static_cast<std::size_t>(std::count_if(cgroup.workers.begin(), cgroup.workers.end(),
                                                   [](const WorkerReport& w) { return !w.completed; }));
  }
  return lost == 0 ? std::string()
                   : std::to_string(lost) + " of " + std::to_string(all) + " workers did not finish";
}

}  // namespace

Refusal verifier_refusal(std::string_view log) {
  Refusal refusal;
  const std::vector<std::string_view> lines = lines_of(log);
  const auto failed = std::find_if(lines.begin(), lines.end(), [](std::string_view line) {
    return contains(line, "BPF program load failed");
  });
  if (failed == lines.end()) return refusal;
  const auto summary = std::find_if(failed, lines.end(), [](std::string_view line) {
    return line.starts_with("processed ") && contains(line, " insns");
  });
  if (summary == lines.end() || summary - failed < 2) return refusal;
  const std::size_t name = failed->find("prog '"),
                    end = name == std::string_view::npos ? name : failed->find('\'', name + 6);
  refusal.program = end == std::string_view::npos
                        ? "a program"
                        : printable_start(failed->substr(name + 6, end - name - 6), 60);
  refusal.reason = printable_start(*(summary - 1), 300);
  for (auto line = summary - 2;
       line > failed && refusal.context.size() < kContext && !contains(*line, "-- BEGIN PROG LOAD LOG --");
       --line) {
    refusal.context.insert(refusal.context.begin(), printable_start(*line, 300));
  }
  return refusal;
}

std::vector<std::string> verifier_log(std::string_view log) {
  constexpr std::size_t kMost = 40;
  std::vector<std::string> said;
  bool inside = false;
  for (const std::string_view line : lines_of(log)) {
    if (contains(line, "-- BEGIN PROG LOAD LOG --")) {
      said.clear();
      inside = true;
    } else if (contains(line, "-- END PROG LOAD LOG --")) {
      inside = false;
    } else if (inside) {
      said.push_back(printable_start(line, 300));
    }
  }
  if (said.size() > kMost) said.erase(said.begin(), said.end() - kMost);
  return said;
}

void judge_scheduler_end(const TestSpec& test, const AgentResult& result, Findings& findings) {
  const SchedulerReport report = result.scheduler.value_or(SchedulerReport{});
  const SchedulerSpec* last = test.find_scheduler(report.name);
  const std::string scheduler =
      "the scheduler \"" + (last != nullptr ? last->name : test.scheduler_name()) + '"';
  if (result.outcome == AgentOutcome::kSchedulerEjected) {
    const std::string reason = report.exit_reason.empty() ? result.message : report.exit_reason;
    std::string line = "the kernel ejected " + scheduler;
    if (!reason.empty()) line += ": " + printable_start(reason, 600);
    if (contains(reason, "watchdog failed to check in")) line += longest_waiting(result.scene.scheduler_dump);
    findings.fail(std::move(line));
  } else if (result.outcome == AgentOutcome::kSchedulerDied) {
    tell_process_end(test, result, scheduler + " left during the test", findings);
  } else if (!report.exit_reason.empty() && result.message.empty()) {
    findings.fail(scheduler +
                  " did not attach: the kernel refused it: " + printable_start(report.exit_reason, 600));
  } else {
    tell_process_end(test, result, scheduler + " did not attach", findings);
  }
  if (std::string count = unfinished(result); !count.empty()) findings.fail(std::move(count));
}

void judge_scheduler_reach(const SchedulerReport& scheduler, Findings& findings) {
  if (scheduler.switched > 0 || scheduler.switch_all) return;
  findings.doubt("the scheduler \"" + printable_start(scheduler.name, 100) +
                 "\" had no worker under it: it attached with SCX_OPS_SWITCH_PARTIAL and none is in "
                 "SCHED_EXT, so this says nothing of it");
}

}  // namespace ktstr::kvm
