// SPDX-License-Identifier: Apache-2.0
#include "judge/assertions.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/numbers.hpp>
#include <map>
#include <optional>

#include "judge/monitor_assertions.hpp"
#include "judge/stats.hpp"
#include "manifest/allowed_cpus.hpp"
#include "manifest/online_cpus.hpp"
#include "manifest/parameter_reader.hpp"

namespace ktstr::kvm {
namespace {

std::string milliseconds(std::uint64_t ns) { return kit::fixed(static_cast<double>(ns) / 1e6, 1) + " ms"; }

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

double per_second(std::uint64_t count, std::uint64_t ns) {
  return static_cast<double>(count) / (static_cast<double>(ns) / 1e9);
}

/// The kernel's own when nothing is said.
std::int64_t weight_of(const Cgroup& cgroup) {
  const std::vector<Parameter>& parameters = cgroup_parameters();
  const std::size_t row = find_parameter(parameters, "weight");
  KTSTR_ASSERT(row < parameters.size());
  return number_of(parameters, cgroup.attributes, "weight", parameters[row].default_value);
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
    KTSTR_ASSERT(count_ <= cgroup_.workers.size());
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
    if (worker.completed && worker.work_units == 0 && worker.iterations == 0) {
      lines.add(worker,
                "made no progress: 0 work units in " + milliseconds(worker.wall_time_ns) + " (not_stuck)");
    }
  }
  lines.close();
}

void judge_gap(const CgroupReport& cgroup, double limit_ms, std::uint64_t start_ns, Findings& findings) {
  const auto worst = std::max_element(
      cgroup.workers.begin(), cgroup.workers.end(),
      [](const WorkerReport& a, const WorkerReport& b) { return a.max_gap_ns < b.max_gap_ns; });
  if (worst == cgroup.workers.end() || static_cast<double>(worst->max_gap_ns) <= limit_ms * 1e6) return;
  const std::uint64_t at = worst->max_gap_at_ns > start_ns ? worst->max_gap_at_ns - start_ns : 0;
  findings.fail("cgroup " + cgroup.name + ": worker " + std::to_string(worst->tid) +
                " was kept from running for " + milliseconds(worst->max_gap_ns) + " on CPU " +
                std::to_string(worst->max_gap_cpu) + " at +" + milliseconds(at) + ", limit " +
                kit::fixed(limit_ms, 0) + " ms (max_gap_ms)");
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
                kit::fixed(stats.min_off_cpu_pct, 1) + " % to " + kit::fixed(stats.max_off_cpu_pct, 1) +
                " % over " + std::to_string(stats.num_workers) + " workers on " +
                std::to_string(stats.num_cpus) + " CPUs, spread " + kit::fixed(stats.spread, 1) + ", limit " +
                kit::fixed(limit_pct, 1) + " (max_spread_pct)");
}

/// `by_set`: CPUs by set of workers; empty: all CPUs.
void judge_isolation(const CgroupReport& cgroup, const std::vector<std::vector<std::uint32_t>>& by_set,
                     Findings& findings) {
  WorkerLines lines(findings, cgroup);
  for (const WorkerReport& worker : cgroup.workers) {
    const std::vector<std::uint32_t>& allowed = by_set.at(worker.set);
    if (allowed.empty()) continue;
    KTSTR_ASSERT(std::is_sorted(allowed.begin(), allowed.end()) &&
                 std::is_sorted(worker.cpus_used.begin(), worker.cpus_used.end()));
    std::vector<std::uint32_t> outside;
    std::set_difference(worker.cpus_used.begin(), worker.cpus_used.end(), allowed.begin(), allowed.end(),
                        std::back_inserter(outside));
    if (!outside.empty())
      lines.add(worker, "ran on CPUs " + cpu_set(outside) + " outside its cpuset " + cpu_set(allowed) +
                            " (isolation)");
  }
  lines.close();
}

void judge_wake_latency(const CgroupReport& cgroup, double limit_ns, Findings& findings) {
  const std::vector<std::uint64_t> pool = pooled_samples(cgroup.workers, "wake");
  if (pool.empty()) {
    findings.doubt("cgroup " + cgroup.name +
                   ": no wake-up was measured, so max_p99_wake_latency_ns cannot be judged");
    return;
  }
  const std::uint64_t p99 = nearest_rank(pool, 990);
  if (static_cast<double>(p99) <= limit_ns) return;
  findings.fail("cgroup " + cgroup.name + ": 99 % of " + std::to_string(pool.size()) +
                " wake-ups took up to " + std::to_string(p99) + " ns, limit " + kit::fixed(limit_ns, 0) +
                " ns (max_p99_wake_latency_ns)");
}

