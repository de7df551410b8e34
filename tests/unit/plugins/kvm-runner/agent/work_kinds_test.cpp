// SPDX-License-Identifier: Apache-2.0
//
// What work types do, as another process sees it. Where a test needs the right to set priorities or to make
// cgroups and has it not, it is skipped.
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "agent/files.hpp"
#include "agent/work/placement.hpp"
#include "work_run.hpp"

namespace ktstr::agent {
namespace {

#define SKIP_WHEN_REFUSED(run) \
  if ((run).counted("refused") > 0) GTEST_SKIP() << "this machine does not let it"

std::set<std::uint32_t> affinity_of(pid_t pid) {
  std::set<std::uint32_t> cpus;
  cpu_set_t mask;
  CPU_ZERO(&mask);
  ::sched_getaffinity(pid, sizeof mask, &mask);
  for (std::uint32_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &mask)) cpus.insert(cpu);
  }
  return cpus;
}

/// The kernel's priority of a task, below 0 when it is a real-time one (proc_pid_stat(5)).
long kernel_priority_of(pid_t pid) {
  const std::string stat = read_text(("/proc/" + std::to_string(pid) + "/stat").c_str());
  std::size_t at = stat.rfind(')');
  for (int field = 2; field < 18 && at != std::string::npos; ++field) at = stat.find(' ', at + 1);
  return at == std::string::npos ? 0 : std::strtol(stat.c_str() + at, nullptr, 10);
}

std::uint64_t iterations(const WorkRun& run, std::size_t worker) {
  return run.report(worker).numbers.iterations;
}

std::size_t cpus_used(const WorkerReport& report) {
  std::size_t used = 0;
  for (const std::uint64_t word : report.cpus_used)
    used += static_cast<std::size_t>(__builtin_popcountll(word));
  return used;
}

TEST(NiceSweep, GoesThroughNiceValues) {
  WorkRun run("NiceSweep");
  std::set<int> seen;
  EXPECT_TRUE(run.until([&] {
    seen.insert(::getpriority(PRIO_PROCESS, static_cast<id_t>(run.pid(0))));
    return run.counted("refused") > 0 || (seen.size() > 3 && iterations(run, 0) > 80);
  }));
  run.stop();
  SKIP_WHEN_REFUSED(run);
  EXPECT_GE(run.counted("changes"), 80U);
}

TEST(AffinityChurn, GetsToAllOfItsCpus) {
  WorkRun run("AffinityChurn");
  const std::size_t all = allowed_cpus().size();
  EXPECT_TRUE(
      run.until([&] { return cpus_used(run.report(0)) == all && affinity_of(run.pid(0)).size() == 1; }));
  run.stop();
  EXPECT_EQ(run.counted("refused"), 0U);
  EXPECT_EQ(run.counted("changes"), iterations(run, 0));
}

TEST(CrossAffinityChurn, ChangesTheOthers) {
  const std::size_t all = allowed_cpus().size();
  if (all < 2) GTEST_SKIP() << "this machine has one CPU";
  WorkRun run("CrossAffinityChurn");
  std::set<std::size_t> seen;
  EXPECT_TRUE(run.until([&] {
    seen.insert(affinity_of(run.pid(1)).size());
    return seen.size() == 2;
  }));
  run.stop();
  EXPECT_EQ(seen, (std::set<std::size_t>{all - 1, all}));
}

TEST(PolicyChurn, GoesThroughPolicies) {
  WorkRun run("PolicyChurn");
  std::set<int> seen;
  EXPECT_TRUE(run.until([&] {
    seen.insert(::sched_getscheduler(run.pid(0)));
    return run.counted("refused") > 0 ||
           (seen.size() > 1 && run.counted("changes") > 6);  // a whole round at least
  }));
  run.stop();
  SKIP_WHEN_REFUSED(run);
}

