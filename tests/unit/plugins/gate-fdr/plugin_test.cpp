// SPDX-License-Identifier: Apache-2.0
//
// The gate as the host sees it: entry, table, instances, errors.
#include "framework/gate_plugin.hpp"

namespace ktstr::testing {
namespace {

TEST(FdrPlugin, SaysWhatItIs) { expect_descriptor("fdr", "prior_df", 2); }

TEST(FdrPlugin, TakesItsOptions) {
  expect_taken({"{}", R"({"q": 0.01})", R"({"prior_df": 0})", R"({"strict": true, "extremes": true})",
                R"({"margin": 0.5, "session_spread": 2})"});
}

TEST(FdrPlugin, RefusesWhatItDoesNotUnderstand) {
  expect_refused({{R"({"q": 0})", "q"},
                  {R"({"q": 0.5})", "q"},
                  {R"({"q": 1e-300})", "q"},
                  {R"({"q": "0.05"})", "q"},
                  {R"({"prior_df": -1})", "prior_df"},
                  {R"({"strict": 1})", "strict"},
                  {R"({"margin": 2})", "margin"},
                  {R"({"session_spread": null})", "session_spread"},
                  {R"({"extremes": "yes"})", "extremes"},
                  {R"({"beta": 5})", "beta"}});
}

TEST(FdrPlugin, JudgesACallAtItsLevel) {
  const std::vector<double> slow{1, 1.01, 1.02, 1.03, 1.04}, slower{1.02, 1.05, 1.03, 1.06, 1.04};
  const std::vector<ktstr_comparison> comparisons{comparison_of(slow, slower)};
  EXPECT_NE(outcomes(Instance(R"({"q": 0.001})"), comparisons).front(), KTSTR_REGRESSED);
  EXPECT_EQ(outcomes(Instance(R"({"q": 0.2})"), comparisons).front(), KTSTR_REGRESSED);
}

}  // namespace
}  // namespace ktstr::testing
