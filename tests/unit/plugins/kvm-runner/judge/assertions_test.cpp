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
    judge_assertions(test, *result.scenario, findings);
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
  c.worker(1).work_units = 0;
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
  EXPECT_THAT(c.judge().doubts, ElementsAre(HasSubstr("1 of 2 workers have no figure that min_iteration_rate could be judged by")));
}

TEST(Assertions, ManyWorkersMakeOneLine) {
  Case c;
  samples::demand(c.test, "not_stuck", 1);
  WorkerReport stuck = c.worker(0);
  stuck.work_units = 0;
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
