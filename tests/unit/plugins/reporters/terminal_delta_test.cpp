// SPDX-License-Identifier: Apache-2.0
//
// A comparison as people and as programs see it.
#include <gtest/gtest.h>

#include <cmath>

#include "documents.hpp"
#include "framework/golden.hpp"
#include "json_reporter.hpp"
#include "terminal_reporter.hpp"

namespace ktstr::reporters {
namespace {

using fakes::kNan;
using ::ktstr::testing::matches_golden;

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

const std::vector<fakes::FakeChange>& changes() {
  constexpr auto kLower = KTSTR_LOWER_IS_BETTER, kHigher = KTSTR_HIGHER_IS_BETTER;
  const std::string small = "1n1l2c1t", large = "1n2l4c1t", mine = "my_sched";
  static const std::vector<fakes::FakeChange> all = {
      {"wakeups",
       "worst_p99_wake_latency_us",
       "us",
       KTSTR_REGRESSED,
       kLower,
       {196, 199, 201},
       {2310, 2400, 2460},
       11,
       0.003,
       "",
       R"({"declared": true, "noisy": true, "spread_percent": {"baseline": 2.5, "head": 6.2}})",
       large,
       mine,
       0.0001,
       10.4,
       13.2},
      {"wakeups",
       "iteration_rate",
       "iter/s",
       KTSTR_REGRESSED,
       kHigher,
       {1000, 1010},
       {640, 650},
       -0.358,
       kNan,
       "only the min-max bands are disjoint (33 % by chance)",
       "{}",
       large,
       mine,
       0.004,
       0.61,
       0.67},
      {"pipes\x1b[2J",
       "worst_gap_ms",
       "ms",
       KTSTR_IMPROVED,
       kLower,
       {40, 42},
       {20, 20},
       -0.512,
       kNan,
       "",
       R"({"phase": "Step[2]"})",
       small,
       mine,
       kNan,
       kNan,
       kNan},
      {"pipes",
       "worst_spread",
       "%",
       KTSTR_EQUIVALENT,
       kLower,
       {4, 4.1},
       {4, 4.1},
       0,
       0.9,
       "",
       "{}",
       small,
       mine,
       0.9,
       0.99,
       1.01},
      {"pipes",
       "total_fallback",
       "",
       KTSTR_UNCHANGED,
       kLower,
       {0},
       {3},
       HUGE_VAL,
       kNan,
       "below the absolute gate of 5",
       "{}",
       small,
       mine,
       kNan,
       kNan,
       kNan}};
  return all;
}

/// A metric of scenario "a" without a word on how sure its gate is.
fakes::FakeChange change_of(const char* metric, const char* unit, std::uint32_t outcome, double before,
                            double after, double relative, const char* facts, const char* text = "") {
  return {"a",      metric,  unit,       outcome, KTSTR_LOWER_IS_BETTER,
          {before}, {after}, relative,   kNan,    text,
          facts,    "1n",    "my_sched", kNan,    kNan,
          kNan};
}

template <typename Reporter>
std::string document(std::uint32_t flags, std::uint32_t width,
                     std::vector<fakes::FakeChange> all = changes()) {
  fakes::FakeDocument comparison;
  comparison.document = KTSTR_DOCUMENT_PERF_DELTA;
  comparison.begin = kBegin;
  comparison.end = kEnd;
  comparison.exit_code = 1;
  comparison.changes = std::move(all);
  comparison.flags = flags;
  comparison.width = width;
  return fakes::report<Reporter>(comparison);
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
  fakes::FakeChange slower =
      change_of("iteration_rate", "iter/s", KTSTR_REGRESSED, 20, 2, -0.9, R"({"overcommitted": true})");
  slower.polarity = KTSTR_HIGHER_IS_BETTER;
  const std::vector<fakes::FakeChange> single = {
      change_of("worst_gap_ms", "ms", KTSTR_REGRESSED, 20, 2000, 99, R"({"suspect": true})"),
      change_of("worst_spread", "%", KTSTR_IMPROVED, 20, 2, -0.9, R"({"suspect": true})"), slower};
  const std::string text = document<TerminalReporter>(0, 0, single);
  for (const char* part :
       {"  suspect        worst_gap_ms", "  better?        worst_spread", "  informational  iteration_rate"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(TerminalDelta, AReasonThatRowsShareIsToldOnce) {
  std::vector<fakes::FakeChange> undecided(
      6, change_of("worst_gap_ms", "ms", KTSTR_INCONCLUSIVE, 20, 21, 0.05, "{}",
                   "needs at least 2 runs a side, has 1 and 1"));
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
  fakes::FakeDocument numbers;
  numbers.begin = R"({"seconds": 474.59380568556355})";  // Boost's own parser reads its neighbour
  numbers.end = R"({"left": 14.025674508164565})";
  const std::string out = fakes::report<JsonReporter>(numbers);
  EXPECT_NE(out.find("\"seconds\": 474.59380568556355"), std::string::npos) << out;
  EXPECT_NE(out.find("\"left\": 14.025674508164565"), std::string::npos) << out;
}

}  // namespace
}  // namespace ktstr::reporters
