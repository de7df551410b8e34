// SPDX-License-Identifier: Apache-2.0
//
// A test that failed and then passed: no plain pass, no error either, and red only where the command says so.
#include <gtest/gtest.h>

#include "documents.hpp"
#include "github/github_reporter.hpp"
#include "gitlab/gitlab_reporter.hpp"
#include "html/html_reporter.hpp"
#include "junit/junit_reporter.hpp"
#include "kcidb/kcidb_reporter.hpp"
#include "markdown/markdown_reporter.hpp"
#include "tap/tap_reporter.hpp"

namespace ktstr::reporters {
namespace {

using fakes::report;

/// `exit_code` 1: with --flaky fail.
fakes::FakeDocument flaky_run(int exit_code) {
  fakes::FakeDocument document;
  document.tests = {{"wobbly", "attempt 1 of 2 failed: it was stuck", "", KTSTR_TEST_FLAKY}};
  document.exit_code = exit_code;
  return document;
}

void expect_in(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << part << " in:\n" << text;
}

TEST(Flaky, IsToldByEveryFormatAndPasses) {
  const fakes::FakeDocument run = flaky_run(0);
  expect_in(report<GithubReporter>(run), "::warning file=tests/all.json,line=1,title=wobbly is flaky");
  expect_in(report<GithubReporter>(run), "::notice title=ktstr test%3A PASS::1 test of demo");
  expect_in(report<GithubReporter>(run), "0 passed, 1 flaky");
  expect_in(report<GitlabReporter>(run), "ktstr/test-flaky");
  expect_in(report<GitlabReporter>(run), "\"severity\": \"minor\"");
  expect_in(report<HtmlReporter>(run), ">wobbly<");
  expect_in(report<HtmlReporter>(run), ">PASS<");
  expect_in(report<MarkdownReporter>(run), "| flaky | wobbly |");
  expect_in(report<MarkdownReporter>(run), "ktstr test: PASS");
  expect_in(report<JunitReporter>(run), "<skipped message=\"flaky: attempt 1 of 2 failed: it was stuck\"/>");
  expect_in(report<JunitReporter>(run), "failures=\"0\" errors=\"0\" skipped=\"1\"");
  expect_in(report<KcidbReporter>(run), "\"comment\": \"wobbly, which failed before it passed\"");
  EXPECT_EQ(report<KcidbReporter>(run).find("MISS"), std::string::npos);
  const std::string tap = report<TapReporter>(run), ktap = report<KtapReporter>(run);
  expect_in(tap, "ok 1 - wobbly # SKIP flaky: attempt 1 of 2 failed: it was stuck\n");
  EXPECT_EQ(tap.find("Bail out!"), std::string::npos) << tap;
  expect_in(ktap, "# Totals: pass:0 fail:0 xfail:0 xpass:0 skip:1 error:0\nok 1 demo\n");
}

TEST(Flaky, FailsWhereTheCommandDoes) {
  const fakes::FakeDocument run = flaky_run(1);
  expect_in(report<GithubReporter>(run), "::error file=tests/all.json,line=1,title=wobbly is flaky");
  expect_in(report<GithubReporter>(run), "title=ktstr test%3A FAIL");
  expect_in(report<GitlabReporter>(run), "\"severity\": \"major\"");
  expect_in(report<HtmlReporter>(run), ">FAIL<");
  expect_in(report<MarkdownReporter>(run), "ktstr test: FAIL");
  expect_in(report<JunitReporter>(run), "type=\"ktstr.flaky\"");
  expect_in(report<JunitReporter>(run), "failures=\"1\" errors=\"0\" skipped=\"0\"");
  expect_in(report<KcidbReporter>(run), "\"status\": \"FAIL\"");
  expect_in(report<TapReporter>(run), "\nBail out! ");  // its line was written before anybody knew
  expect_in(report<KtapReporter>(run), "\nnot ok 1 demo\n");
}

}  // namespace
}  // namespace ktstr::reporters
