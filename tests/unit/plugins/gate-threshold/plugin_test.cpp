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

TEST(ThresholdPlugin, SaysWhatItIs) {
  EXPECT_EQ(plugin().size, sizeof(ktstr_plugin));
  EXPECT_EQ(plugin().abi_major, KTSTR_ABI_MAJOR);
  EXPECT_EQ(view(plugin().id), "org.ktstr.gate-threshold");
  ASSERT_EQ(plugin().impl_count, 1u);
  EXPECT_EQ(view(plugin().impls[0].name), "threshold");
  EXPECT_STREQ(plugin().impls[0].interface_id, KTSTR_GATE_INTERFACE);
  EXPECT_NE(view(plugin().impls[0].options_schema).find("\"percent\""), std::string_view::npos);
  EXPECT_EQ(table().min_samples, 1u);
}

TEST(ThresholdPlugin, TakesItsOption) {
  for (const char* options : {"{}", R"({"percent": 0})", R"({"percent": 12.5})", R"({"percent": 1000000})"}) {
    const Instance instance(options);
    EXPECT_EQ(instance.status(), KTSTR_OK) << options << ": " << instance.message();
  }
}

TEST(ThresholdPlugin, RefusesWhatItDoesNotUnderstand) {
  for (const char* options :
       {R"({"percent": -1})", R"({"percent": 1e7})", R"({"percent": "25"})", R"({"percent": null})", R"({"percent": true})"}) {
    const Instance instance(options);
    EXPECT_EQ(instance.status(), KTSTR_INVALID_ARGUMENT) << options;
    EXPECT_NE(instance.message().find("\"percent\""), std::string::npos) << instance.message();
  }
  const Instance unknown(R"({"perzent": 5})");
  EXPECT_EQ(unknown.status(), KTSTR_INVALID_ARGUMENT);
  EXPECT_NE(unknown.message().find("\"perzent\""), std::string::npos);
  for (const char* options : {"", "[]", "5", "{", "{}{}", "\xff"})
    EXPECT_EQ(Instance(options).status(), KTSTR_INVALID_ARGUMENT) << options;
}

TEST(ThresholdPlugin, JudgesEveryComparisonOfACall) {
  const double hundred = 100, more = 130, much_more = 160;
  ktstr_comparison comparisons[2]{};
  ktstr_verdict verdicts[2]{};
  for (int i = 0; i < 2; ++i) {
    comparisons[i].size = sizeof comparisons[i];
    comparisons[i].abs_gate = 10;
    comparisons[i].rel_gate = 0.25;
    comparisons[i].baseline = {&hundred, nullptr, nullptr, 1};
    comparisons[i].head = {i == 0 ? &more : &much_more, nullptr, nullptr, 1};
    comparisons[i].baseline_estimate = hundred;
    comparisons[i].head_estimate = *comparisons[i].head.values;
    verdicts[i].size = sizeof verdicts[i];
  }
  const ktstr_comparison* in[] = {&comparisons[0], &comparisons[1]};
  ktstr_verdict* out[] = {&verdicts[0], &verdicts[1]};
  ktstr_error error{};
  error.size = sizeof error;

  const Instance own_gates("{}"), half(R"({"percent": 50})");
  ASSERT_EQ(table().evaluate(own_gates.self(), in, out, 2, &error), KTSTR_OK) << error.message;
  EXPECT_EQ(verdicts[0].outcome, KTSTR_REGRESSED);
  EXPECT_EQ(verdicts[1].outcome, KTSTR_REGRESSED);
  for (ktstr_verdict& verdict : verdicts) verdict = blank();
  ASSERT_EQ(table().evaluate(half.self(), in, out, 2, &error), KTSTR_OK) << error.message;
  EXPECT_EQ(verdicts[0].outcome, KTSTR_UNCHANGED);
  EXPECT_EQ(verdicts[1].outcome, KTSTR_REGRESSED);
  EXPECT_EQ(table().evaluate(half.self(), nullptr, nullptr, 0, &error), KTSTR_OK);
}

}  // namespace