TEST(PageFaultChurn, FaultsInEveryRound) {
  WorkRun run("PageFaultChurn", {{"touches", 32}});
  EXPECT_TRUE(run.until_rounds(10));
  run.stop();
  EXPECT_GE(run.counted("faults"), iterations(run, 0) * 24) << "32 touches of 1024 pages, few of them twice";
}

class AluHotOfWidth : public ::testing::TestWithParam<std::string> {};
TEST_P(AluHotOfWidth, RunsOnAnyCpu) {
  WorkRun run("AluHot", {{"width", GetParam()}});
  EXPECT_TRUE(run.until_rounds(10));
  run.stop();
  EXPECT_EQ(run.report(0).completed.load(), true);
}
INSTANTIATE_TEST_SUITE_P(Work, AluHotOfWidth, ::testing::Values("widest", "scalar", "sse", "avx2", "avx512"),
                         [](const auto& row) { return row.param; });

TEST(SmtSiblingSpin, IsBoundToOneCpuEachOrToNone) {
  WorkRun run("SmtSiblingSpin");
  EXPECT_TRUE(run.until_rounds(2));
  const std::set<std::uint32_t> first = affinity_of(run.pid(0)), second = affinity_of(run.pid(1));
  run.stop();
  if (first.size() > 1) {
    EXPECT_EQ(first, second) << "no siblings";
  } else {
    EXPECT_NE(first, second);
  }
}

class WakeChainBy : public ::testing::TestWithParam<std::string> {};
TEST_P(WakeChainBy, GoesRoundInOrder) {
  WorkRun run("WakeChain", {{"wake", GetParam()}, {"depth", 5}, {"units", 64}});
  EXPECT_TRUE(run.until_rounds(20));
  run.stop();
  std::vector<std::uint64_t> rounds;
  for (std::size_t worker = 0; worker < 5; ++worker) rounds.push_back(iterations(run, worker));
  const auto [least, most] = std::minmax_element(rounds.begin(), rounds.end());
  EXPECT_LE(*most - *least, 1U) << "nobody is passed over";
}
INSTANTIATE_TEST_SUITE_P(Work, WakeChainBy, ::testing::Values("pipe", "futex"),
                         [](const auto& row) { return row.param; });

TEST(AsymmetricWaker, EachHasItsPolicy) {
  WorkRun run("AsymmetricWaker", {{"waker", "fifo"}, {"wakee", "batch"}});
  EXPECT_TRUE(run.until_rounds(10));
  const int waker = ::sched_getscheduler(run.pid(0)), wakee = ::sched_getscheduler(run.pid(1));
  run.stop();
  EXPECT_EQ(run.report(0).samples[0].seen, 0U) << "only the wakee measures";
  SKIP_WHEN_REFUSED(run);
  EXPECT_EQ(waker, SCHED_FIFO);
  EXPECT_EQ(wakee, SCHED_BATCH);
}

TEST(EpollStorm, NoEventIsTakenTwice) {
  WorkRun run("EpollStorm", {{"producers", 2}, {"consumers", 3}});
  EXPECT_TRUE(run.until([&] { return run.counted("received") > 100; }));
  run.stop();
  EXPECT_LE(run.counted("received"), run.counted("sent"));
}

TEST(ThunderingHerd, NobodyWakesMoreOftenThanTheHerdIsWoken) {
  WorkRun run("ThunderingHerd", {{"waiters", 5}, {"interval_us", 500}});
  EXPECT_TRUE(run.until_rounds(10));
  run.stop();
  for (std::size_t waiter = 1; waiter <= 5; ++waiter)
    EXPECT_LE(iterations(run, waiter), iterations(run, 0) + 1);
}

TEST(NetTraffic, BurstsAreAnswered) {
  WorkRun run("NetTraffic", {{"burst", 8}, {"bytes", 4096}});
  EXPECT_TRUE(run.until_rounds(20));
  run.stop();
  const std::uint64_t bursts = iterations(run, 0), answers = iterations(run, 1);
  EXPECT_LE(bursts, answers + run.counted("lost") + 1);
  EXPECT_EQ(run.report(0).counts[0] + run.report(0).counts[1] >= 8 * bursts, true) << "each was sent or lost";
}

