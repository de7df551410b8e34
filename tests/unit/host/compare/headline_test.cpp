// SPDX-License-Identifier: Apache-2.0
#include "compare/headline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace ktstr {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

RunsASide each_side(std::uint64_t least, std::uint64_t most) {
  RunsASide made;
  made.add(least);
  made.add(most);
  return made;
}

MetricFinding latency() {
  return {"wakeups",      "worst_p99_wake_latency_us", "us", 196, 2310, 10.79, kNaN, 0.003, false,
          each_side(5, 5)};
}

/// A comparison of repeated runs in which everything could be seen.
JudgedFacts facts(Overall judged, std::uint64_t regressed, std::uint64_t families) {
  JudgedFacts made;
  made.judged = judged;
  made.counts.regressed = regressed;
  made.counts.regressed_families = families;
  made.counts.unchanged = 16 - regressed;
  made.counts.gating = 16;
  if (regressed > 0) made.worst = latency();
  made.runs = each_side(5, 5);
  made.repeated = made.by_family = true;
  made.fail_threshold = 1;
  made.reached = judged == Overall::kFail;
  made.sight.judged = 16;
  return made;
}

/// The reference page's: stored single runs, the gate `threshold`.
JudgedFacts stored(Overall judged, std::uint64_t regressed) {
  JudgedFacts made = facts(judged, regressed, 2);
  made.by_size_alone = "threshold";
  made.repeated = made.by_family = false;
  made.fail_threshold = 5;
  made.runs = each_side(1, 1);
  made.suspects = regressed;
  made.sight.unknown = 16 - regressed;
  if (made.worst) {
    made.worst->q_value = kNaN;
    made.worst->runs = made.runs;
  }
  return made;
}

TEST(MetricFinding, SaysWhatWhereHowMuchAndHowSure) {
  EXPECT_EQ(
      sentence_of(latency()),
      "worst_p99_wake_latency_us of wakeups rose from 196 us to 2.31 ms (x 11.8, q=0.003, 5 runs a side)");
  MetricFinding rate{"pipes", "iteration_rate", "iter/s", 123456, 79012,
                     -0.36,   0.0004,           kNaN,     true,   each_side(3, 5)};
  EXPECT_EQ(sentence_of(rate),
            "iteration_rate of pipes fell from 123456 iter/s to 79012 iter/s (-36 %, p<0.001, 3 to 5 runs a "
            "side, virtual time)");
  MetricFinding counted{
      "a",   "total_fallback", "", 0, 7, std::numeric_limits<double>::infinity(), kNaN, kNaN,
      false, each_side(1, 1)};
  EXPECT_EQ(sentence_of(counted), "total_fallback of a rose from 0 to 7 (1 run a side)");
}

TEST(Headline, AFailureCountsFacts) {
  const JudgedConclusion one = conclude_rows(facts(Overall::kFail, 6, 2));
  EXPECT_EQ(one.overall, Overall::kFail);
  EXPECT_THAT(
      one.headline,
      HasSubstr("the worst of 6 metrics in 2 families that got worse; the build fails from 1 family on"));
  JudgedFacts named = facts(Overall::kFail, 1, 1);
  named.reached = false;
  named.must_fail = {"worst_gap_ms"};
  EXPECT_THAT(conclude_rows(named).headline, HasSubstr("; --must-fail names worst_gap_ms"));
}

TEST(Headline, ThePagesRuleIsSaidInSoManyWords) {
  const JudgedConclusion six = conclude_rows(stored(Overall::kFail, 6));
  EXPECT_EQ(six.overall, Overall::kFail);
  EXPECT_THAT(six.headline, HasSubstr("suspects, one run a side cannot tell noise from change; with the gate "
                                      "threshold alone the build fails from 5 on, noise or not"));
  const JudgedConclusion two = conclude_rows(stored(Overall::kPass, 2));
  EXPECT_EQ(two.overall, Overall::kPass);
  EXPECT_THAT(
      two.headline,
      HasSubstr("suspects, one run a side cannot tell noise from change; below the 5 that fail the build"));
  const JudgedConclusion none = conclude_rows(stored(Overall::kPass, 0));
  EXPECT_EQ(none.overall, Overall::kPass);
  EXPECT_EQ(none.headline,
            "no metric got worse than its gate allows (1 run a side, which says nothing of noise)");
}

TEST(Headline, SuspectsOfOtherGatesAreNoFailure) {
  JudgedFacts others = stored(Overall::kFail, 6);
  others.by_size_alone.clear();
  EXPECT_EQ(conclude_rows(others).overall, Overall::kInconclusive);
  others.must_fail = {"worst_gap_ms"};
  EXPECT_EQ(conclude_rows(others).overall, Overall::kFail) << "somebody named the metric";
}