/// Every worker's own figure against a limit. Nothing: it has none, which makes the assertion doubtful.
void judge_each(const CgroupReport& cgroup, std::string_view name, Findings& findings,
                const std::function<std::optional<std::string>(const WorkerReport&, bool& wrong)>& look) {
  WorkerLines lines(findings, cgroup);
  std::size_t without = 0;
  for (const WorkerReport& worker : cgroup.workers) {
    bool wrong = false;
    const std::optional<std::string> figure = look(worker, wrong);
    without += figure ? 0 : 1;
    if (wrong) lines.add(worker, *figure + " (" + std::string(name) + ")");
  }
  lines.close();
  if (without > 0)
    findings.doubt("cgroup " + cgroup.name + ": " + std::to_string(without) + " of " +
                   std::to_string(cgroup.workers.size()) + " workers have no figure that " +
                   std::string(name) + " could be judged by");
}

void judge_iteration_rate(const CgroupReport& cgroup, double floor, Findings& findings) {
  judge_each(cgroup, "min_iteration_rate", findings, [&](const WorkerReport& worker, bool& wrong) {
    if (worker.wall_time_ns == 0) return std::optional<std::string>();
    const double rate = per_second(worker.iterations, worker.wall_time_ns);
    wrong = rate < floor;
    return std::optional("did " + kit::fixed(rate, 1) + " iterations per second, floor " +
                         kit::fixed(floor, 1));
  });
}

void judge_work_rate(const CgroupReport& cgroup, double floor, Findings& findings) {
  judge_each(cgroup, "min_work_rate", findings, [&](const WorkerReport& worker, bool& wrong) {
    if (worker.cpu_time_ns == 0) return std::optional<std::string>();
    const double rate = per_second(worker.work_units, worker.cpu_time_ns);
    wrong = rate < floor;
    return std::optional("did " + kit::fixed(rate, 1) + " units of work per second of CPU time, floor " +
                         kit::fixed(floor, 1));
  });
}

void judge_run_delay(const CgroupReport& cgroup, double limit_ms, Findings& findings) {
  judge_each(cgroup, "max_run_delay_ms", findings, [&](const WorkerReport& worker, bool& wrong) {
    wrong = static_cast<double>(worker.run_delay_ns) > limit_ms * 1e6;
    return std::optional("waited " + milliseconds(worker.run_delay_ns) + " on run queues, limit " +
                         kit::fixed(limit_ms, 1) + " ms");
  });
}

void judge_locality(const CgroupReport& cgroup, double floor, Findings& findings) {
  judge_each(cgroup, "min_page_locality", findings, [&](const WorkerReport& worker, bool& wrong) {
    if (worker.numa_pages == 0) return std::optional<std::string>();
    const double share =
        static_cast<double>(worker.numa_pages_local) / static_cast<double>(worker.numa_pages);
    wrong = share < floor;
    return std::optional("has " + kit::fixed(share * 100, 1) +
                         " % of its pages on the nodes that it may use, floor " + kit::fixed(floor * 100, 1) +
                         " %");
  });
}

/// A cgroup's one figure against a limit from above.
void judge_most(const CgroupReport& cgroup, std::string_view name, const char* what,
                std::optional<double> value, double limit, Findings& findings) {
  if (!value) {
    findings.doubt("cgroup " + cgroup.name + ": nothing was measured that tells " + what + ", so " +
                   std::string(name) + " cannot be judged");
  } else if (*value > limit) {
    findings.fail("cgroup " + cgroup.name + ": " + what + " is " + kit::fixed(*value, 3) + ", limit " +
                  kit::fixed(limit, 3) + " (" + std::string(name) + ")");
  }
}

void judge_wake_cv(const CgroupReport& cgroup, double limit, Findings& findings) {
  const std::vector<std::uint64_t> pool = pooled_samples(cgroup.workers, "wake");
  judge_most(cgroup, "max_wake_latency_cv", "the variation of wake-up latencies",
             pool.empty() ? std::nullopt : std::optional(population_cv(pool)), limit, findings);
}

