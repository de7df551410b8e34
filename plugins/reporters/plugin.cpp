// SPDX-License-Identifier: Apache-2.0
#include <ktstr/sdk.hpp>

#include "github/github_reporter.hpp"
#include "gitlab/gitlab_reporter.hpp"
#include "html/html_reporter.hpp"
#include "json_reporter.hpp"
#include "junit/junit_reporter.hpp"
#include "kcidb/kcidb_reporter.hpp"
#include "markdown/markdown_reporter.hpp"
#include "perf_feed/perf_feed_reporter.hpp"
#include "tap/tap_reporter.hpp"
#include "terminal_reporter.hpp"

namespace {
constexpr std::uint32_t kRows = KTSTR_DOCUMENT_TEST_RUN | KTSTR_DOCUMENT_PERF_DELTA;
constexpr std::uint32_t kAll =
    kRows | KTSTR_DOCUMENT_CALIBRATE | KTSTR_DOCUMENT_BISECT | KTSTR_DOCUMENT_STATS;
}  // namespace

KTSTR_PLUGIN(
    "org.ktstr.reporters", KTSTR_PLUGIN_VERSION, "ktstr", "Apache-2.0",
    (ktstr::sdk::reporter_impl<ktstr::reporters::TerminalReporter, kAll>(
        "terminal", "tables for people", ktstr::reporters::kTerminalOptionsSchema)),
    (ktstr::sdk::reporter_impl<ktstr::reporters::JsonReporter, kAll>("json", "one JSON document",
                                                                     ktstr::reporters::kJsonOptionsSchema)),
    (ktstr::sdk::reporter_impl<ktstr::reporters::JunitReporter, kRows>(
        "junit", "JUnit XML", ktstr::reporters::kJunitOptionsSchema)),
    (ktstr::sdk::reporter_impl<ktstr::reporters::GithubReporter, kRows>(
        "github", "annotations of GitHub Actions", ktstr::reporters::kGithubOptionsSchema)),
    (ktstr::sdk::reporter_impl<ktstr::reporters::GitlabReporter, kRows>(
        "gitlab", "GitLab's code quality report", ktstr::reporters::kGitlabOptionsSchema)),
    (ktstr::sdk::reporter_impl<ktstr::reporters::MarkdownReporter, kAll>(
        "markdown", "a summary in Markdown", ktstr::reporters::kMarkdownOptionsSchema)),
    (ktstr::sdk::reporter_impl<ktstr::reporters::TapReporter, kRows>("tap", "Test Anything Protocol",
                                                                     ktstr::reporters::kTapOptionsSchema)),
    (ktstr::sdk::reporter_impl<ktstr::reporters::KtapReporter, kRows>("ktap",
                                                                      "the kernel's Test Anything Protocol",
                                                                      ktstr::reporters::kKtapOptionsSchema)),
    (ktstr::sdk::reporter_impl<ktstr::reporters::KcidbReporter, kRows>(
        "kcidb", "a report for KernelCI's database", ktstr::reporters::kKcidbOptionsSchema)),
    (ktstr::sdk::reporter_impl<ktstr::reporters::PerfFeedReporter, KTSTR_DOCUMENT_PERF_DELTA>(
        "perf-feed", "numbers for services that keep them", ktstr::reporters::kPerfFeedOptionsSchema)),
    (ktstr::sdk::reporter_impl<ktstr::reporters::HtmlReporter, kAll>("html", "one page with plots",
                                                                     ktstr::reporters::kHtmlOptionsSchema)))
