// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "documents.hpp"
#include "framework/golden.hpp"
#include "tap/tap_reporter.hpp"

namespace ktstr::reporters {
namespace {

using fakes::keep;
using fakes::report;
using ::ktstr::testing::matches_golden;

constexpr const char* kFourteen = R"({"version": "14"})";

TEST(Tap, TestsAndComparisons) {
  for (const auto& [name, document] :
       {std::pair<std::string, fakes::FakeDocument>{"tests", fakes::ordinary_tests()},
        {"delta", fakes::ordinary_delta()}}) {
    const std::string tap = report<TapReporter>(document), ktap = report<KtapReporter>(document);
    EXPECT_TRUE(matches_golden("reporters/tap-" + name + ".tap", tap));
    EXPECT_TRUE(matches_golden("reporters/ktap-" + name + ".txt", ktap));
    keep("tap/" + name + ".red.tap", tap);
    EXPECT_EQ(report<TapReporter>(document, kFourteen).substr(14), tap.substr(14)) << "the version alone";
  }
}

TEST(Tap, AGoodRunIsGreen) {
  fakes::FakeDocument good;
  good.tests = {{"steady", "", ""}, {"calm", "", ""}};
  keep("tap/good.green.tap", report<TapReporter>(good));
  EXPECT_NE(report<KtapReporter>(good).find("\nok 1 demo\n"), std::string::npos);
}

TEST(Tap, WhatIsIncompleteIsNoPass) {
  const std::string tap = report<TapReporter>(fakes::interrupted_tests());
  keep("tap/interrupted.red.tap", tap);
  EXPECT_NE(tap.find("not ok 2 - later\n"), std::string::npos) << tap;
  EXPECT_NE(tap.find("\nBail out! "), std::string::npos);
  const std::string ktap = report<KtapReporter>(fakes::interrupted_tests());
  EXPECT_NE(ktap.find("  not ok 3 never # ERROR not started\n"), std::string::npos) << ktap;
  EXPECT_NE(ktap.find("\nnot ok 1 demo\n"), std::string::npos);
  fakes::FakeDocument nothing;
  nothing.exit_code = 5;
  keep("tap/nothing.red.tap", report<TapReporter>(nothing));
}

TEST(Tap, HostileTextStaysText) {
  for (const auto& document : {fakes::hostile_tests(), fakes::hostile_delta()}) {
    const std::string tap = report<TapReporter>(document), ktap = report<KtapReporter>(document);
    keep(document.tests.empty() ? "tap/hostile-delta.red.tap" : "tap/hostile-tests.red.tap", tap);
    for (const std::string& text : {tap, ktap}) {
      EXPECT_EQ(text.find("\nnot ok 99"), std::string::npos);
      EXPECT_EQ(text.find('\x1b'), std::string::npos);
      EXPECT_EQ(text.find('\0'), std::string::npos);
    }
  }
  keep("tap/many.red.tap", report<TapReporter>(fakes::many_tests()));
}

}  // namespace
}  // namespace ktstr::reporters
