// SPDX-License-Identifier: Apache-2.0
//
// The gate as the host sees it: entry, table, instances, errors.
#include "framework/gate_plugin.hpp"

namespace ktstr::testing {
namespace {

TEST(WelchPlugin, SaysWhatItIs) { expect_descriptor("welch", "alpha", 2); }

TEST(WelchPlugin, TakesItsOption) {
  expect_taken({"{}", R"({"alpha": 0.01})", R"({"alpha": 1e-12})", R"({"alpha": 0.999})"});
}

TEST(WelchPlugin, RefusesWhatItDoesNotUnderstand) {
  expect_refused({{R"({"alpha": 0})", "alpha"},
                  {R"({"alpha": 1})", "alpha"},
                  {R"({"alpha": -0.05})", "alpha"},
                  {R"({"alpha": "0.05"})", "alpha"},
                  {R"({"alpha": null})", "alpha"},
                  {R"({"beta": 5})", "beta"}});
}

TEST(WelchPlugin, JudgesEveryComparisonOfACallAtItsLevel) {
  const std::vector<double> slow{1, 2, 3, 4, 5}, slower{2, 4, 6, 8, 10};  // p = 0.1075
  std::vector<ktstr_comparison> comparisons{comparison_of(slow, slower), comparison_of(slow, slower)};
  comparisons[0].polarity = KTSTR_LOWER_IS_BETTER;
  comparisons[1].polarity = KTSTR_HIGHER_IS_BETTER;
  EXPECT_EQ(outcomes(Instance("{}"), comparisons),
            (std::vector<std::uint32_t>{KTSTR_UNCHANGED, KTSTR_UNCHANGED}));
  EXPECT_EQ(outcomes(Instance(R"({"alpha": 0.2})"), comparisons),
            (std::vector<std::uint32_t>{KTSTR_REGRESSED, KTSTR_IMPROVED}));
}

}  // namespace
}  // namespace ktstr::testing
