// SPDX-License-Identifier: Apache-2.0
#include "judge/assertions.hpp"

#include <algorithm>
#include <cstdio>

#include "judge/stats.hpp"

namespace ktstr::kvm {
namespace {

std::string decimal(double value, int digits) {
  char buffer[400];
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
  std::string text(buffer);
  std::replace(text.begin(), text.end(), ',', '.');  // whatever locale a neighbour has set
  return text;
}

std::string milliseconds(std::uint64_t ns) { return decimal(static_cast<double>(ns) / 1e6, 1) + " ms"; }

std::string cpu_set(const std::vector<std::uint32_t>& cpus) {
  std::string text = "{";
  for (std::size_t i = 0; i < cpus.size(); ++i) {
    std::size_t last = i;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
    if (i > 0) text += ',';
    text += std::to_string(cpus[i]);
    if (last > i) text += '-' + std::to_string(cpus[last]);
    i = last;
  }
  return text + '}';
}

/// Collects the workers of a cgroup that share a fault, and tells them in one line: how many, and the first
/// one's numbers.
class WorkerLines {
 public:
  WorkerLines(Findings& findings, const CgroupReport& cgroup) : findings_(findings), cgroup_(cgroup) {}
  void add(const WorkerReport& worker, const std::string& what) {
    if (count_++ == 0) first_ = "worker " + std::to_string(worker.tid) + ' ' + what;
  }
  void close() {
    if (count_ == 0) return;
    const std::string others = count_ == 1 ? ""
                                           : " (" + std::to_string(count_) + " of " +
                                                 std::to_string(cgroup_.workers.size()) + " workers)";
    findings_.fail("cgroup " + cgroup_.name + ": " + first_ + others);
  }

