// SPDX-License-Identifier: Apache-2.0
//
// Documents without rows (bisect, calibrate, stats): a heading and what a terminal shows of them.
#include <gtest/gtest.h>

#include "documents.hpp"
#include "framework/golden.hpp"
#include "html/html_reporter.hpp"
#include "markdown/markdown_reporter.hpp"

namespace ktstr::reporters {
namespace {

using fakes::report;
using ::ktstr::testing::matches_golden;

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(Body, IsAHeadingAndTheText) {
  const std::string page = report<HtmlReporter>(fakes::ordinary_body());
  EXPECT_TRUE(matches_golden("reporters/markdown-body.md", report<MarkdownReporter>(fakes::ordinary_body())));
  EXPECT_TRUE(matches_golden("reporters/html-body.html", page));
  fakes::keep("html/body.html", page);
}

TEST(Body, IsNamedByItsDocumentElseByItsKind) {
  fakes::FakeDocument document = fakes::ordinary_body();
  document.body_json = "{}";
  EXPECT_TRUE(report<MarkdownReporter>(document).starts_with("### ktstr stats\n"));
  document.document = KTSTR_DOCUMENT_CALIBRATE;
  EXPECT_TRUE(has(report<HtmlReporter>(document), "<h1>ktstr calibrate</h1>"));
}

TEST(Body, WhatEndedOtherwiseSaysSo) {
  fakes::FakeDocument document = fakes::ordinary_body();
  document.document = KTSTR_DOCUMENT_BISECT;
  document.body_json = document.body_text = "";
  document.exit_code = 130;
  document.status = KTSTR_REPORT_CANCELLED;
  EXPECT_EQ(report<MarkdownReporter>(document),
            "### ktstr bisect: INCONCLUSIVE\n\nThere is nothing to show.\n");
  EXPECT_TRUE(has(report<HtmlReporter>(document), "<h1>ktstr bisect: INCONCLUSIVE</h1>"));
}

TEST(Body, NoTextClosesItsFence) {
  const std::string text = report<MarkdownReporter>(fakes::hostile_body());
  const std::size_t open = text.find("\n`````text\n");
  ASSERT_NE(open, std::string::npos) << "longer than what is within\n" << text;
  EXPECT_TRUE(text.ends_with("\n`````\n")) << text;
  const std::string inside = text.substr(open + 7, text.size() - open - 7 - 7);
  EXPECT_FALSE(has(inside, "`````"));
  const std::string heading = text.substr(0, open);
  for (const char* part : {"<img", "@all", "://", "`b`", " **c**"}) EXPECT_FALSE(has(heading, part)) << part;
  for (const char* part : {"\x1b", "\xff", "\xe2\x80\xae"}) EXPECT_FALSE(has(text, part));
}

TEST(Body, IsNoLargerThanAllowed) {
  fakes::FakeDocument document = fakes::ordinary_body();
  for (const char filling : {'x', '`', '<', '\x01', '\n'}) {
    document.body_text = std::string(4U << 20, filling);
    EXPECT_LT(report<MarkdownReporter>(document).size(), 1024U << 10) << filling;
    EXPECT_LT(report<MarkdownReporter>(document, R"({"for": "comment"})").size(), 64U << 10) << filling;
    EXPECT_LT(report<HtmlReporter>(document).size(), 5U << 20) << filling;
    EXPECT_TRUE(has(report<HtmlReporter>(document), " bytes left out]"));
  }
}

}  // namespace
}  // namespace ktstr::reporters
