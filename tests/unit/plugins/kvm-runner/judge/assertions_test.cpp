// SPDX-License-Identifier: Apache-2.0
#include "judge/assertions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/topology_check.hpp"
#include "manifest/online_cpus.hpp"
#include "samples.hpp"

namespace ktstr::kvm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Case {
  TestSpec test = samples::test();
  AgentResult result = samples::read(samples::result(), test);
  Case() { test.assertions = {}; }
  WorkerReport& worker(std::size_t i) { return result.scenario->cgroups.at(0).workers.at(i); }
  Findings judge() {
    Findings findings;
    judge_assertions(test, *result.scenario, {}, findings);
    return findings;
  }
};

TEST(Assertions, NothingIsJudgedUnlessAsked) {
  Case c;
  c.worker(0).work_units = 0;
  c.worker(0).max_gap_ns = 9'000'000'000;
  EXPECT_THAT(c.judge().failures, IsEmpty());
}

TEST(Assertions, TheSamplePassesItsOwn) {
  Case c;
  c.test = samples::test();
  EXPECT_THAT(c.judge().failures, IsEmpty());
  EXPECT_THAT(c.judge().doubts, IsEmpty());
}

TEST(Assertions, NotStuck) {
  Case c;
  samples::demand(c.test, "not_stuck", 1);
  c.worker(1).work_units = c.worker(1).iterations = 0;
  EXPECT_THAT(
      c.judge().failures,
      ElementsAre("cgroup steady: worker 91 made no progress: 0 work units in 1000.0 ms (not_stuck)"));
}

TEST(Assertions, WhoCompletedNothingIsToldOfPassingTestsToo) {
  Case c;
  EXPECT_THAT(idle_workers(*c.result.scenario), IsEmpty());
  c.worker(1).iterations = 0;
  c.worker(1).run_delay_ns = 398'100'000;
  EXPECT_THAT(c.judge().failures, IsEmpty());
  EXPECT_THAT(
      idle_workers(*c.result.scenario),
      ElementsAre("cgroup steady: 1 of 2 workers completed no iteration; longest wait for a CPU 398.1 ms"));
}

TEST(Assertions, MaxGap) {
  Case c;
  samples::demand(c.test, "max_gap_ms", 46);
  EXPECT_THAT(c.judge().failures,
              ElementsAre("cgroup steady: worker 90 was kept from running for 46.3 ms on CPU 0 at +100.0 ms, "
                          "limit 46 ms (max_gap_ms)",
                          HasSubstr("cgroup timer: worker 92 was kept from running")));
  samples::demand(c.test, "max_gap_ms", 47);
  EXPECT_THAT(c.judge().failures, IsEmpty());
}

TEST(Assertions, MaxSpread) {
  Case c;
  samples::demand(c.test, "max_spread_pct", 4.9);
  EXPECT_THAT(
      c.judge().failures,
      ElementsAre(
          "cgroup steady: CPU time is shared unevenly: off-CPU time from 60.0 % to 65.0 % over 2 workers "
          "on 1 CPUs, spread 5.0, limit 4.9 (max_spread_pct)"));
  samples::demand(c.test, "max_spread_pct", 5.1);
  EXPECT_THAT(c.judge().failures, IsEmpty());
  c.worker(0).wall_time_ns = 0;
  EXPECT_THAT(c.judge().doubts, SizeIs(1));
}

TEST(Assertions, Isolation) {
  Case c;
  samples::demand(c.test, "isolation", 1);
  c.worker(0).cpus_used = {0, 1};
  EXPECT_THAT(c.judge().failures,
              ElementsAre("cgroup steady: worker 90 ran on CPUs {1} outside its cpuset {0} (isolation)"));
  c.test.scenario.cgroups[0].attributes[0] = {};
  EXPECT_THAT(c.judge().failures, IsEmpty());
}

TEST(Assertions, WakeLatency) {
  Case c;
  c.result.scenario->cgroups.pop_back();
  samples::demand(c.test, "max_p99_wake_latency_ns", 2999);
  EXPECT_THAT(
      c.judge().failures,
      ElementsAre(
          "cgroup steady: 99 % of 6 wake-ups took up to 3000 ns, limit 2999 ns (max_p99_wake_latency_ns)"));
  samples::demand(c.test, "max_p99_wake_latency_ns", 3000);
  EXPECT_THAT(c.judge().failures, IsEmpty());
  c.worker(0).samples[0].kept.clear();
  c.worker(1).samples[0].kept.clear();
  EXPECT_THAT(c.judge().doubts, ElementsAre(HasSubstr("no wake-up was measured")));
}