TEST(Headline, APassNeedsSight) {
  JudgedFacts dim = facts(Overall::kPass, 0, 0);
  dim.sight.blind = 8;
  EXPECT_EQ(conclude_rows(dim).overall, Overall::kPass) << "half is enough";
  EXPECT_EQ(conclude_rows(dim).headline,
            "no metric got worse: 8 of 16 metrics could have shown a change of their own gate's size (5 runs "
            "a side)");
  dim.sight.blind = 9;
  EXPECT_EQ(conclude_rows(dim).overall, Overall::kInconclusive);
  EXPECT_THAT(conclude_rows(dim).headline, HasSubstr("only 7 of 16 metrics could have shown"));
  dim.least_sight = 0;
  EXPECT_EQ(conclude_rows(dim).overall, Overall::kPass);
  JudgedFacts red = facts(Overall::kFail, 1, 1);
  red.sight.blind = 15;
  EXPECT_EQ(conclude_rows(red).overall, Overall::kFail) << "what was seen was seen";
}

TEST(Headline, EqualProgramsDifferByNoise) {
  JudgedFacts same = stored(Overall::kFail, 6);
  same.same_program = true;
  same.counts.improved = 35;
  EXPECT_EQ(conclude_rows(same).overall, Overall::kInconclusive);
  EXPECT_EQ(conclude_rows(same).headline,
            "same scheduler on both sides: every difference is noise (6 worse, 35 better, 1 run a side)");
  same.virtual_time = true;
  EXPECT_THAT(conclude_rows(same).headline, HasSubstr("these runs do not repeat"));
  JudgedFacts dark = facts(Overall::kPass, 0, 0);
  dark.same_program = true;
  dark.sight.blind = 16;
  EXPECT_EQ(conclude_rows(dark).overall, Overall::kPass)
      << "nothing can have changed, whatever could be seen";
  dark.counts.inconclusive = 16;
  dark.undecided = "16 metrics: needs at least 3 runs a side";
  EXPECT_EQ(conclude_rows(dark).overall, Overall::kInconclusive)
      << "what lacks more than sight was not judged";
}

TEST(Headline, OvercommittedGuestsAloneProveNothing) {
  JudgedFacts shared = facts(Overall::kPass, 0, 0);
  shared.counts.gating = 0;
  shared.counts.informational = shared.overcommitted = 16;
  shared.sight = {};
  EXPECT_EQ(conclude_rows(shared).overall, Overall::kInconclusive);
  EXPECT_THAT(conclude_rows(shared).headline, HasSubstr("--deterministic"));
}

TEST(Headline, WithoutAMetricThatGatesThereIsNoPass) {
  for (const bool same_program : {false, true}) {
    JudgedFacts idle = stored(Overall::kPass, 0);
    idle.counts = {};
    idle.counts.unchanged = 14;
    idle.same_program = same_program;
    EXPECT_EQ(conclude_rows(idle).overall, Overall::kInconclusive);
    EXPECT_THAT(conclude_rows(idle).headline,
                HasSubstr("no metric that both sides have gates (14 informational"));
    idle.watched = 1;
    EXPECT_EQ(conclude_rows(idle).overall, Overall::kPass) << "--must-fail asks about one";
    idle.judged = Overall::kFail;
    idle.must_fail = {"worst_gap_ms"};
    idle.watched = 0;
    EXPECT_EQ(conclude_rows(idle).overall, same_program ? Overall::kInconclusive : Overall::kFail)
        << "it tripped";
  }
}

TEST(Headline, WhatFailsInEveryRunOfVirtualTimeIsCertain) {
  JudgedFacts broken;
  broken.failing = {"wakeups"};
  EXPECT_EQ(conclude_rows(broken).overall, Overall::kFail);
  EXPECT_EQ(conclude_rows(broken).headline,
            "wakeups failed in every run on HEAD and in none of the baseline, which in virtual time is no "
            "accident");
}

TEST(Headline, TheReasonThatMostShareIsTold) {
  JudgedFacts open = facts(Overall::kInconclusive, 0, 0);
  open.undecided = "15 metrics needs at least 2 runs a side, has 1 and 1";
  EXPECT_THAT(conclude_rows(open).headline, HasSubstr("not everything could be judged: 15 metrics needs"));
  EXPECT_EQ(conclude_rows({}).overall, Overall::kEmpty);
  EXPECT_EQ(conclude_rows({}).headline, "");
}

}  // namespace
}  // namespace ktstr
