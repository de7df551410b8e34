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

TEST(FdrPlugin, SaysWhatItIs) {
  EXPECT_EQ(plugin().size, sizeof(ktstr_plugin));
  EXPECT_EQ(plugin().abi_major, KTSTR_ABI_MAJOR);
  EXPECT_EQ(view(plugin().id), "org.ktstr.gate-fdr");
  ASSERT_EQ(plugin().impl_count, 1u);
  EXPECT_EQ(view(plugin().impls[0].name), "fdr");
  EXPECT_STREQ(plugin().impls[0].interface_id, KTSTR_GATE_INTERFACE);
  EXPECT_NE(view(plugin().impls[0].options_schema).find("\"prior_df\""), std::string_view::npos);
  EXPECT_EQ(table().min_samples, 2u);
}

TEST(FdrPlugin, TakesItsOptions) {
  for (const char* options : {"{}", R"({"q": 0.01})", R"({"prior_df": 0})", R"({"strict": true, "extremes": true})", R"({"margin": 0.5, "session_spread": 2})"}) {
    const Instance instance(options);
    EXPECT_EQ(instance.status(), KTSTR_OK) << options << ": " << instance.message();
  }
}

TEST(FdrPlugin, RefusesWhatItDoesNotUnderstand) {
  const std::pair<const char*, const char*> wrong[] = {
      {R"({"q": 0})", "\"q\""},           {R"({"q": 0.5})", "\"q\""},       {R"({"q": "0.05"})", "\"q\""},          {R"({"prior_df": -1})", "\"prior_df\""},
      {R"({"strict": 1})", "\"strict\""}, {R"({"margin": 2})", "\"margin\""}, {R"({"session_spread": null})", "\"session_spread\""},
      {R"({"extremes": "yes"})", "\"extremes\""}, {R"({"beta": 5})", "\"beta\""}};
  for (const auto& [options, name] : wrong) {
    const Instance instance(options);
    EXPECT_EQ(instance.status(), KTSTR_INVALID_ARGUMENT) << options;
    EXPECT_NE(instance.message().find(name), std::string::npos) << instance.message();
  }
  for (const char* options : {"", "[]", "0.05", "{", "{}{}", "\xff"}) EXPECT_EQ(Instance(options).status(), KTSTR_INVALID_ARGUMENT) << options;
}

TEST(FdrPlugin, JudgesACallAtItsLevel) {
  const double slow[] = {1, 1.01, 1.02, 1.03, 1.04}, slower[] = {1.02, 1.05, 1.03, 1.06, 1.04};
  ktstr_comparison comparison{};
  comparison.size = sizeof comparison;
  comparison.baseline = {slow, nullptr, nullptr, 5};
  comparison.head = {slower, nullptr, nullptr, 5};
  comparison.baseline_estimate = 1.02;
  comparison.head_estimate = 1.04;
  ktstr_verdict verdict = blank();
  const ktstr_comparison* in[] = {&comparison};
  ktstr_verdict* out[] = {&verdict};
  ktstr_error error{};
  error.size = sizeof error;
  const Instance careful(R"({"q": 0.001})"), lax(R"({"q": 0.2})");
  ASSERT_EQ(table().evaluate(careful.self(), in, out, 1, &error), KTSTR_OK) << error.message;
  EXPECT_NE(verdict.outcome, KTSTR_REGRESSED);
  verdict = blank();
  ASSERT_EQ(table().evaluate(lax.self(), in, out, 1, &error), KTSTR_OK) << error.message;
  EXPECT_EQ(verdict.outcome, KTSTR_REGRESSED);
  EXPECT_EQ(table().evaluate(lax.self(), nullptr, nullptr, 0, &error), KTSTR_OK);
}

}  // namespace
