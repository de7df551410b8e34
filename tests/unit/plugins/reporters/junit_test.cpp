// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "documents.hpp"
#include "framework/golden.hpp"
#include "junit/junit_reporter.hpp"

namespace ktstr::reporters {
namespace {

using fakes::keep;
using fakes::report;
using ::ktstr::testing::matches_golden;

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(Junit, TestsInBothDialects) {
  const std::string common = report<JunitReporter>(fakes::ordinary_tests());
  EXPECT_TRUE(matches_golden("reporters/junit-tests.xml", common));
  const std::string strict = report<JunitReporter>(fakes::ordinary_tests(), R"({"dialect": "strict"})");
  EXPECT_TRUE(matches_golden("reporters/junit-tests-strict.xml", strict));
  keep("junit/tests.common.xml", common);
  keep("junit/tests.strict.xml", strict);
}

TEST(Junit, WhatWasRunAgainTellsOfEachAttempt) {
  const std::string common = report<JunitReporter>(fakes::retried_tests());
  EXPECT_TRUE(matches_golden("reporters/junit-retried.xml", common));
  keep("junit/retried.common.xml", common);
  keep("junit/retried.strict.xml", report<JunitReporter>(fakes::retried_tests(), R"({"dialect": "strict"})"));
  fakes::FakeDocument silent = fakes::retried_tests();
  silent.tests[1].message = "attempt 1 of 2 failed: worker 1 got no CPU for 2.1 s";
  EXPECT_EQ(occurrences(report<JunitReporter>(silent), "<rerunFailure message=\"no reason given\""), 1U);
  fakes::FakeDocument flaky = fakes::retried_tests();
  flaky.tests.resize(1);
  flaky.exit_code = 0;
  const std::string seen = report<JunitReporter>(flaky);
  EXPECT_NE(seen.find("failures=\"0\" errors=\"0\" skipped=\"1\""), std::string::npos)
      << "who knows no flaky tests sees no clean pass: " << seen;
  flaky.tests[0].facts = "{}";  // of a host that tells no attempts
  EXPECT_EQ(occurrences(report<JunitReporter>(flaky), "<flakyFailure message=\"attempt 1 of 3 failed"), 1U);
  flaky.exit_code = 1;  // --flaky fail
  const std::string red = report<JunitReporter>(flaky);
  EXPECT_EQ(occurrences(red, "<failure message=\"flaky: attempt 1"), 1U) << red;
  keep("junit/flaky-fails.common.xml", red);
}

TEST(Junit, AComparison) {
  const std::string text = report<JunitReporter>(fakes::ordinary_delta());
  EXPECT_TRUE(matches_golden("reporters/junit-delta.xml", text));
  keep("junit/delta.common.xml", text);
  keep("junit/delta.strict.xml", report<JunitReporter>(fakes::ordinary_delta(), R"({"dialect": "strict"})"));
}

TEST(Junit, OnlyWhatFailsTheBuildIsRed) {
  fakes::FakeDocument pass = fakes::ordinary_delta("pass");
  pass.end.replace(pass.end.find("false}]"), 7, "true}]");  // what is missing is minor
  const std::string text = report<JunitReporter>(pass);
  EXPECT_EQ(occurrences(text, "<failure") + occurrences(text, "<error"), 0U) << text;
  EXPECT_NE(text.find("<skipped message=\"worse, below what fails the build: worst_p99"), std::string::npos);
  EXPECT_EQ(occurrences(report<JunitReporter>(fakes::ordinary_delta("empty")), "<error"), 2U)
      << "the verdict, and what is missing";
}

TEST(Junit, WhatIsIncompleteIsNoPass) {
  const std::string text = report<JunitReporter>(fakes::interrupted_tests());
  EXPECT_EQ(occurrences(text, "type=\"ktstr.not-run\""), 2U) << text;
  EXPECT_NE(text.find("this result is partial"), std::string::npos);
  keep("junit/interrupted.common.xml", text);
  fakes::FakeDocument nothing;
  nothing.exit_code = 5;
  EXPECT_NE(report<JunitReporter>(nothing).find("the command ended with 5"), std::string::npos);
}

TEST(Junit, HostileTextStaysText) {
  for (const auto& document : {fakes::hostile_tests(), fakes::hostile_delta()}) {
    const std::string text = report<JunitReporter>(document);
    for (const char* part : {"<img", "]]>", "\x1b", "\xff", "\xef\xbf\xbe", "\xe2\x80\xae"})
      EXPECT_EQ(text.find(part), std::string::npos) << part;
    EXPECT_EQ(text.find('\0'), std::string::npos);
    const std::string kind = document.tests.empty() ? "delta" : "tests";
    keep("junit/hostile-" + kind + ".common.xml", text);
    keep("junit/hostile-" + kind + ".strict.xml",
         report<JunitReporter>(document, R"({"dialect": "strict"})"));
  }
  const std::string names = report<JunitReporter>(fakes::hostile_tests());
  EXPECT_EQ(occurrences(names, " (2)\""), 1U) << "two tests of one name are told apart";
}

TEST(Junit, IsNoLargerThanAllowed) {
  const std::string text = report<JunitReporter>(fakes::many_tests());
  EXPECT_LT(text.size(), 29U << 20);
  EXPECT_EQ(occurrences(text, "<testcase"), 10'000U);
  EXPECT_NE(text.find("tests=\"10000\" failures=\"5000\""), std::string::npos);
  keep("junit/many.common.xml", text);
  const std::string small = report<JunitReporter>(fakes::many_tests(), R"({"size_limit": 100000})");
  EXPECT_LT(small.size(), 110'000U);
  EXPECT_NE(small.find("tests=\"10000\" failures=\"5000\""), std::string::npos) << "still told";
  EXPECT_GT(occurrences(small, "<failure"), 100U);
  EXPECT_NE(small.find("results left out"), std::string::npos);
}

}  // namespace
}  // namespace ktstr::reporters