TEST(SignalStorm, WhatIsReceivedWasSent) {
  WorkRun run("SignalStorm");
  EXPECT_TRUE(run.until([&] { return run.report(0).counts[1] > 20 && run.report(1).counts[1] > 20; }));
  run.stop();
  EXPECT_LE(run.report(0).counts[1], run.report(1).counts[0]);
  EXPECT_LE(run.report(1).counts[1], run.report(0).counts[0]);
}

class PriorityInversionWith : public ::testing::TestWithParam<std::string> {};
TEST_P(PriorityInversionWith, OnlyAnInheritingLockRaisesTheHolder) {
  WorkRun run("PriorityInversion", {{"lock", GetParam()}, {"hold_units", 400'000}, {"sleep_us", 500}});
  bool raised = false;
  EXPECT_TRUE(run.until([&] {
    // The lowest is mostly caught while it holds the lock, and the highest then mostly waits.
    for (int look = 0; look < 50; ++look) raised = raised || kernel_priority_of(run.pid(0)) < 0;
    return run.counted("refused") > 0 || ((raised || GetParam() == "plain") && iterations(run, 2) > 20);
  }));
  run.stop();
  SKIP_WHEN_REFUSED(run);
  EXPECT_EQ(raised, GetParam() == "pi");
  EXPECT_GT(run.report(2).samples[0].seen, 0U);
  EXPECT_EQ(run.report(0).samples[0].seen + run.report(1).samples[0].seen, 0U) << "only the highest measures";
}
INSTANTIATE_TEST_SUITE_P(Work, PriorityInversionWith, ::testing::Values("plain", "pi"),
                         [](const auto& row) { return row.param; });

class RealTimePair : public ::testing::TestWithParam<std::string> {};
TEST_P(RealTimePair, SharesACpuAndHasTwoPolicies) {
  WorkRun run(GetParam(), {{"busy_us", 500}, {"sleep_us", 500}});
  EXPECT_TRUE(run.until_rounds(10));
  const std::set<std::uint32_t> cpus = affinity_of(run.pid(0));
  EXPECT_EQ(cpus, affinity_of(run.pid(1)));
  EXPECT_EQ(cpus.size(), 1U);
  const int first = ::sched_getscheduler(run.pid(0)), second = ::sched_getscheduler(run.pid(1));
  run.stop();
  EXPECT_EQ(second, SCHED_OTHER);
  SKIP_WHEN_REFUSED(run);
  EXPECT_EQ(first, SCHED_FIFO);
}
INSTANTIATE_TEST_SUITE_P(Work, RealTimePair, ::testing::Values("PreemptStorm", "RtStarvation"),
                         [](const auto& row) { return row.param; });

TEST(ProducerConsumerImbalance, WhatIsProducedIsConsumedOrInTheQueue) {
  WorkRun run("ProducerConsumerImbalance", {{"depth", 8}});
  EXPECT_TRUE(run.until([&] { return run.counted("consumed") > 100; }));
  run.stop();
  EXPECT_LE(run.counted("consumed"), run.counted("produced"));
  EXPECT_LE(run.counted("produced") - run.counted("consumed"), 8U);
  EXPECT_EQ(run.sampled(1), run.counted("consumed")) << "the time of each item in the queue";
}

/// A cgroup with one in it, for workers.
class CgroupForWorkers {
 public:
  CgroupForWorkers() : top_(cgroup2_mount() + "/ktstr-work-test." + std::to_string(::getpid())) {
    std::error_code error;
    made_ =
        std::filesystem::create_directory(top_, error) && std::filesystem::create_directory(home(), error);
  }
  ~CgroupForWorkers() {
    std::error_code error;
    std::filesystem::remove(home(), error);
    std::filesystem::remove(top_, error);
  }
  bool made() const { return made_; }
  WorkRun::Place place() const {
    return [file = home() + "/cgroup.procs"](pid_t pid, std::uint32_t, std::string& error) {
      error = write_text(file, std::to_string(pid));
      return error.empty();
    };
  }
  std::set<std::string> cgroups() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(top_)) {
      if (entry.is_directory()) names.insert(entry.path().filename());
    }
    return names;
  }

 private:
  std::string home() const { return top_ + "/home"; }

  std::string top_;
  bool made_ = false;
};

TEST(CgroupChurn, IsBesideItsCgroupAndBackAndRemovesWhatItMade) {
  const CgroupForWorkers cgroup;
  if (!cgroup.made()) GTEST_SKIP() << "needs the right to make cgroups of version 2";
  WorkRun run("CgroupChurn", {{"stay_us", 2000}}, 1, cgroup.place());
  std::set<std::string> seen;
  EXPECT_TRUE(run.until([&] {
    const std::string text = read_text(("/proc/" + std::to_string(run.pid(0)) + "/cgroup").c_str());
    seen.insert(text.substr(text.find("0::")));
    return seen.size() == 2;
  }));
  EXPECT_EQ(cgroup.cgroups().size(), 2U);
  run.stop();
  EXPECT_EQ(run.counted("refused"), 0U);
  EXPECT_EQ(cgroup.cgroups(), std::set<std::string>{"home"});
}

TEST(CgroupAttachStorm, AttachesItsChildrenAndRemovesWhatItMade) {
  const CgroupForWorkers cgroup;
  if (!cgroup.made()) GTEST_SKIP() << "needs the right to make cgroups of version 2";
  WorkRun run("CgroupAttachStorm", {{"children", 6}}, 1, cgroup.place());
  EXPECT_TRUE(run.until_rounds(5));
  run.stop();
  EXPECT_EQ(run.counted("attached") + run.counted("refused"), run.units()) << "each child once";
  EXPECT_GT(run.counted("attached"), 0U);
  EXPECT_EQ(cgroup.cgroups(), std::set<std::string>{"home"});
}

TEST(Schbench, ARequestIsWokenThinksAndWorks) {
  WorkRun run("Schbench", {{"fan_out", 3}, {"cache_kib", 16}, {"sleep_us", 500}});
  EXPECT_TRUE(run.until([&] { return run.counted("requests") > 50; }));
  run.stop();
  EXPECT_EQ(run.report(0).counts[0], 0U) << "a message thread has no requests";
  const auto views = run.views();
  std::uint64_t requests = 0;
  for (std::size_t worker = 1; worker <= 3; ++worker) {
    const WorkerReport& report = run.report(worker);
    EXPECT_EQ(report.samples[1].seen, report.numbers.iterations);
    EXPECT_LE(report.samples[0].seen - report.samples[1].seen, 1U)
        << "woken for each request, the last may be cut off";
    for (const std::uint64_t ns : views[worker].samples[1]) EXPECT_GE(ns, 500 * kMicrosecond);
    requests += report.counts[0];
  }
  EXPECT_EQ(requests, run.sampled(1));
}

/// The process that a task is a thread of.
std::string process_of(pid_t tid) {
  const std::string status = read_text(("/proc/" + std::to_string(tid) + "/status").c_str());
  const std::size_t at = status.find("Tgid:\t");
  return at == std::string::npos ? "" : status.substr(at + 6, status.find('\n', at) - at - 6);
}

// As schbench's: a switch between them is no switch of address spaces, which is most of a wake-up under TCG.
TEST(Schbench, AGroupIsThreadsOfOneProcess) {
  WorkRun run("Schbench", {{"fan_out", 2}, {"cache_kib", 4}}, 2);
  EXPECT_TRUE(run.until_rounds(5));
  const auto tasks = run.workers().running(0);
  ASSERT_EQ(tasks.size(), 6U);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(run.report(i).tid, tasks[i].first);
    EXPECT_EQ(process_of(tasks[i].first), std::to_string(tasks[i / 3 * 3].first)) << i;
  }
  EXPECT_NE(tasks[0].first, tasks[3].first);
  EXPECT_NE(tasks[1].first, tasks[2].first);
  run.stop();
  for (const Workers::View& view : run.views()) EXPECT_EQ(view.exit, "");
}

