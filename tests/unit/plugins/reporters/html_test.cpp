// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "documents.hpp"
#include "framework/golden.hpp"
#include "html/html_reporter.hpp"

namespace ktstr::reporters {
namespace {

using fakes::keep;
using fakes::report;
using ::ktstr::testing::matches_golden;

TEST(Html, TestsAndComparisons) {
  const std::string tests = report<HtmlReporter>(fakes::ordinary_tests()),
                    delta = report<HtmlReporter>(fakes::ordinary_delta());
  EXPECT_TRUE(matches_golden("reporters/html-tests.html", tests));
  EXPECT_TRUE(matches_golden("reporters/html-delta.html", delta));
  keep("html/tests.html", tests);
  keep("html/delta.html", delta);
}

TEST(Html, WhatIsIncompleteIsNoPass) {
  const std::string text = report<HtmlReporter>(fakes::interrupted_tests());
  EXPECT_NE(text.find("<span class=\"inconclusive\">INCONCLUSIVE</span>"), std::string::npos) << text;
  EXPECT_NE(text.find("this result is partial"), std::string::npos);
}

TEST(Html, HostileTextStaysTextAndNothingIsLoaded) {
  for (const auto& document : {fakes::hostile_tests(), fakes::hostile_delta(), fakes::hostile_body()}) {
    const std::string text = report<HtmlReporter>(document);
    for (const char* part :
         {"<img", "<script", "<link", "src=\"", "href=", "url(", "\x1b", "\xff", "\xe2\x80\xae"})
      EXPECT_EQ(text.find(part), std::string::npos) << part;
    keep(!document.body_text.empty() ? "html/hostile-body.html"
         : document.tests.empty()    ? "html/hostile-delta.html"
                                     : "html/hostile-tests.html",
         text);
  }
}

TEST(Html, IsNoLargerThanAllowed) {
  for (const auto& document : {fakes::many_tests(), fakes::many_changes()}) {
    const std::string text = report<HtmlReporter>(document);
    EXPECT_LT(text.size(), 5U << 20);
    EXPECT_NE(text.find(" are left out here"), std::string::npos);
    keep(document.tests.empty() ? "html/many-delta.html" : "html/many-tests.html", text);
  }
}

}  // namespace
}  // namespace ktstr::reporters
