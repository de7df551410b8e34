// SPDX-License-Identifier: Apache-2.0
//
// The gate as the host sees it: entry, table, instances, errors.
#include <gtest/gtest.h>

#include "framework/gate_plugin.hpp"

namespace {

using ktstr::sdk::view;
using ktstr::testing::blank;
using ktstr::testing::Instance;
using ktstr::testing::plugin;
using ktstr::testing::table;

TEST(WelchPlugin, SaysWhatItIs) {
  EXPECT_EQ(plugin().size, sizeof(ktstr_plugin));
  EXPECT_EQ(plugin().abi_major, KTSTR_ABI_MAJOR);
  EXPECT_EQ(view(plugin().id), "org.ktstr.gate-welch");
  ASSERT_EQ(plugin().impl_count, 1u);
  EXPECT_EQ(view(plugin().impls[0].name), "welch");
  EXPECT_STREQ(plugin().impls[0].interface_id, KTSTR_GATE_INTERFACE);
  EXPECT_NE(view(plugin().impls[0].options_schema).find("\"alpha\""), std::string_view::npos);
  EXPECT_EQ(table().min_samples, 2u);
}

TEST(WelchPlugin, TakesItsOption) {
  for (const char* options : {"{}", R"({"alpha": 0.01})", R"({"alpha": 1e-12})", R"({"alpha": 0.999})"}) {
    const Instance instance(options);
    EXPECT_EQ(instance.status(), KTSTR_OK) << options << ": " << instance.message();
  }
}

TEST(WelchPlugin, RefusesWhatItDoesNotUnderstand) {
  for (const char* options :
       {R"({"alpha": 0})", R"({"alpha": 1})", R"({"alpha": -0.05})", R"({"alpha": "0.05"})", R"({"alpha": null})"}) {
    const Instance instance(options);
    EXPECT_EQ(instance.status(), KTSTR_INVALID_ARGUMENT) << options;
    EXPECT_NE(instance.message().find("\"alpha\""), std::string::npos) << instance.message();
  }
  const Instance unknown(R"({"beta": 5})");
  EXPECT_EQ(unknown.status(), KTSTR_INVALID_ARGUMENT);
  EXPECT_NE(unknown.message().find("\"beta\""), std::string::npos);
  for (const char* options : {"", "[]", "0.05", "{", "{}{}", "\xff"})
    EXPECT_EQ(Instance(options).status(), KTSTR_INVALID_ARGUMENT) << options;
}

TEST(WelchPlugin, JudgesEveryComparisonOfACallAtItsLevel) {
  const double slow[] = {1, 2, 3, 4, 5}, slower[] = {2, 4, 6, 8, 10};  // p = 0.1075
  ktstr_comparison comparisons[2]{};
  ktstr_verdict verdicts[2]{};
  for (int i = 0; i < 2; ++i) {
    comparisons[i].size = sizeof comparisons[i];
    comparisons[i].polarity = i == 0 ? KTSTR_LOWER_IS_BETTER : KTSTR_HIGHER_IS_BETTER;
    comparisons[i].baseline = {slow, nullptr, nullptr, 5};
    comparisons[i].head = {slower, nullptr, nullptr, 5};
    comparisons[i].baseline_estimate = 3;
    comparisons[i].head_estimate = 6;
    verdicts[i].size = sizeof verdicts[i];
  }
  const ktstr_comparison* in[] = {&comparisons[0], &comparisons[1]};
  ktstr_verdict* out[] = {&verdicts[0], &verdicts[1]};
  ktstr_error error{};
  error.size = sizeof error;

  const Instance usual("{}"), lax(R"({"alpha": 0.2})");
  ASSERT_EQ(table().evaluate(usual.self(), in, out, 2, &error), KTSTR_OK) << error.message;
  EXPECT_EQ(verdicts[0].outcome, KTSTR_UNCHANGED);
  EXPECT_EQ(verdicts[1].outcome, KTSTR_UNCHANGED);
  for (ktstr_verdict& verdict : verdicts) verdict = blank();
  ASSERT_EQ(table().evaluate(lax.self(), in, out, 2, &error), KTSTR_OK) << error.message;
  EXPECT_EQ(verdicts[0].outcome, KTSTR_REGRESSED);
  EXPECT_EQ(verdicts[1].outcome, KTSTR_IMPROVED);
  EXPECT_EQ(table().evaluate(lax.self(), nullptr, nullptr, 0, &error), KTSTR_OK);
}

}  // namespace