TEST(Schbench, WhoKillsOneOfAGroupKillsAll) {
  WorkRun run("Schbench", {{"fan_out", 2}, {"cache_kib", 4}});
  EXPECT_TRUE(run.until_rounds(5));
  ::kill(run.pid(1), SIGKILL);
  run.stop();
  for (const Workers::View& view : run.views()) EXPECT_EQ(view.exit, "killed by signal 9");
}

TEST(Schbench, ARateIsHandedOutInTurnAndNoMore) {
  WorkRun run("Schbench", {{"fan_out", 2}, {"cache_kib", 4}, {"sleep_us", 0}, {"rate_hz", 60}});
  EXPECT_TRUE(run.until([&] { return run.counted("requests") >= 60; }));
  sleep_ms(100);
  run.stop();
  EXPECT_LE(run.counted("requests"), 120U) << "of the first second, at most of the second";
  EXPECT_EQ(run.report(1).counts[0], run.report(2).counts[0]);
}

TEST(Schbench, APipeHasMessagesInPlaceOfWork) {
  WorkRun run("Schbench", {{"fan_out", 2}, {"pipe_bytes", 4096}, {"sleep_us", 1'000'000}});
  EXPECT_TRUE(run.until([&] { return run.counted("requests") > 100; })) << "nobody thinks";
  run.stop();
  EXPECT_EQ(run.sampled(1), 0U);
  EXPECT_GE(run.sampled(0), run.counted("requests"));
}