TEST(Assertions, IterationRate) {
  Case c;
  samples::demand(c.test, "min_iteration_rate", 250.5);
  c.worker(1).iterations = 300;
  EXPECT_THAT(
      c.judge().failures,
      ElementsAre(
          "cgroup steady: worker 90 did 250.0 iterations per second, floor 250.5 (min_iteration_rate)",
          HasSubstr("worker 92")));
  samples::demand(c.test, "min_iteration_rate", 250);
  EXPECT_THAT(c.judge().failures, IsEmpty());
  c.worker(0).wall_time_ns = 0;
  EXPECT_THAT(
      c.judge().doubts,
      ElementsAre(HasSubstr("1 of 2 workers have no figure that min_iteration_rate could be judged by")));
}

/// Each assertion by its row: what passes, what fails, and what leaves it in doubt.
struct RowCase {
  const char* name;
  double limit;
  void (*good)(Case&);
  void (*bad)(Case&);
  void (*unknown)(Case&);  ///< null: it can always be judged
  const char* failure;
};

void each_worker(Case& c, void (*change)(WorkerReport&)) {
  for (CgroupReport& cgroup : c.result.scenario->cgroups) {
    for (WorkerReport& worker : cgroup.workers) change(worker);
  }
}

/// What the kernel had counted at a mark.
void pages_moved_at(Case& c, std::size_t mark, std::uint64_t pages) {
  c.result.scenario->marks.at(mark).counters.totals.at(counter_row("numa_pages_migrated")) = pages;
}

