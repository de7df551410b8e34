// SPDX-License-Identifier: Apache-2.0
//
// The gate as the host sees it: entry, table, instances, errors.
#include "framework/gate_plugin.hpp"

namespace ktstr::testing {
namespace {

TEST(ThresholdPlugin, SaysWhatItIs) { expect_descriptor("threshold", "percent", 1); }

TEST(ThresholdPlugin, TakesItsOption) {
  expect_taken({"{}", R"({"percent": 0})", R"({"percent": 12.5})", R"({"percent": 1000000})"});
}

TEST(ThresholdPlugin, RefusesWhatItDoesNotUnderstand) {
  expect_refused({{R"({"percent": -1})", "percent"},
                  {R"({"percent": 1e7})", "percent"},
                  {R"({"percent": "25"})", "percent"},
                  {R"({"percent": null})", "percent"},
                  {R"({"percent": true})", "percent"},
                  {R"({"perzent": 5})", "perzent"}});
}

TEST(ThresholdPlugin, JudgesEveryComparisonOfACall) {
  const std::vector<double> hundred{100}, more{130}, much_more{160};
  std::vector<ktstr_comparison> comparisons{comparison_of(hundred, more), comparison_of(hundred, much_more)};
  for (ktstr_comparison& comparison : comparisons) {
    comparison.abs_gate = 10;
    comparison.rel_gate = 0.25;
  }
  EXPECT_EQ(outcomes(Instance("{}"), comparisons),
            (std::vector<std::uint32_t>{KTSTR_REGRESSED, KTSTR_REGRESSED}))
      << "their own gates";
  EXPECT_EQ(outcomes(Instance(R"({"percent": 50})"), comparisons),
            (std::vector<std::uint32_t>{KTSTR_UNCHANGED, KTSTR_REGRESSED}));
}

}  // namespace
}  // namespace ktstr::testing
