// SPDX-License-Identifier: Apache-2.0
#include "core/metric_registry.hpp"

#include <gtest/gtest.h>

#include <set>

namespace ktstr {
namespace {

TEST(MetricRegistry, NamesAndPathsAreUnique) {
  std::set<std::string_view> names, paths;
  for (const Metric& metric : metric_registry()) {
    EXPECT_TRUE(names.insert(metric.name).second) << metric.name;
    EXPECT_TRUE(paths.insert(metric.path).second) << metric.path;
    EXPECT_EQ(find_metric(metric.name), &metric);
  }
  EXPECT_EQ(find_metric("nothing"), nullptr);
  EXPECT_EQ(metric_names().size(), metric_registry().size());
}

TEST(MetricRegistry, RowsMakeSense) {
  for (const Metric& metric : metric_registry()) {
    EXPECT_GT(metric.abs_gate, 0) << metric.name;
    EXPECT_GT(metric.rel_gate, 0) << metric.name;
    EXPECT_LE(metric.rel_gate, 1) << metric.name;
    EXPECT_LE(metric.polarity, KTSTR_INFORMATIONAL) << metric.name;
    EXPECT_FALSE(metric.description.empty()) << metric.name;
    EXPECT_TRUE(metric.path.starts_with("stats.") || metric.path.starts_with("monitor.")) << metric.name;
  }
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
       {Row{"worst_spread", L, 5, 0.25, "stats.worst_spread"}, Row{"worst_gap_ms", L, 500, 0.5, "stats.worst_gap_ms"},
        Row{"total_migrations", L, 2, 0.3, "stats.total_migrations"},
        Row{"worst_migration_ratio", L, 0.05, 0.2, "stats.worst_migration_ratio"},
        Row{"max_imbalance_ratio", L, 1, 0.25, "monitor.max_imbalance_ratio"},
        Row{"max_dsq_depth", L, 10, 0.5, "monitor.max_local_dsq_depth"}, Row{"stuck_count", L, 1, 0.5, "monitor.stuck_count"},
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
    const Metric* metric = find_metric(row.name);
    ASSERT_NE(metric, nullptr) << row.name;
    EXPECT_EQ(metric->polarity, row.polarity) << row.name;
    EXPECT_EQ(metric->abs_gate, row.abs) << row.name;
    EXPECT_EQ(metric->rel_gate, row.rel) << row.name;
    EXPECT_EQ(metric->path, row.path);
  }
}

TEST(MetricRegistry, PolaritiesHaveNames) {
  EXPECT_EQ(polarity_name(KTSTR_LOWER_IS_BETTER), "lower");
  EXPECT_EQ(polarity_name(KTSTR_HIGHER_IS_BETTER), "higher");
  EXPECT_EQ(polarity_name(KTSTR_INFORMATIONAL), "informational");
}

}  // namespace
}  // namespace ktstr