const RowCase kRowCases[] = {
    {"not_stuck", 1, nullptr, [](Case& c) { c.worker(0).work_units = c.worker(0).iterations = 0; }, nullptr,
     "made no progress"},
    {"isolation", 1, nullptr, [](Case& c) { c.worker(0).cpus_used = {1}; }, nullptr,
     "outside its cpuset {0}"},
    {"max_gap_ms", 50, nullptr, [](Case& c) { c.worker(1).max_gap_ns = 51'000'000; }, nullptr,
     "kept from running for 51.0 ms"},
    {"max_spread_pct", 6, nullptr, [](Case& c) { c.worker(0).off_cpu_ns = 500'000'000; },
     [](Case& c) { c.worker(0).wall_time_ns = 0; }, "CPU time is shared unevenly"},
    {"max_p99_wake_latency_ns", 3000, [](Case& c) { c.result.scenario->cgroups.pop_back(); },
     [](Case& c) { c.worker(0).samples[0].kept = {3001}; },
     [](Case& c) { each_worker(c, [](WorkerReport& w) { w.samples[0].kept.clear(); }); },
     "took up to 3001 ns"},
    {"max_wake_latency_cv", 0.5, [](Case& c) { c.result.scenario->cgroups.pop_back(); },
     [](Case& c) {
       c.worker(0).samples[0].kept = {1, 1'000'000};
     },
     [](Case& c) { each_worker(c, [](WorkerReport& w) { w.samples[0].kept.clear(); }); },
     "variation of wake-up latencies is"},
    {"min_iteration_rate", 250, nullptr, [](Case& c) { c.worker(1).iterations = 249; },
     [](Case& c) { c.worker(0).wall_time_ns = 0; }, "did 249.0 iterations per second, floor 250.0"},
    {"min_work_rate", 1250, nullptr, [](Case& c) { c.worker(1).work_units = 499; },
     [](Case& c) { c.worker(0).cpu_time_ns = 0; }, "units of work per second of CPU time, floor 1250.0"},
    {"max_throughput_cv", 0.1, [](Case& c) { c.result.scenario->cgroups.pop_back(); },
     [](Case& c) { c.worker(1).work_units = 5000; }, [](Case& c) { c.worker(0).cpu_time_ns = 0; },
     "variation of throughput over workers is"},
    {"max_migration_ratio", 0.008, nullptr, [](Case& c) { c.worker(1).migrations = 20; },
     [](Case& c) { each_worker(c, [](WorkerReport& w) { w.iterations = 0; }); },
     "migrations per iteration is 0.044"},
    {"max_run_delay_ms", 0.4, nullptr, [](Case& c) { c.worker(1).run_delay_ns = 500'000; }, nullptr,
     "waited 0.5 ms on run queues"},
    {"min_page_locality", 0.5,
     [](Case& c) { each_worker(c, [](WorkerReport& w) { w.numa_pages = 10, w.numa_pages_local = 5; }); },
     [](Case& c) { c.worker(1).numa_pages_local = 4; }, [](Case& c) { c.worker(0).numa_pages = 0; },
     "has 40.0 % of its pages"},
    {"max_cross_node_migration_ratio", 0.5,
     [](Case& c) {
       each_worker(c, [](WorkerReport& w) { w.numa_pages = 10; });
       pages_moved_at(c, 0, 100), pages_moved_at(c, 1, 115);
     },
     [](Case& c) { pages_moved_at(c, 1, 116); }, [](Case& c) { pages_moved_at(c, 0, 117); },
     "ratio 0.533, limit 0.500"},
    {"max_weight_error_pct", 20, nullptr, [](Case& c) { c.worker(0).cpu_time_ns = 4'000'000'000; },
     [](Case& c) { c.result.scenario->cgroups.pop_back(); },
     "of its siblings' CPU time, its weight is 50.0 %"},
    {"max_idle_while_waiting_pct", 1, nullptr, [](Case& c) { c.worker(0).run_delay_ns = 100'000'000; },
     [](Case& c) { c.result.scenario->end_ns = c.result.scenario->start_ns; },
     "workers waited 100.6 ms on run queues"},
};

TEST(Assertions, EveryRowPassesFailsAndIsInDoubt) {
  constexpr std::size_t kOfTheMonitor = 6;  // monitor_assertions_test.cpp
  ASSERT_EQ(std::size(kRowCases) + kOfTheMonitor, kAssertions.size()) << "a case for each assertion";
  for (const RowCase& row : kRowCases) {
    Case good;
    samples::demand(good.test, row.name, row.limit);
    if (row.good != nullptr) row.good(good);
    Case bad = good, unknown = good;
    EXPECT_THAT(good.judge().failures, IsEmpty()) << row.name;
    EXPECT_THAT(good.judge().doubts, IsEmpty()) << row.name;
    row.bad(bad);
    const std::vector<std::string> failures = bad.judge().failures;
    ASSERT_FALSE(failures.empty()) << row.name;
    EXPECT_THAT(failures[0], HasSubstr(row.failure));
    EXPECT_THAT(failures[0], HasSubstr("(" + std::string(row.name) + ")"));
    if (row.unknown == nullptr) continue;
    row.unknown(unknown);
    EXPECT_THAT(unknown.judge().failures, IsEmpty()) << row.name;
    ASSERT_FALSE(unknown.judge().doubts.empty()) << row.name;
    EXPECT_THAT(unknown.judge().doubts[0], HasSubstr(row.name));
  }
}

TEST(Assertions, WeightsAreOfSiblings) {
  const std::string work = R"("workers": 1, "work": {"type": "SpinWait"}})";
  Case c;
  c.test = samples::test(R"({"name": "t", "cgroups": [{"name": "a", "weight": 300, )" + work +
                         R"(, {"name": "b", )" + work + R"(, {"name": "in"}, {"name": "in/c", )" + work +
                         R"(, {"name": "in/d", )" + work + "]}");
  std::vector<CgroupReport>& cgroups = c.result.scenario->cgroups;
  cgroups.clear();
  const std::pair<const char*, std::uint64_t> kTimes[] = {{"a", 300}, {"b", 100}, {"in/c", 50}, {"in/d", 50}};
  for (const auto& [name, time] : kTimes) {
    CgroupReport& cgroup = cgroups.emplace_back();
    cgroup.name = name;
    cgroup.cgroup = cgroups.size() - (cgroups.size() <= 2 ? 1 : 0);
    cgroup.workers.emplace_back().cpu_time_ns = time;
  }
  samples::demand(c.test, "max_weight_error_pct", 0.1);
  EXPECT_THAT(c.judge().failures, IsEmpty())
      << "a has three times what b has; c and d share what their parent got";
  cgroups[3].workers[0].cpu_time_ns = 60;
  EXPECT_THAT(c.judge().failures,
              ElementsAre(HasSubstr("cgroup in/c: got 45.5 %"), HasSubstr("cgroup in/d: got 54.5 %")));
}

TEST(Assertions, ManyWorkersMakeOneLine) {
  Case c;
  samples::demand(c.test, "not_stuck", 1);
  WorkerReport stuck = c.worker(0);
  stuck.work_units = stuck.iterations = 0;
  c.result.scenario->cgroups.at(0).workers.assign(12, stuck);
  const Findings findings = c.judge();
  EXPECT_THAT(findings.failures, ElementsAre("cgroup steady: worker 90 made no progress: 0 work units in "
                                             "1000.0 ms (not_stuck) (12 of 12 workers)"));
  for (WorkerReport& worker : c.result.scenario->cgroups.at(0).workers) worker.completed = false;
  EXPECT_THAT(c.judge().failures, ::testing::IsEmpty()) << "those are told as unfinished";
}

TEST(TopologyCheck, SaysWhatDiffers) {
  const Topology wanted{1, 2, 1, 2};
  GuestTopology seen{{{0, 1, 2, 3}}, {{2, 3}, {0, 1}}, {{0, 1}, {2, 3}}};
  Findings findings;
  judge_topology(wanted, online_cpus(wanted, {}), seen, findings);
  EXPECT_THAT(findings.failures, IsEmpty());
  seen.llcs = {{0, 1, 2, 3}};
  judge_topology(wanted, online_cpus(wanted, {}), seen, findings);
  EXPECT_THAT(
      findings.failures,
      ElementsAre(
          "the guest does not have the topology 1n2l1c2t: last-level caches should be [[0 1], [2 3]], "
          "it sees [[0 1 2 3]]"));
}

TEST(TopologyCheck, DistancesAndNodesOfMemoryAloneAreLookedAt) {
  Topology wanted{2, 1, 2, 1};
  wanted.llcs_of_node = {1, 0};
  wanted.distances = {10, 21, 31, 10};
  const auto judged = [&](const GuestTopology& seen) {
    Findings findings;
    judge_topology(wanted, online_cpus(wanted, {}), seen, findings);
    return findings.failures;
  };
  EXPECT_THAT(judged({{{0, 1}, {}}, {{0, 1}}, {{0}, {1}}, {{10, 21}, {31, 10}}}), IsEmpty());
  EXPECT_THAT(judged({{{0, 1}, {}}, {{0, 1}}, {{0}, {1}}, {{10, 31}, {21, 10}}}),
              ElementsAre(HasSubstr(
                  "distances of NUMA nodes should be [[10 21], [31 10]], it sees [[10 31], [21 10]]")));
  EXPECT_THAT(judged({{{0, 1}, {}, {}}, {{0, 1}}, {{0}, {1}}, {{10, 21}, {31, 10}}}),
              ElementsAre(HasSubstr("it sees 3 of 2 NUMA nodes")));
}

TEST(TopologyCheck, CpusThatTheKernelWasToldToLeaveOfflineAreNotMissed) {
  const Topology wanted{2, 2, 1, 2};  // CPUs 0 and 1 are a core and a node, 2 and 3 the other
  const auto judged = [&](const std::vector<std::string>& args, const GuestTopology& seen) {
    Findings findings;
    judge_topology(wanted, online_cpus(wanted, args), seen, findings);
    return findings.failures;
  };
  EXPECT_THAT(judged({"quiet", "nosmt"}, {{{0}, {2}}, {{0}, {2}}, {{0}, {2}}}), IsEmpty());
  EXPECT_THAT(judged({"maxcpus=3"}, {{{0, 1}, {2}}, {{0, 1}, {2}}, {{0, 1}, {2}}}), IsEmpty());
  EXPECT_THAT(judged({"maxcpus=2"}, {{{0, 1}, {}}, {{0, 1}}, {{0, 1}}}), IsEmpty());
  EXPECT_THAT(judged({}, {{{0}, {2}}, {{0}, {2}}, {{0}, {2}}}), SizeIs(3)) << "nobody asked for that";
  EXPECT_THAT(judged({"nosmt"}, {{{0, 1}, {2, 3}}, {{0, 1}, {2, 3}}, {{0, 1}, {2, 3}}}), SizeIs(3));
}

TEST(OnlineCpus, FollowTheKernelsArguments) {
  const Topology topology{1, 2, 1, 2};
  EXPECT_THAT(online_cpus(topology, {}), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(online_cpus(topology, {"nosmt=force"}), ElementsAre(0, 2));
  EXPECT_THAT(online_cpus(topology, {"maxcpus=2", "nosmt"}), ElementsAre(0));
  EXPECT_THAT(online_cpus(topology, {"nr_cpus=3", "maxcpus=99"}), ElementsAre(0, 1, 2));
  for (const char* one : {"nosmp", "maxcpus=0", "maxcpus=x", "nr_cpus=1"})
    EXPECT_THAT(online_cpus(topology, {one}), ElementsAre(0)) << one;
  EXPECT_THAT(online_cpus(topology, {"maxcpus", "maxcpuss=1", "xnosmt"}), ElementsAre(0, 1, 2, 3));
}

TEST(TopologyCheck, AHostileClaimStaysShort) {
  GuestTopology seen;
  for (std::uint32_t i = 0; i < 4000; ++i) seen.llcs.push_back(std::vector<std::uint32_t>(100, i));
  Findings findings;
  judge_topology({1, 1, 2, 1}, {0, 1}, seen, findings);
  for (const std::string& line : findings.failures) EXPECT_LT(line.size(), 1500U);
}

}  // namespace
}  // namespace ktstr::kvm