void judge_throughput_cv(const CgroupReport& cgroup, double limit, Findings& findings) {
  std::vector<std::uint64_t> rates;
  for (const WorkerReport& worker : cgroup.workers) {
    if (worker.cpu_time_ns > 0)
      rates.push_back(static_cast<std::uint64_t>(per_second(worker.work_units, worker.cpu_time_ns)));
  }
  judge_most(cgroup, "max_throughput_cv", "the variation of throughput over workers",
             rates.size() < 2 ? std::nullopt : std::optional(population_cv(rates)), limit, findings);
}

void judge_migration_ratio(const CgroupReport& cgroup, double limit, Findings& findings) {
  const CgroupStats stats = cgroup_stats(cgroup.workers);
  judge_most(cgroup, "max_migration_ratio", "the rate of migrations per iteration",
             stats.total_iterations == 0 ? std::nullopt : std::optional(stats.migration_ratio), limit,
             findings);
}

/// The kernel counts moves of all memory, so this is a figure of the whole guest.
void judge_page_moves(const TestSpec&, const ScenarioReport& scenario, double limit, Findings& findings) {
  double pages = 0;
  for (const CgroupReport& cgroup : scenario.cgroups) pages += cgroup_stats(cgroup.workers).numa_pages;
  const std::optional<double> moved = pages_moved(scenario);
  if (!moved || pages <= 0)
    return findings.doubt(
        "the guest has no figures of pages on NUMA nodes, so max_cross_node_migration_ratio cannot be "
        "judged");
  if (*moved / pages > limit)
    findings.fail("the kernel moved " + kit::fixed(*moved, 0) +
                  " pages between NUMA nodes, the workers have " + kit::fixed(pages, 0) + ": ratio " +
                  kit::fixed(*moved / pages, 3) + ", limit " + kit::fixed(limit, 3) +
                  " (max_cross_node_migration_ratio)");
}

std::string siblings_place(const std::string& cgroup) { return cgroup.substr(0, cgroup.rfind('/') + 1); }

/// Siblings that want to run all the time share CPU time by their weights (cpu.weight).
void judge_weights(const TestSpec& test, const ScenarioReport& scenario, double limit_pct,
                   Findings& findings) {
  std::map<std::string, std::vector<const CgroupReport*>> siblings;
  for (const CgroupReport& cgroup : scenario.cgroups) {
    if (cgroup.cgroup != kRootCgroup) siblings[siblings_place(cgroup.name)].push_back(&cgroup);
  }
  bool compared = false;
  for (const auto& [parent, cgroups] : siblings) {
    if (cgroups.size() < 2) continue;
    double weights = 0, times = 0;
    const auto weight = [&](const CgroupReport& one) {
      KTSTR_ASSERT(one.cgroup < test.scenario.cgroups.size());
      return static_cast<double>(weight_of(test.scenario.cgroups[one.cgroup]));
    };
    const auto time = [](const CgroupReport& one) {
      return static_cast<double>(cgroup_stats(one.workers).total_cpu_time_ns);
    };
    for (const CgroupReport* one : cgroups) weights += weight(*one), times += time(*one);
    if (times <= 0) continue;
    compared = true;
    for (const CgroupReport* one : cgroups) {
      const double got = time(*one) / times * 100, due = weight(*one) / weights * 100;
      if (std::abs(got - due) > limit_pct)
        findings.fail("cgroup " + one->name + ": got " + kit::fixed(got, 1) +
                      " % of its siblings' CPU time, its weight is " + kit::fixed(due, 1) + " %, limit " +
                      kit::fixed(limit_pct, 1) + " points (max_weight_error_pct)");
    }
  }
  if (!compared)
    findings.doubt("no two sibling cgroups have workers, so max_weight_error_pct cannot be judged");
}

