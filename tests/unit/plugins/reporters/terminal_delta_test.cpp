// SPDX-License-Identifier: Apache-2.0
//
// A comparison as people and as programs see it.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "documents.hpp"
#include "framework/comparisons.hpp"
#include "framework/golden.hpp"
#include "json_reporter.hpp"
#include "terminal_reporter.hpp"

namespace ktstr::reporters {
namespace {

using ::ktstr::testing::matches_golden;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

constexpr const char* kBegin =
    R"({"mode": "repeated", "repeats": 5, "deterministic": false, "order": "abba", "seed": 7, "gates": ["welch", "threshold"],
  "baseline": {"commit": "aaaaaaaaaa", "label": "aaaaaaa", "how": "merge base of HEAD and origin/main, from GITHUB_BASE_REF"},
  "head": {"commit": "bbbbbbbbbb", "label": "bbbbbbb-dirty"},
  "warnings": ["HEAD was overcommitted: wakeups (4 guest CPUs on 2); its latencies hold the host's waiting times too"]})";
constexpr const char* kEnd =
    R"json({"verdict": "fail", "headline": "worst_p99_wake_latency_us of wakeups rose from 196 us to 2.31 ms (x 12, q=0.003, 3 runs a side), the worst of 2 metrics in 2 families that got worse; --must-fail names worst_p99_wake_latency_us; 1 gate that tests declare", "missing": [
   {"kind": "could_not_run", "side": "head", "scenario": "storm 1n1l2c1t my_sched", "reason": "there is no build/mine", "minor": false},
   {"kind": "could_not_run", "side": "head", "scenario": "flood 1n1l2c1t my_sched", "reason": "there is no build/mine", "minor": false},
   {"kind": "unpaired", "side": "baseline", "scenario": "fresh 1n1l2c1t my_sched", "reason": "", "minor": true}],
  "counts": {"regressed": 2, "regressed_families": 2, "improved": 1, "equivalent": 1, "unchanged": 1, "inconclusive": 0, "informational": 0, "new": 1, "removed": 0, "excluded": 0},
  "scenarios": 2, "fail_threshold": 5, "must_fail": ["worst_p99_wake_latency_us"], "declared_regressed": 1,
  "pass_counts": [{"test": "wakeups", "topology": "1n2l4c1t", "work_type": "PipeIo", "baseline": {"passed": 5, "failed": 0, "total": 5}, "head": {"passed": 1, "failed": 4, "total": 5}},
                  {"test": "fresh", "topology": "1n1l2c1t", "work_type": "SpinWait", "baseline": {"total": 0}, "head": {"passed": 5, "failed": 0, "total": 5}}],
  "failure_rates": [{"test": "wakeups", "topology": "1n2l4c1t", "scheduler": "my_sched", "work_type": "PipeIo", "kernel": "6.18.2", "outcome": "regressed", "p_value": 0.0238,
                     "baseline": {"passed": 5, "failed": 0}, "head": {"passed": 1, "failed": 4}}],
  "phases": [{"test": "wakeups", "topology": "1n2l4c1t", "scheduler": "my_sched", "work_type": "PipeIo", "kernel": "6.18.2", "phase": 1, "label": "Step[1]", "metric": "iteration_rate",
              "unit": "iter/s", "relative": -0.25, "baseline": {"n": 5, "mean": 1000, "min": 990, "max": 1010}, "head": {"n": 5, "mean": 750, "min": 700, "max": 800}}],
  "luck": {"chance": 0.57, "text": "if nothing had changed, this rule would still call a metric regressed in about 57 % of such comparisons; --gate fdr keeps that at 5 %"},
  "sight": {"text": "1 of 5 metrics could not have shown a change of their own gate's size: 12 runs a side would do"},
  "notes": ["wakeups 1n2l4c1t my_sched: 4 of 5 HEAD runs did not pass and are left out"],
  "next": ["confirm it with fresh runs: the same command with --resume --confirm 5", "see what changed: git diff aaaaaaa"]})json";

ktstr_str str(const char* text) { return {text, std::char_traits<char>::length(text)}; }

