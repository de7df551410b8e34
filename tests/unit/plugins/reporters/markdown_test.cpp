// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "documents.hpp"
#include "framework/golden.hpp"
#include "markdown/markdown_reporter.hpp"

namespace ktstr::reporters {
namespace {

using fakes::report;
using ::ktstr::testing::matches_golden;

TEST(Markdown, Tests) {
  EXPECT_TRUE(
      matches_golden("reporters/markdown-tests.md", report<MarkdownReporter>(fakes::ordinary_tests())));
}

TEST(Markdown, AComparison) {
  EXPECT_TRUE(
      matches_golden("reporters/markdown-delta.md", report<MarkdownReporter>(fakes::ordinary_delta())));
}

TEST(Markdown, WhatIsIncompleteIsNoPass) {
  const std::string text = report<MarkdownReporter>(fakes::interrupted_tests());
  EXPECT_EQ(text.find("### ktstr test: INCONCLUSIVE\n"), 0U) << text;
  EXPECT_NE(text.find("| not started | later |"), std::string::npos) << text;
}

TEST(Markdown, HostileTextStaysText) {
  for (const auto& document : {fakes::hostile_tests(), fakes::hostile_delta()}) {
    std::string text = report<MarkdownReporter>(document);
    // Within a fence everything is text.
    for (std::size_t from = text.find("````text"); from != std::string::npos; from = text.find("````text"))
      text.erase(from, text.find("\n````\n", from) + 6 - from);
    for (const char* part : {"<img", "<script", "@all", "://", "`b`", " **c**", "\x1b", "\xff"})
      EXPECT_EQ(text.find(part), std::string::npos) << part << "\n" << text;
    for (std::size_t at = text.find("\n| "); at != std::string::npos; at = text.find("\n| ", at + 1)) {
      const std::string row = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
      std::size_t bars = 0;
      for (std::size_t i = 0; i < row.size(); ++i)
        bars += row[i] == '|' && (i == 0 || row[i - 1] != '\\') ? 1 : 0;
      EXPECT_TRUE(bars == 5 || bars == 7 || bars == 9) << row;
    }
  }
}

TEST(Markdown, IsNoLargerThanAllowed) {
  for (const auto& document : {fakes::many_tests(), fakes::many_changes()}) {
    const std::string summary = report<MarkdownReporter>(document);
    EXPECT_LT(summary.size(), 1024U << 10);
    EXPECT_NE(summary.find(" left out here."), std::string::npos);
    const std::string comment = report<MarkdownReporter>(document, R"({"for": "comment"})");
    EXPECT_LT(comment.size(), 64U << 10);
    EXPECT_EQ(comment.find("### ktstr "), 0U);
  }
}

}  // namespace
}  // namespace ktstr::reporters
