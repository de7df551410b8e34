// SPDX-License-Identifier: Apache-2.0
#include "delta/rows_by_scenario.hpp"

#include <gtest/gtest.h>

namespace ktstr {
namespace {

TEST(RowsByScenario, EachRowHasThoseOfItsOwnScenarioInTheirOrder) {
  const MetricRegistry registry;
  const Metric& metric = *registry.find("worst_gap_ms");
  const MetricRule rule{metric.abs_gate, metric.rel_gate, metric.polarity};
  const ScenarioKey one{"test", "1n1l2c1t", "s", "w", "6.18", "tcg", "virtual"};
  ScenarioKey real = one, moved = one;
  real.time_source = "host";  // the last field tells them apart, too
  std::swap(moved.test, moved.topology);
  std::vector<std::unique_ptr<MetricComparison>> comparisons;
  std::vector<JudgedRow> rows;
  for (const ScenarioKey* key : std::initializer_list<const ScenarioKey*>{&one, &real, &one, &moved, &one}) {
    comparisons.push_back(std::make_unique<MetricComparison>(*key, metric, rule));
    rows.push_back({comparisons.back().get(), {}, {}});
  }
  const RowsByScenario by_scenario(rows);
  const auto beside = by_scenario.beside(rows[2]);
  EXPECT_EQ(std::vector(beside.begin(), beside.end()),
            (std::vector<const JudgedRow*>{&rows[0], &rows[2], &rows[4]}));
  EXPECT_EQ(by_scenario.beside(rows[1]).size(), 1U);
  EXPECT_EQ(by_scenario.beside(rows[3]).front(), &rows[3]);
}

}  // namespace
}  // namespace ktstr