struct Row {
  const char *test, *topology, *metric, *unit;
  std::uint32_t polarity, outcome;
  std::vector<double> baseline, head;
  double relative, ci_low, ci_high, p, q;
  const char *text, *facts;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> all = {
      {"wakeups",
       "1n2l4c1t",
       "worst_p99_wake_latency_us",
       "us",
       KTSTR_LOWER_IS_BETTER,
       KTSTR_REGRESSED,
       {196, 199, 201},
       {2310, 2400, 2460},
       11,
       10.4,
       13.2,
       0.0001,
       0.003,
       "",
       R"({"declared": true, "noisy": true, "spread_percent": {"baseline": 2.5, "head": 6.2}})"},
      {"wakeups",
       "1n2l4c1t",
       "iteration_rate",
       "iter/s",
       KTSTR_HIGHER_IS_BETTER,
       KTSTR_REGRESSED,
       {1000, 1010},
       {640, 650},
       -0.358,
       0.61,
       0.67,
       0.004,
       kNaN,
       "only the min-max bands are disjoint (33 % by chance)",
       "{}"},
      {"pipes\x1b[2J",
       "1n1l2c1t",
       "worst_gap_ms",
       "ms",
       KTSTR_LOWER_IS_BETTER,
       KTSTR_IMPROVED,
       {40, 42},
       {20, 20},
       -0.512,
       kNaN,
       kNaN,
       kNaN,
       kNaN,
       "",
       R"({"phase": "Step[2]"})"},
      {"pipes",
       "1n1l2c1t",
       "worst_spread",
       "%",
       KTSTR_LOWER_IS_BETTER,
       KTSTR_EQUIVALENT,
       {4, 4.1},
       {4, 4.1},
       0,
       0.99,
       1.01,
       0.9,
       0.9,
       "",
       "{}"},
      {"pipes",
       "1n1l2c1t",
       "total_fallback",
       "",
       KTSTR_LOWER_IS_BETTER,
       KTSTR_UNCHANGED,
       {0},
       {3},
       HUGE_VAL,
       kNaN,
       kNaN,
       kNaN,
       kNaN,
       "below the absolute gate of 5",
       "{}"},
  };
  return all;
}

template <typename Reporter>
std::string document(std::uint32_t flags, std::uint32_t width, const std::vector<Row>& all = rows()) {
  std::string out;
  const ktstr_writer writer = {sizeof writer, 0, &out,
                               [](void* ctx, const void* data, std::uint64_t len) noexcept -> ktstr_status {
                                 static_cast<std::string*>(ctx)->append(static_cast<const char*>(data), len);
                                 return KTSTR_OK;
                               }};
  Reporter reporter(sdk::Host(nullptr), sdk::Creation());
  ktstr_report_begin begin{};
  begin.size = sizeof begin;
  begin.document = KTSTR_DOCUMENT_PERF_DELTA;
  begin.flags = flags;
  begin.width = width;
  begin.extra_json = str(kBegin);
  reporter.begin(sdk::Writer(&writer), begin);
  for (const Row& row : all) {
    const ktstr_scenario scenario = {
        sizeof scenario, 0, str(row.test), str(row.topology), str("my_sched"), str("PipeIo"), str("6.18.2")};
    ktstr_comparison c{};
    c.size = sizeof c;
    c.polarity = row.polarity;
    c.scenario = &scenario;
    c.metric = str(row.metric);
    c.unit = str(row.unit);
    c.abs_gate = 5;
    c.rel_gate = 0.1;
    c.baseline = testing::samples(row.baseline.data(), nullptr, nullptr, row.baseline.size());
    c.head = testing::samples(row.head.data(), nullptr, nullptr, row.head.size());
    c.baseline_estimate = row.baseline.front();
    c.head_estimate = row.head.front();
    ktstr_verdict verdict{};
    verdict.size = sizeof verdict;
    verdict.outcome = row.outcome;
    verdict.effect_abs = c.head_estimate - c.baseline_estimate;
    verdict.effect_rel = row.relative;
    verdict.statistic = verdict.df = verdict.mde = kNaN;
    verdict.p_value = row.p;
    verdict.q_value = row.q;
    verdict.ratio = 1 + row.relative;
    verdict.ci_low = row.ci_low;
    verdict.ci_high = row.ci_high;
    sdk::copy_text(verdict.text, row.text);
    const ktstr_gate_opinion opinion = {sizeof opinion, 0, str("welch"), &verdict};
    const ktstr_gate_opinion* opinions[] = {&opinion};
    ktstr_report_row report{};
    report.size = sizeof report;
    report.outcome = row.outcome;
    report.comparison = &c;
    report.verdict = &verdict;
    report.opinions = opinions;
    report.opinion_count = 1;
    report.extra_json = str(row.facts);
    reporter.row(sdk::Writer(&writer), report);
  }
  ktstr_report_end end{};
  end.size = sizeof end;
  end.exit_code = 1;
  end.rows = all.size();
  end.extra_json = str(kEnd);
  reporter.end(sdk::Writer(&writer), end);
  return out;
}

TEST(TerminalDelta, FitsTheTerminal) {
  for (const std::uint32_t columns : {80U, 100U, 140U}) {
    const std::string text = document<TerminalReporter>(0, columns);
    EXPECT_TRUE(matches_golden("reporters/delta-" + std::to_string(columns) + ".txt", text));
    std::size_t width = 0;
    for (const char c : text) {
      if (c == '\n') {
        EXPECT_LE(width, columns);
        width = 0;
      } else {
        width += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
      }
    }
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
  }
}

TEST(TerminalDelta, BeginsWithTheVerdictAndEndsWithItWhenLong) {
  const std::string text = document<TerminalReporter>(0, 80);
  EXPECT_EQ(text.find("FAIL: worst_p99_wake_latency_us of wakeups rose"), 0U) << text;
  EXPECT_NE(text.rfind("FAIL: worst_p99_wake_latency_us"), 0U) << "longer than a screen";
}

