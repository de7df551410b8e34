// SPDX-License-Identifier: Apache-2.0
#include "metrics/metric_registry.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "sidecar/sidecar.hpp"

namespace ktstr {
namespace {

const MetricRegistry kRegistry;

TEST(MetricRegistry, WhatIsDerivedFromOneAnotherIsOneFamily) {
  const auto family = [](const char* name) { return std::string(kRegistry.find(name)->family); };
  for (const char* name :
       {"worst_median_wake_latency_us", "worst_wake_latency_cv", "worst_wake_latency_tail_ratio"})
    EXPECT_EQ(family(name), family("worst_p99_wake_latency_us")) << name;
  for (const char* name : {"iteration_rate", "worst_iterations_per_worker", "iterations_per_cpu_sec"})
    EXPECT_EQ(family(name), family("total_iterations")) << name;
  EXPECT_NE(family("worst_p99_timer_latency_us"), family("worst_p99_wake_latency_us"));
  EXPECT_NE(family("total_cpu_time_sec"), family("total_iterations"));
}

TEST(MetricRegistry, NamesAndPlacesAreUnique) {
  std::set<std::string> names, paths;
  for (const Metric& metric : kRegistry.rows()) {
    EXPECT_TRUE(names.insert(std::string(metric.name)).second) << metric.name;
    EXPECT_TRUE(paths.insert(metric.sidecar_path()).second) << metric.path;
    EXPECT_EQ(kRegistry.find(metric.name), &metric);
  }
  EXPECT_EQ(kRegistry.find("nothing"), nullptr);
}

TEST(MetricRegistry, RowsMakeSense) {
  for (const Metric& metric : kRegistry.rows()) {
    EXPECT_GT(metric.abs_gate, 0) << metric.name;
    if (metric.metric_class != KTSTR_CLASS_EXACT) {  // any change of those is one
      EXPECT_GT(metric.rel_gate, 0) << metric.name;
    }
    EXPECT_LE(metric.rel_gate, 1) << metric.name;
    EXPECT_LE(metric.polarity, KTSTR_INFORMATIONAL) << metric.name;
    EXPECT_LE(metric.metric_class, KTSTR_CLASS_EXTREME) << metric.name;
    EXPECT_FALSE(metric.description.empty()) << metric.name;
    EXPECT_FALSE(metric.family.empty()) << metric.name;
    EXPECT_FALSE(kind_name(metric.kind).empty()) << metric.name;
    const std::string path = metric.sidecar_path();
    EXPECT_TRUE(path.starts_with("stats.") || path.starts_with("monitor.")) << metric.name;
  }
}

TEST(MetricRegistry, RatesAreMadeOfMetrics) {
  std::size_t rates = 0;
  for (const Metric& metric : kRegistry.rows()) {
    EXPECT_EQ(metric.kind == MetricKind::kRate, metric.fold == Fold::kPooled) << metric.name;
    EXPECT_EQ(metric.numerator.empty(), metric.denominator.empty()) << metric.name;
    if (metric.is_ratio() && !metric.is_rate()) {
      EXPECT_NE(kRegistry.find(metric.numerator), nullptr) << metric.numerator;
      EXPECT_NE(kRegistry.find(metric.denominator), nullptr) << metric.denominator;
    }
    if (!metric.is_rate()) continue;
    ++rates;
    EXPECT_EQ(metric.kind, MetricKind::kRate) << metric.name;
    EXPECT_NE(kRegistry.find(metric.numerator), nullptr) << metric.numerator;
    EXPECT_NE(kRegistry.find(metric.denominator), nullptr) << metric.denominator;
  }
  EXPECT_EQ(rates, 10U);
}

TEST(MetricRegistry, WhatCanBeCompared) {
  struct Row {
    const char* name;
    bool cached, repeated;
  };
  for (const Row& row : {Row{"worst_gap_ms", true, true}, Row{"wakeup_p99_latency_us", false, false},
                         Row{"wakeup_p99_latency_us_whole", false, true},
                         Row{"total_phase_iterations", false, false}, Row{"total_run_delay", true, true}}) {
    EXPECT_EQ(kRegistry.find(row.name)->compares(false), row.cached) << row.name;
    EXPECT_EQ(kRegistry.find(row.name)->compares(true), row.repeated) << row.name;
  }
  const std::vector<std::string> names = kRegistry.names();
  EXPECT_EQ(std::count(names.begin(), names.end(), "total_phase_iterations"), 0);
  EXPECT_EQ(std::count(names.begin(), names.end(), "iteration_rate"), 1);
}

// What the shipped runner wrote is something that it says it measures.
TEST(MetricRegistry, WhatTheRunnerWritesIsAvailable) {
  std::ifstream file(std::string(KTSTR_GOLDEN_ROOT) + "/kvm-runner/two_groups.ktstr.json");
  std::ostringstream text;
  text << file.rdbuf();
  const auto record = read_sidecar(text.str(), "golden", kRegistry);
  ASSERT_TRUE(record) << record.error().message;
  for (const Metric& metric : kRegistry.rows()) {
    if (!record->values.contains(metric.name)) continue;
    EXPECT_TRUE(metric.has(Metric::kAvailable)) << metric.name;
  }
}

TEST(MetricRegistry, TakesRowsOfAProject) {
  MetricRegistry registry;
  MetricContribution row;
  row.name = "rps";
  row.unit = "req/s";
  row.polarity = KTSTR_HIGHER_IS_BETTER;
  row.path = "stats.ext_metrics.server.rps";
  ASSERT_TRUE(registry.add(row));
  const MetricRegistry copy = registry;
  registry = MetricRegistry();
  ASSERT_NE(copy.find("rps"), nullptr);
  EXPECT_EQ(copy.find("rps")->unit, "req/s");
  EXPECT_EQ(copy.find("rps")->sidecar_path(), "stats.ext_metrics.server.rps");
  EXPECT_EQ(registry.find("rps"), nullptr);

  row.name = "worst_gap_ms";
  row.path.clear();
  EXPECT_EQ(registry.add(row).error().message,
            "there is a metric \"worst_gap_ms\" already: longest time that a worker was not running although "
            "it wanted to");
  row.name = "gap";
  row.path = "stats.worst_gap_ms";
  EXPECT_EQ(registry.add(row).error().message,
            "\"stats.worst_gap_ms\" is read as the metric worst_gap_ms already");
}

// The set and the gates that files of other writers and people's habits rely on.
TEST(MetricRegistry, HasTheCoreSet) {
  struct Row {
    const char* name;
    std::uint32_t polarity;
    double abs, rel;
    const char* path;
  };
  constexpr std::uint32_t L = KTSTR_LOWER_IS_BETTER, H = KTSTR_HIGHER_IS_BETTER;
  for (const Row& row :
       {Row{"worst_spread", L, 5, 0.25, "stats.worst_spread"},
        Row{"worst_gap_ms", L, 500, 0.5, "stats.worst_gap_ms"},
        Row{"total_migrations", L, 2, 0.3, "stats.total_migrations"},
        Row{"worst_migration_ratio", L, 0.05, 0.2, "stats.worst_migration_ratio"},
        Row{"max_imbalance_ratio", L, 1, 0.25, "monitor.max_imbalance_ratio"},
        Row{"max_dsq_depth", L, 10, 0.5, "monitor.max_local_dsq_depth"},
        Row{"stuck_count", L, 1, 0.5, "monitor.stuck_count"},
        Row{"total_fallback", L, 5, 0.3, "monitor.event_deltas.total_fallback"},
        Row{"total_keep_last", L, 5, 0.3, "monitor.event_deltas.total_dispatch_keep_last"},
        Row{"worst_p99_wake_latency_us", L, 50, 0.25, "stats.worst_p99_wake_latency_us"},
        Row{"worst_median_wake_latency_us", L, 20, 0.25, "stats.worst_median_wake_latency_us"},
        Row{"worst_wake_latency_cv", L, 0.1, 0.25, "stats.worst_wake_latency_cv"},
        Row{"total_iterations", H, 2, 0.1, "stats.total_iterations"},
        Row{"worst_mean_run_delay_us", L, 50, 0.25, "stats.worst_mean_run_delay_us"},
        Row{"worst_run_delay_us", L, 100, 0.5, "stats.worst_run_delay_us"},
        Row{"worst_wake_latency_tail_ratio", L, 0.5, 0.25, "stats.worst_wake_latency_tail_ratio"},
        Row{"worst_iterations_per_worker", H, 10, 0.1, "stats.worst_iterations_per_worker"},
        Row{"worst_page_locality", H, 0.05, 0.1, "stats.worst_page_locality"},
        Row{"worst_cross_node_migration_ratio", L, 0.05, 0.2, "stats.worst_cross_node_migration_ratio"}}) {
    const Metric* metric = kRegistry.find(row.name);
    ASSERT_NE(metric, nullptr) << row.name;
    EXPECT_EQ(metric->polarity, row.polarity) << row.name;
    EXPECT_EQ(metric->abs_gate, row.abs) << row.name;
    EXPECT_EQ(metric->rel_gate, row.rel) << row.name;
    EXPECT_EQ(metric->path, row.path);
  }
}

TEST(MetricRegistry, EveryCodeOfTheAbiHasAName) {
  EXPECT_EQ(kPolarityNames.size(), KTSTR_INFORMATIONAL + 1);
  EXPECT_EQ(polarity_name(KTSTR_LOWER_IS_BETTER), "lower");
  EXPECT_EQ(polarity_name(KTSTR_HIGHER_IS_BETTER), "higher");
  EXPECT_EQ(polarity_name(KTSTR_INFORMATIONAL), "informational");
  EXPECT_EQ(kClassNames.size(), KTSTR_CLASS_EXTREME + 1);
  EXPECT_EQ(class_name(KTSTR_CLASS_RATIO), "ratio");
  EXPECT_EQ(class_name(KTSTR_CLASS_EXTREME), "extreme");
}

TEST(Metric, KnowsItsSmallestStep) {
  const MetricRegistry metrics;
  EXPECT_EQ(metrics.find("total_migrations")->resolution(), 1);
  EXPECT_EQ(metrics.find("total_run_delay")->resolution(), 1);
  EXPECT_EQ(metrics.find("worst_p99_wake_latency_us")->resolution(), 1e-3);
  EXPECT_EQ(metrics.find("worst_spread")->resolution(), 0);
}

}  // namespace
}  // namespace ktstr