 private:
  Findings& findings_;
  const CgroupReport& cgroup_;
  std::string first_;
  std::size_t count_ = 0;
};

void judge_progress(const CgroupReport& cgroup, Findings& findings) {
  WorkerLines lines(findings, cgroup);
  for (const WorkerReport& worker : cgroup.workers) {
    // Those that did not even finish are told as such.
    if (worker.completed && worker.work_units == 0) {
      lines.add(worker,
                "made no progress: 0 work units in " + milliseconds(worker.wall_time_ns) + " (not_stuck)");
    }
  }
  lines.close();
}

void judge_gap(const CgroupReport& cgroup, std::uint64_t limit_ms, std::uint64_t start_ns,
               Findings& findings) {
  const auto worst = std::max_element(
      cgroup.workers.begin(), cgroup.workers.end(),
      [](const WorkerReport& a, const WorkerReport& b) { return a.max_gap_ns < b.max_gap_ns; });
  if (worst == cgroup.workers.end() || worst->max_gap_ns <= limit_ms * 1'000'000) return;
  const std::uint64_t at = worst->max_gap_at_ns > start_ns ? worst->max_gap_at_ns - start_ns : 0;
  findings.fail("cgroup " + cgroup.name + ": worker " + std::to_string(worst->tid) +
                " was kept from running for " + milliseconds(worst->max_gap_ns) + " on CPU " +
                std::to_string(worst->max_gap_cpu) + " at +" + milliseconds(at) + ", limit " +
                std::to_string(limit_ms) + " ms (max_gap_ms)");
}

void judge_spread(const CgroupReport& cgroup, double limit_pct, Findings& findings) {
  const auto measured = std::count_if(cgroup.workers.begin(), cgroup.workers.end(),
                                      [](const WorkerReport& w) { return w.wall_time_ns > 0; });
  if (cgroup.workers.size() >= 2 && measured < 2) {
    findings.doubt("cgroup " + cgroup.name +
                   ": fewer than two workers have a run time, so max_spread_pct cannot be judged");
    return;
  }
  const CgroupStats stats = cgroup_stats(cgroup.workers);
  if (cgroup.workers.size() < 2 || stats.spread <= limit_pct) return;
  findings.fail("cgroup " + cgroup.name + ": CPU time is shared unevenly: off-CPU time from " +
                decimal(stats.min_off_cpu_pct, 1) + " % to " + decimal(stats.max_off_cpu_pct, 1) +
                " % over " + std::to_string(stats.num_workers) + " workers on " +
                std::to_string(stats.num_cpus) + " CPUs, spread " + decimal(stats.spread, 1) + ", limit " +
                decimal(limit_pct, 1) + " (max_spread_pct)");
}

void judge_isolation(const CgroupReport& cgroup, const CgroupSpec& wanted, Findings& findings) {
  if (!wanted.cpuset) return;
  WorkerLines lines(findings, cgroup);
  for (const WorkerReport& worker : cgroup.workers) {
    std::vector<std::uint32_t> outside;
    std::set_difference(worker.cpus_used.begin(), worker.cpus_used.end(), wanted.cpuset->begin(),
                        wanted.cpuset->end(), std::back_inserter(outside));
    if (!outside.empty())
      lines.add(worker, "ran on CPUs " + cpu_set(outside) + " outside its cpuset " + cpu_set(*wanted.cpuset) +
                            " (isolation)");
  }
  lines.close();
}

void judge_wake_latency(const CgroupReport& cgroup, std::uint64_t limit_ns, Findings& findings) {
  std::vector<std::uint64_t> pool;
  for (const WorkerReport& worker : cgroup.workers)
    pool.insert(pool.end(), worker.wake_latencies_ns.begin(), worker.wake_latencies_ns.end());
  if (pool.empty()) {
    findings.doubt("cgroup " + cgroup.name +
                   ": no wake-up was measured, so max_p99_wake_latency_ns cannot be judged");
    return;
  }
  std::sort(pool.begin(), pool.end());
  const std::uint64_t p99 = nearest_rank(pool, 990);
  if (p99 <= limit_ns) return;
  findings.fail("cgroup " + cgroup.name + ": 99 % of " + std::to_string(pool.size()) +
                " wake-ups took up to " + std::to_string(p99) + " ns, limit " + std::to_string(limit_ns) +
                " ns (max_p99_wake_latency_ns)");
}

void judge_iteration_rate(const CgroupReport& cgroup, double floor, Findings& findings) {
  WorkerLines lines(findings, cgroup);
  for (const WorkerReport& worker : cgroup.workers) {
    if (worker.wall_time_ns == 0) {
      findings.doubt("cgroup " + cgroup.name + ": worker " + std::to_string(worker.tid) +
                     " has no run time, so min_iteration_rate cannot be judged");
      continue;
    }
    const double rate =
        static_cast<double>(worker.iterations) / (static_cast<double>(worker.wall_time_ns) / 1e9);
    if (rate < floor) {
      lines.add(worker, "did " + decimal(rate, 1) + " iterations per second, floor " + decimal(floor, 1) +
                            " (min_iteration_rate)");
    }
  }
  lines.close();
}

}  // namespace

void judge_assertions(const TestSpec& test, const ScenarioReport& scenario, Findings& findings) {
  const AssertSpec& wanted = test.assertions;
  for (std::size_t i = 0; i < scenario.cgroups.size() && i < test.cgroups.size(); ++i) {
    const CgroupReport& cgroup = scenario.cgroups[i];
    if (wanted.not_stuck) judge_progress(cgroup, findings);
    if (wanted.max_gap_ms) judge_gap(cgroup, *wanted.max_gap_ms, scenario.start_ns, findings);
    if (wanted.max_spread_pct) judge_spread(cgroup, *wanted.max_spread_pct, findings);
    if (wanted.isolation) judge_isolation(cgroup, test.cgroups[i], findings);
    if (wanted.max_p99_wake_latency_ns) judge_wake_latency(cgroup, *wanted.max_p99_wake_latency_ns, findings);
    if (wanted.min_iteration_rate) judge_iteration_rate(cgroup, *wanted.min_iteration_rate, findings);
  }
}

std::vector<std::string> idle_workers(const ScenarioReport& scenario) {
  std::vector<std::string> lines;
  for (const CgroupReport& cgroup : scenario.cgroups) {
    std::uint64_t idle = 0, waited = 0;
    for (const WorkerReport& worker : cgroup.workers) {
      if (worker.iterations > 0) continue;
      ++idle;
      waited = std::max(waited, worker.run_delay_ns);
    }
    if (idle == 0) continue;
    lines.push_back("cgroup " + cgroup.name + ": " + std::to_string(idle) + " of " +
                    std::to_string(cgroup.workers.size()) +
                    " workers completed no iteration; longest wait for a CPU " + milliseconds(waited));
  }
  return lines;
}

}  // namespace ktstr::kvm
