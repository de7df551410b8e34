// SPDX-License-Identifier: Apache-2.0
#include "judge/evidence.hpp"

#include <algorithm>
#include <cstdio>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

namespace ktstr::kvm {
namespace {

// One unit is a multiplication that waits for the one before it: three cycles at least, and no CPU has 6 GHz
// to spare for long.
constexpr double kNsPerUnit = 0.5;
constexpr std::uint64_t kNsPerIteration =
    100;                              // of work that counts no units: a system call, some cache misses
constexpr double kClockError = 1.25;  // guests find out the rate of their clock while the host is busy
constexpr double kClockSlackNs = 250e6;
constexpr std::uint64_t kStopNs =
    45'000'000'000;  // workers that do not stop are waited for as long as sched_ext's watchdog takes

std::string seconds(double ns) {
  char text[40];
  std::snprintf(text, sizeof text, "%.3f s", ns / 1e9);
  std::string shown(text);
  std::replace(shown.begin(), shown.end(), ',', '.');  // whatever locale a neighbour has set
  return shown;
}

double ns(std::chrono::nanoseconds time) { return static_cast<double>(time.count()); }

/// The scenario's length against the manifest and against the host's clock.
void check_length(const TestSpec& test, std::uint64_t length, const Observation& seen, const RunTerms& terms,
                  std::vector<std::string>& found) {
  const auto claimed = static_cast<double>(length);
  if (length < test.scenario.duration_ms * kNsPerMs) {
    found.push_back("a scenario of " + seconds(claimed) + " is shorter than its duration_ms of " +
                    std::to_string(test.scenario.duration_ms));
  }
  if (terms.virtual_time) return;
  if (const double most = ns(seen.scenario_at_most); claimed > most * kClockError + kClockSlackNs) {
    found.push_back("a scenario of " + seconds(claimed) + " within " + seconds(most) + " of the host's time");
  }
  if (const double least = ns(seen.scenario_at_least);
      least > claimed * kClockError + static_cast<double>(kStopNs)) {
    found.push_back("a scenario of " + seconds(claimed) + " that the host saw running for " + seconds(least));
  }
}

/// One worker's figures against each other and against the scenario; what is wrong with them, or nothing.
std::string wrong_with(const WorkerReport& worker, std::uint64_t length) {
  const std::uint64_t most = length + kStopNs;
  const auto cpu = static_cast<double>(worker.cpu_time_ns), wall = static_cast<double>(worker.wall_time_ns);
  if (worker.wall_time_ns > most)
    return "ran for " + seconds(wall) + " in a scenario of " + seconds(static_cast<double>(length));
  if (cpu > wall * kClockError + kClockSlackNs)
    return "took " + seconds(cpu) + " of CPU time in " + seconds(wall);
  if (!worker.completed) return {};  // a killed worker has no times to hold its work against
  if (static_cast<double>(worker.work_units) * kNsPerUnit > cpu * kClockError + kClockSlackNs) {
    return "did " + std::to_string(worker.work_units) + " units of work in " + seconds(cpu) + " of CPU time";
  }
  if (worker.iterations > worker.work_units + worker.wall_time_ns / kNsPerIteration + 1) {
    return "did " + std::to_string(worker.iterations) + " iterations with " +
           std::to_string(worker.work_units) + " units of work in " + seconds(wall);
  }
  for (const Samples& samples : worker.samples) {
    const auto longest = std::max_element(samples.kept.begin(), samples.kept.end());
    if (longest != samples.kept.end() && *longest > most) {
      return "waited " + seconds(static_cast<double>(*longest)) + " in a scenario of " +
             seconds(static_cast<double>(length));
    }
    if (samples.kept.size() > samples.seen) return "has more samples than there were";
  }
  if (worker.max_gap_ns > most) return "was kept from running for longer than the scenario";
  return {};
}

void check_workers(const TestSpec& test, const ScenarioReport& scenario, std::vector<std::string>& found) {
  KTSTR_ASSERT(scenario.start_ns <= scenario.end_ns);
  const std::uint64_t length = scenario.end_ns - scenario.start_ns;
  double cpu = 0, longest = 0;
  std::size_t wrong = 0;
  for (const CgroupReport& cgroup : scenario.cgroups) {
    for (const WorkerReport& worker : cgroup.workers) {
      cpu += static_cast<double>(worker.cpu_time_ns);
      longest = std::max(longest, static_cast<double>(worker.wall_time_ns));
      const std::string what = wrong_with(worker, length);
      if (!what.empty() && ++wrong == 1) {
        found.push_back("worker " + std::to_string(worker.tid) + " of cgroup " +
                        printable_start(cgroup.name, 100) + ' ' + what);
      }
    }
  }
  if (wrong > 1) found.back() += " (and " + std::to_string(wrong - 1) + " more)";
  const auto cpus = static_cast<double>(test.topology.cpus());
  if (cpu > cpus * longest * kClockError + kClockSlackNs) {
    found.push_back("the workers took " + seconds(cpu) + " of CPU time on " +
                    std::to_string(test.topology.cpus()) + " CPUs in " + seconds(longest));
  }
}

/// Work takes CPU time, and what QEMU took is the host's own figure.
void check_work(const ScenarioReport& scenario, const Observation& seen, std::vector<std::string>& found) {
  if (seen.cpu_time.count() == 0) return;
  double units = 0;
  for (const CgroupReport& cgroup : scenario.cgroups) {
    for (const WorkerReport& worker : cgroup.workers) units += static_cast<double>(worker.work_units);
  }
  if (units * kNsPerUnit <= ns(seen.cpu_time) * kClockError + kClockSlackNs) return;
  char text[40];
  std::snprintf(text, sizeof text, "%.0f", units);
  found.push_back(std::string(text) + " units of work with " + seconds(ns(seen.cpu_time)) +
                  " of the host's CPU time");
}

}  // namespace

std::vector<std::string> contradictions(const TestSpec& test, const AgentResult& result,
                                        const Observation& seen, const RunTerms& terms) {
  std::vector<std::string> found;
  if (result.nonce != terms.nonce)
    found.push_back("it does not carry the number that the agent was given, so the agent did not write it");
  if (!seen.disorder.empty()) found.push_back(seen.disorder);
  if (result.outcome == AgentOutcome::kOk && result.scenario) {
    check_length(test, result.scenario->end_ns - result.scenario->start_ns, seen, terms, found);
    check_work(*result.scenario, seen, found);
    check_workers(test, *result.scenario, found);
    if (seen.heartbeats == 0) found.push_back("a scenario without a heartbeat of the agent");
  }
  return found;
}

}  // namespace ktstr::kvm