TEST(Taobench, HitsAreAsManyAsWantedAndMissesAreFetched) {
  WorkRun run("Taobench", {{"hit_pct", 75}, {"miss_us", 100}, {"items", 1024}});
  EXPECT_TRUE(run.until([&] { return run.counted("slow_ops") > 400; }));
  run.stop();
  const std::uint64_t fast = run.counted("fast_ops"), slow = run.counted("slow_ops");
  EXPECT_EQ(run.sampled(0), fast + slow);
  EXPECT_NEAR(static_cast<double>(fast) / static_cast<double>(fast + slow), 0.75, 0.08);
  const std::uint64_t fetched = iterations(run, 2) + iterations(run, 3);
  EXPECT_GE(fetched, slow);
  EXPECT_LE(fetched, slow + 2) << "each client waits for one at most";
  EXPECT_LE(run.counted("get_cmds") - (fast + slow), 2U) << "asked, and perhaps not yet answered";
  EXPECT_LE(run.counted("get_misses") - slow, 2U);
}

// One slow worker that is slower than what is asked of it: the requests wait, and their latency says so.
TEST(Taobench, AtAFixedRateARequestCountsFromWhenItWasDue) {
  WorkRun run("Taobench",
              {{"rate_hz", 2000}, {"hit_pct", 1}, {"miss_us", 2000}, {"clients", 1}, {"slow_workers", 1}});
  EXPECT_TRUE(run.until([&] { return run.counted("slow_ops") >= 40; }));
  run.stop();
  const auto samples = run.views()[0].samples[0];
  ASSERT_GE(samples.size(), 40U);
  EXPECT_GT(samples[35], samples[5]) << "each waits for all before it";
  EXPECT_GT(samples[35], 30 * kMillisecond) << "35 requests of 2 ms each came within 18 ms";
}

}  // namespace
}  // namespace ktstr::agent
