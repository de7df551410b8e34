// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <ktstr/kit/text.hpp>

#include "documents.hpp"
#include "framework/golden.hpp"
#include "github/github_reporter.hpp"

namespace ktstr::reporters {
namespace {

using fakes::report;
using ::ktstr::testing::matches_golden;

/// As the runner reads a log: what is a command, and not stopped.
std::vector<std::string> commands_in(const std::string& text) {
  std::vector<std::string> found;
  std::string token;
  for (const std::string& line : kit::lines(text)) {
    const std::size_t start = std::min(line.find_first_not_of(" \t\r"), line.size());
    const std::string_view command = std::string_view(line).substr(start);
    if (!token.empty()) {
      if (command.starts_with("::" + token + "::")) token.clear();
      continue;
    }
    if (!command.starts_with("::") && command.find("##[") == std::string_view::npos) continue;
    found.emplace_back(command);
    if (command.starts_with("::stop-commands::")) token = command.substr(17);
  }
  EXPECT_EQ(token, "") << "commands are allowed again at the end";
  return found;
}

std::size_t of_kind(const std::string& text, const std::string& kind) {
  const auto all = commands_in(text);
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [&](const auto& one) { return one.starts_with("::" + kind); }));
}

TEST(Github, AnnotationsOfTests) {
  EXPECT_TRUE(matches_golden("reporters/github-tests.txt", report<GithubReporter>(fakes::ordinary_tests())));
}

TEST(Github, AnnotationsOfAComparison) {
  EXPECT_TRUE(matches_golden("reporters/github-delta.txt", report<GithubReporter>(fakes::ordinary_delta())));
  const std::string pass = report<GithubReporter>(fakes::ordinary_delta("pass"));
  EXPECT_EQ(of_kind(pass, "error "), 0U);
  EXPECT_NE(pass.find("::notice title=ktstr perf-delta%3A PASS::"), std::string::npos) << pass;
}

TEST(Github, WhatIsIncompleteIsNoPass) {
  const std::string text = report<GithubReporter>(fakes::interrupted_tests());
  EXPECT_EQ(text.find("::warning title=ktstr test%3A INCONCLUSIVE::"), 0U) << text;
  EXPECT_NE(text.find("2 not started; interrupted: this result is partial"), std::string::npos);
}

TEST(Github, NoMoreThanItShowsAndTheWorstFirst) {
  for (const auto& document : {fakes::many_tests(), fakes::many_changes()}) {
    const std::string text = report<GithubReporter>(document);
    EXPECT_EQ(of_kind(text, "error "), 10U);
    EXPECT_LE(of_kind(text, "warning "), 10U);
    EXPECT_EQ(text.find("::error title=ktstr "), 0U) << "the verdict";
    EXPECT_NE(text.find(" more are in the log"), std::string::npos);
    EXPECT_LT(text.size(), 512U << 10);
  }
}

TEST(Github, AGuestGivesNoCommands) {
  const std::string text = report<GithubReporter>(fakes::hostile_tests());
  for (const std::string& command : commands_in(text)) {
    EXPECT_TRUE(command.starts_with("::error ") || command.starts_with("::warning ") ||
                command.starts_with("::notice ") || command.starts_with("::group::") ||
                command.starts_with("::endgroup::") || command.starts_with("::stop-commands::ktstr-"))
        << command;
  }
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace ktstr::reporters
