// SPDX-License-Identifier: Apache-2.0
#include "compare/conclusion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktstr {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// A comparison in which everything was there and nothing changed.
ConclusionFacts fine() {
  ConclusionFacts facts;
  facts.judged = Overall::kPass;
  facts.found = "no metric got worse";
  facts.scenarios = 2;
  facts.baseline_label = "aaaaaaa";
  facts.head_label = "bbbbbbb";
  return facts;
}

ConclusionFacts nothing() {
  ConclusionFacts facts = fine();
  facts.found.clear();
  facts.judged = Overall::kEmpty;
  facts.scenarios = 0;
  return facts;
}

const ShortfallKind kEveryKind[] = {
    ShortfallKind::kCouldNotRun, ShortfallKind::kDidNotPass,   ShortfallKind::kUnfinished,
    ShortfallKind::kUnreadable,  ShortfallKind::kNewer,        ShortfallKind::kOtherTree,
    ShortfallKind::kOtherKernel, ShortfallKind::kOtherMachine, ShortfallKind::kSkipped,
    ShortfallKind::kLeftOut,     ShortfallKind::kUnpaired,     ShortfallKind::kNoCgroup,
    ShortfallKind::kNoValue};

TEST(Conclude, ABaselineThatIsRequiredAndNotThereIsAFailure) {
  ConclusionFacts facts = nothing();
  facts.baseline_has_performance_tests = false;
  EXPECT_EQ(conclude(facts).code, ExitCode::kFine);
  facts.baseline_required = true;
  EXPECT_EQ(conclude(facts).code, ExitCode::kFailed);
  EXPECT_EQ(conclude(facts).overall, Overall::kFail);
  EXPECT_THAT(conclude(facts).headline, HasSubstr("aaaaaaa, and --require-baseline wants one"));
  facts.shortfalls = {{ShortfallKind::kUnpaired, false, "", "its sidecars were put aside", false}};
  EXPECT_EQ(conclude(facts).code, ExitCode::kFailed);
  EXPECT_THAT(conclude(facts).headline, HasSubstr("put aside"));
  ConclusionFacts there = fine();
  there.baseline_required = true;
  EXPECT_EQ(conclude(there).code, ExitCode::kFine);
}

TEST(Conclude, NoKindOfShortfallIsAPassUnlessItIsMinor) {
  for (const ShortfallKind kind : kEveryKind) {
    for (const bool head : {false, true}) {
      ConclusionFacts facts = fine();
      facts.shortfalls = {{kind, head, "wakeups", "why"}};
      EXPECT_EQ(conclude(facts).code, ExitCode::kInconclusive) << shortfall_name(kind);
      EXPECT_THAT(conclude(facts).headline, HasSubstr(head ? "HEAD" : "the baseline"));
      facts.shortfalls.front().minor = true;
      EXPECT_EQ(conclude(facts).code, ExitCode::kFine) << shortfall_name(kind);
      facts.strict = true;
      EXPECT_EQ(conclude(facts).code, ExitCode::kInconclusive) << shortfall_name(kind);
    }
  }
}

TEST(Conclude, WithoutARowOnlyABaselineWithoutTestsIsFine) {
  for (const ShortfallKind kind : kEveryKind) {
    for (const bool minor : {false, true}) {
      for (const bool has_tests : {false, true}) {
        ConclusionFacts facts = nothing();
        facts.baseline_has_performance_tests = has_tests;
        facts.shortfalls = {{kind, true, "wakeups", "", minor}};
        EXPECT_EQ(conclude(facts).code,
                  kind == ShortfallKind::kCouldNotRun ? ExitCode::kEnvironment : ExitCode::kInconclusive)
            << shortfall_name(kind);
      }
    }
  }
  ConclusionFacts facts = nothing();
  EXPECT_EQ(conclude(facts).code, ExitCode::kInconclusive)
      << "the baseline has tests, and no row came of them";
  facts.head_has_performance_tests = false;
  EXPECT_EQ(conclude(facts).code, ExitCode::kInconclusive);
  facts.baseline_has_performance_tests = false;
  EXPECT_EQ(conclude(facts).code, ExitCode::kFine);
  EXPECT_EQ(conclude(facts).overall, Overall::kEmpty);
  EXPECT_EQ(conclude(facts).headline, "the baseline aaaaaaa has no performance_mode test");
  facts.baseline_is_known = false;
  EXPECT_EQ(conclude(facts).code, ExitCode::kFine);
  EXPECT_EQ(conclude(facts).headline, "the pool has no performance_mode sidecar of the baseline aaaaaaa");
  facts.strict = true;
  EXPECT_EQ(conclude(facts).code, ExitCode::kInconclusive);
}

TEST(Conclude, CountsWhatIsMissingInTheHeadline) {
  ConclusionFacts facts = fine();
  for (const char* scenario : {"a", "b", "c"})
    facts.shortfalls.push_back({ShortfallKind::kCouldNotRun, true, scenario, "no such file: build/mine"});
  facts.shortfalls.push_back({ShortfallKind::kSkipped, false, "d", ""});
  EXPECT_THAT(conclude(facts).headline,
              HasSubstr("3 scenarios could not run on HEAD (no such file: build/mine); 1 scenario was "
                        "skipped or expected to fail on the baseline"));
  facts.shortfalls.push_back({ShortfallKind::kCouldNotRun, false, "a", ""});
  EXPECT_THAT(conclude(facts).headline,
              HasSubstr("2 scenarios could not run on HEAD, 1 scenario could not run on either side"));
  facts.shortfalls.assign(1, {ShortfallKind::kNoValue, true, "a", "worst_gap_ms"});
  EXPECT_THAT(conclude(facts).headline, HasSubstr("1 metric has no value on HEAD (worst_gap_ms)"));
}

TEST(Conclude, AFailureStaysAFailureAndTellsWhatElseIsMissing) {
  ConclusionFacts facts = fine();
  facts.judged = Overall::kFail;
  facts.found = "6 metrics got worse";
  facts.shortfalls = {{ShortfallKind::kUnfinished, true, "a", ""}};
  EXPECT_EQ(conclude(facts).code, ExitCode::kFailed);
  EXPECT_THAT(
      conclude(facts).headline,
      HasSubstr("6 metrics got worse; besides, 1 scenario is missing because the run ended early on HEAD"));
}

TEST(Conclude, WarningsCountOnlyWhenStrict) {
  ConclusionFacts facts = fine();
  facts.warnings = 2;
  EXPECT_EQ(conclude(facts).code, ExitCode::kFine);
  EXPECT_THAT(conclude(facts).headline, Not(HasSubstr("warning")));
  facts.strict = true;
  EXPECT_EQ(conclude(facts).code, ExitCode::kInconclusive);
  EXPECT_THAT(conclude(facts).headline, HasSubstr("2 warnings"));
  facts.warnings = 0;
  EXPECT_EQ(conclude(facts).code, ExitCode::kFine);
}

}  // namespace
}  // namespace ktstr