TEST(TerminalDelta, OneRunASideIsASuspicion) {
  const std::vector<Row> single = {{"a",
                                    "1n",
                                    "worst_gap_ms",
                                    "ms",
                                    KTSTR_LOWER_IS_BETTER,
                                    KTSTR_REGRESSED,
                                    {20},
                                    {2000},
                                    99,
                                    kNaN,
                                    kNaN,
                                    kNaN,
                                    kNaN,
                                    "",
                                    R"({"suspect": true})"},
                                   {"a",
                                    "1n",
                                    "worst_spread",
                                    "%",
                                    KTSTR_LOWER_IS_BETTER,
                                    KTSTR_IMPROVED,
                                    {20},
                                    {2},
                                    -0.9,
                                    kNaN,
                                    kNaN,
                                    kNaN,
                                    kNaN,
                                    "",
                                    R"({"suspect": true})"},
                                   {"a",
                                    "1n",
                                    "iteration_rate",
                                    "iter/s",
                                    KTSTR_HIGHER_IS_BETTER,
                                    KTSTR_REGRESSED,
                                    {20},
                                    {2},
                                    -0.9,
                                    kNaN,
                                    kNaN,
                                    kNaN,
                                    kNaN,
                                    "",
                                    R"({"overcommitted": true})"}};
  const std::string text = document<TerminalReporter>(0, 0, single);
  for (const char* part :
       {"  suspect        worst_gap_ms", "  better?        worst_spread", "  informational  iteration_rate"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(TerminalDelta, AReasonThatRowsShareIsToldOnce) {
  std::vector<Row> undecided(6, {"a",
                                 "1n",
                                 "worst_gap_ms",
                                 "ms",
                                 KTSTR_LOWER_IS_BETTER,
                                 KTSTR_INCONCLUSIVE,
                                 {20},
                                 {21},
                                 0.05,
                                 kNaN,
                                 kNaN,
                                 kNaN,
                                 kNaN,
                                 "needs at least 2 runs a side, has 1 and 1",
                                 "{}"});
  undecided.back().text = "another reason";
  const std::string text = document<TerminalReporter>(0, 0, undecided);
  EXPECT_NE(text.find("inconclusive: 5 metrics: needs at least 2 runs a side, has 1 and 1\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("needs at least"), text.rfind("needs at least"));
  EXPECT_NE(text.find("another reason"), std::string::npos);
}

TEST(Strip, ShowsWhereTheValuesLie) {
  EXPECT_EQ(strip_of({10, 11}, {20, 20}, 11), "○○········●") << "10 to 20 in eleven steps";
  EXPECT_EQ(strip_of({10, 20}, {10, 15}, 3), "◐●○");
  EXPECT_EQ(strip_of({1, 2}, {100, 100}, 5), "○○··●") << "a logarithmic scale";
  EXPECT_EQ(strip_of({5, 5}, {5, 5}, 9), "");
  EXPECT_EQ(strip_of({5}, {6}, 9), "");
}

TEST(TerminalDelta, AUnitThatLooksLikeAMissingNumberIsNotCutOffOne) {
  fakes::FakeDocument document = fakes::ordinary_delta();
  document.changes.front().unit = "-";
  document.changes.front().baseline.clear();
  const std::string text = fakes::report<TerminalReporter>(document);
  EXPECT_NE(text.find(" - ->    2"), std::string::npos) << text;
}

TEST(TerminalDelta, ShowsEverythingAndColoursWhenAsked) {
  EXPECT_TRUE(matches_golden("reporters/delta-all.txt", document<TerminalReporter>(KTSTR_REPORT_ALL, 0)));
  EXPECT_NE(document<TerminalReporter>(KTSTR_REPORT_COLOUR, 80).find("\x1b[1;31mREGRESSED"),
            std::string::npos);
}

TEST(JsonDelta, HasEveryNumber) {
  EXPECT_TRUE(matches_golden("reporters/delta.json", document<JsonReporter>(0, 0)));
}

TEST(JsonReporter, NumbersKeepTheirLastDigit) {
  JsonReporter reporter(sdk::Host(nullptr), sdk::Creation());
  std::string out;
  const ktstr_writer writer = {sizeof writer, 0, &out,
                               [](void* ctx, const void* data, std::uint64_t len) noexcept -> ktstr_status {
                                 static_cast<std::string*>(ctx)->append(static_cast<const char*>(data), len);
                                 return KTSTR_OK;
                               }};
  ktstr_report_begin begin{};
  begin.size = sizeof begin;
  begin.document = KTSTR_DOCUMENT_TEST_RUN;
  begin.extra_json = str(R"({"seconds": 474.59380568556355})");  // Boost's own parser reads its neighbour
  ktstr_report_end end{};
  end.size = sizeof end;
  end.extra_json = str(R"({"left": 14.025674508164565})");
  reporter.begin(sdk::Writer(&writer), begin);
  reporter.end(sdk::Writer(&writer), end);
  EXPECT_NE(out.find("\"seconds\": 474.59380568556355"), std::string::npos) << out;
  EXPECT_NE(out.find("\"left\": 14.025674508164565"), std::string::npos) << out;
}

}  // namespace
}  // namespace ktstr::reporters