/// What was waited while CPUs stood idle is at most the shorter of both times.
void judge_conservation(const TestSpec& test, const ScenarioReport& scenario, double limit_pct,
                        Findings& findings) {
  const double capacity = static_cast<double>(scenario.end_ns - scenario.start_ns) *
                          static_cast<double>(online_cpus(test.topology, test.kernel_args).size());
  double used = 0, waited = 0;
  for (const CgroupReport& cgroup : scenario.cgroups) {
    for (const WorkerReport& worker : cgroup.workers)
      used += static_cast<double>(worker.cpu_time_ns), waited += static_cast<double>(worker.run_delay_ns);
  }
  if (capacity <= 0)
    return findings.doubt("the scenario took no time, so max_idle_while_waiting_pct cannot be judged");
  const double wasted = std::min(std::max(0.0, capacity - used), waited) / capacity * 100;
  KTSTR_ASSERT(wasted >= 0 && wasted <= 100);
  if (wasted > limit_pct)
    findings.fail("workers waited " + kit::fixed(waited / 1e6, 1) +
                  " ms on run queues while CPUs were unused for " + kit::fixed((capacity - used) / 1e6, 1) +
                  " ms: " + kit::fixed(wasted, 1) + " % of the CPU time there was, limit " +
                  kit::fixed(limit_pct, 1) + " % (max_idle_while_waiting_pct)");
}

void judge_gaps(const TestSpec&, const ScenarioReport& scenario, double limit_ms, Findings& findings) {
  for (const CgroupReport& cgroup : scenario.cgroups)
    judge_gap(cgroup, limit_ms, scenario.start_ns, findings);
}

void judge_isolations(const TestSpec& test, const ScenarioReport& scenario, double, Findings& findings) {
  const std::vector<std::vector<std::uint32_t>> allowed = ever_allowed(test.scenario);
  for (const CgroupReport& cgroup : scenario.cgroups) judge_isolation(cgroup, allowed, findings);
}

struct Judge {
  std::string_view name;
  void (*of_cgroup)(const CgroupReport& cgroup, double limit, Findings& findings) = nullptr;
  void (*of_scenario)(const TestSpec& test, const ScenarioReport& scenario, double limit,
                      Findings& findings) = nullptr;
  void (*of_samples)(const SampleTerms& terms, double limit, Findings& findings) = nullptr;
};

/// The functions of kAssertions, in the order in which people want to read them.
constexpr Judge kJudges[] = {
    {"not_stuck",
     [](const CgroupReport& cgroup, double, Findings& findings) { judge_progress(cgroup, findings); }},
    {"max_gap_ms", nullptr, judge_gaps},
    {"max_spread_pct", judge_spread},
    {"isolation", nullptr, judge_isolations},
    {"max_p99_wake_latency_ns", judge_wake_latency},
    {"max_wake_latency_cv", judge_wake_cv},
    {"min_iteration_rate", judge_iteration_rate},
    {"min_work_rate", judge_work_rate},
    {"max_throughput_cv", judge_throughput_cv},
    {"max_migration_ratio", judge_migration_ratio},
    {"max_run_delay_ms", judge_run_delay},
    {"min_page_locality", judge_locality},
    {"max_cross_node_migration_ratio", nullptr, judge_page_moves},
    {"max_weight_error_pct", nullptr, judge_weights},
    {"max_idle_while_waiting_pct", nullptr, judge_conservation},
    {"max_imbalance_ratio", nullptr, nullptr, judge_imbalance},
    {"max_local_dsq_depth", nullptr, nullptr, judge_queue_depth},
    {"fail_on_rq_clock_stuck", nullptr, nullptr, judge_stuck_clocks},
    {"max_fallback_rate", nullptr, nullptr, judge_fallback_rate},
    {"max_keep_last_rate", nullptr, nullptr, judge_keep_last_rate},
    {"sustained_samples"},  // of those above
};
static_assert(std::size(kJudges) == kAssertions.size(), "every assertion has one function");

}  // namespace

void judge_assertions(const TestSpec& test, const ScenarioReport& scenario, const MonitorReport& monitor,
                      Findings& findings) {
  const SampleTerms terms = sample_terms(test, scenario, monitor);
  for (const Judge& judge : kJudges) {
    const std::size_t row = assertion_row(judge.name);
    KTSTR_ASSERT(row < kAssertions.size());
    const std::optional<double>& limit = test.assertions[row];
    if (!limit) continue;
    if (judge.of_samples != nullptr) judge.of_samples(terms, *limit, findings);
    if (judge.of_scenario != nullptr) judge.of_scenario(test, scenario, *limit, findings);
    for (const CgroupReport& cgroup : scenario.cgroups) {
      if (judge.of_cgroup != nullptr) judge.of_cgroup(cgroup, *limit, findings);
    }
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
