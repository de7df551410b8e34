// SPDX-License-Identifier: Apache-2.0
#include "judge/counter_metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktstr::kvm {
namespace {

Mark mark(std::uint64_t at_ns, std::initializer_list<std::pair<const char*, std::uint64_t>> counters) {
  Mark made{at_ns, "", {}, {}};
  for (const auto& [name, value] : counters) made.counters.totals.at(counter_row(name)) = value;
  return made;
}

TEST(CounterMetrics, AreDifferencesRatiosAndRates) {
  Metrics metrics;
  add_counter_metrics(
      mark(0, {{"sched_count", 100}, {"sched_goidle", 10}, {"irq_time_ns", 0}}),
      mark(2'000'000'000, {{"sched_count", 500}, {"sched_goidle", 110}, {"irq_time_ns", 500'000'000}}),
      metrics);
  EXPECT_EQ(metrics.at("total_sched_count"), 400);
  EXPECT_EQ(metrics.at("sched_goidle_fraction"), 0.25);
  EXPECT_EQ(metrics.at("sched_count_per_sec"), 200);
  EXPECT_EQ(metrics.at("irq_time_fraction"), 0.25);
  EXPECT_EQ(metrics.at("total_phase_wall_sec"), 2);
}

TEST(CounterMetrics, WhatTheKernelLacksIsAbsent) {
  Metrics metrics;
  add_counter_metrics(mark(0, {{"ttwu_count", 5}}), mark(1, {{"pcount", 5}}), metrics);
  EXPECT_FALSE(metrics.contains("total_ttwu_count"));
  EXPECT_FALSE(metrics.contains("total_pcount"));
  EXPECT_FALSE(metrics.contains("total_run_delay_ns_per_sched"));
}

TEST(CounterMetrics, ACounterThatBeganAnewSaysNothing) {
  Metrics metrics;
  add_counter_metrics(mark(0, {{"scx_fallback", 50}}), mark(1, {{"scx_fallback", 3}}), metrics);
  EXPECT_FALSE(metrics.contains("total_fallback"));
}

TEST(CounterMetrics, TheBusiestCpuStandsOut) {
  Mark from{0, "", {}, {}}, to{1, "", {}, {}};
  from.counters.by_cpu.at(counter_row("hardirqs")) = {10, 10};
  to.counters.by_cpu.at(counter_row("hardirqs")) = {40, 20};
  Metrics metrics;
  add_counter_metrics(from, to, metrics);
  EXPECT_EQ(metrics.at("max_cpu_hardirqs"), 30);
  EXPECT_EQ(metrics.at("max_cpu_hardirq_concentration"), 1.5);
  to.counters.by_cpu.at(counter_row("hardirqs")) = {40};
  Metrics fewer;
  add_counter_metrics(from, to, fewer);
  EXPECT_FALSE(fewer.contains("max_cpu_hardirqs")) << "a CPU went";
}

}  // namespace
}  // namespace ktstr::kvm
