// SPDX-License-Identifier: Apache-2.0
#include "judge/bench_metrics.hpp"

#include <gtest/gtest.h>

#include "manifest/manifest.hpp"

namespace ktstr::kvm {
namespace {

constexpr std::uint64_t kPulse = 100'000'000;

/// Schbench that does all requests of each second in its first `busy` tenths.
Metrics measured(std::uint64_t tenths, std::uint64_t busy, std::uint64_t requests_a_tenth) {
  const TestSpec test =
      parse_manifest(
          R"({"name": "t", "cgroups": [{"name": "g", "workers": 5, "work": {"type": "Schbench"}}]})",
          "t.json", "")
          .front();
  ScenarioReport scenario;
  scenario.start_ns = 5 * kPulse;
  scenario.end_ns = scenario.start_ns + tenths * kPulse;
  std::uint64_t rounds = 0;
  for (std::uint64_t tenth = 0; tenth <= tenths; ++tenth) {
    scenario.pulses.push_back({scenario.start_ns + tenth * kPulse, {rounds}});
    if (tenth % 10 < busy) rounds += requests_a_tenth;
  }
  WorkerReport worker;
  worker.type = test.scenario.sets.front().work.type;
  CgroupReport cgroup;
  cgroup.workers.push_back(worker);
  scenario.cgroups.push_back(cgroup);
  Metrics metrics;
  add_bench_metrics(test, scenario, metrics);
  return metrics;
}

TEST(BenchMetrics, RequestsAreCountedByTheSecond) {
  const Metrics metrics = measured(40, 6, 100);
  for (const char* name : {"rps_min_whole", "rps_p50_whole", "rps_max_whole"})
    EXPECT_EQ(metrics.at(name), 600) << name << ": idle tenths belong to their second";
}

TEST(BenchMetrics, WhatIsShorterThanASecondIsCountedByThePulse) {
  const Metrics metrics = measured(8, 4, 100);
  EXPECT_EQ(metrics.at("rps_max_whole"), 1000);
  EXPECT_EQ(metrics.at("rps_min_whole"), 0);
}

}  // namespace
}  // namespace ktstr::kvm
