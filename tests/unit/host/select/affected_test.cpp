// SPDX-License-Identifier: Apache-2.0
#include "select/affected.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktstr {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Paths = std::vector<std::string>;

const std::vector<TestInputs>& three_tests() {
  static const std::vector<TestInputs> tests = {
      {"mine", "tests/mine.json", true, {"build/scx_mine", "conf"}, {"mine"}},
      {"both", "tests/both.json", true, {"conf/layers.json"}, {"mine", "other"}},
      {"kernel", "tests/kernel.json", true, {"tests/kernel.json"}, {}},
  };
  return tests;
}

const ChangeRules kRules = {{{"mine", {"mine.*", "lib/"}}, {"other", {"src/other/*.c"}}, {"*", {"Makefile"}}},
                            {"*.md", "docs/", "lib/*.txt"},
                            "ktstr.json"};

/// Names of the tests that are affected.
Paths touched(const Paths& changed, const ChangeRules& rules = kRules) {
  const ChangeEffects effects = effects_of(changed, three_tests(), rules);
  Paths names;
  for (std::size_t i = 0; i < three_tests().size(); ++i) {
    if (effects.tests[i].affected) names.push_back(three_tests()[i].name);
  }
  return names;
}

TEST(Affected, AFileOfATestTouchesThatTest) {
  EXPECT_THAT(touched({}), IsEmpty());
  EXPECT_THAT(touched({"tests/kernel.json"}), ElementsAre("kernel"));
  EXPECT_THAT(touched({"build/scx_mine"}), ElementsAre("mine"));
  EXPECT_THAT(touched({"conf/layers.json"}), ElementsAre("mine", "both")) << "below a directory";
  EXPECT_THAT(touched({"conf/other.json"}), ElementsAre("mine"));
}

TEST(Affected, SourcesTouchTheTestsOfTheirScheduler) {
  EXPECT_THAT(touched({"mine.bpf.c"}), ElementsAre("mine", "both"));
  EXPECT_THAT(touched({"deep/mine.bpf.c"}), ElementsAre("mine", "both")) << "a name is one wherever it lies";
  EXPECT_THAT(touched({"src/other/x/a.c"}), ElementsAre("both"));
  EXPECT_THAT(touched({"Makefile"}), ElementsAre("mine", "both")) << "not the kernel's own";
  EXPECT_THAT(touched({"lib/a.h"}), ElementsAre("mine", "both"));
  const ChangeEffects effects = effects_of(Paths{"mine.h"}, three_tests(), kRules);
  EXPECT_EQ(effects.tests[0].file, "mine.h");
  EXPECT_EQ(effects.tests[0].why, "a source of mine");
  EXPECT_FALSE(effects.tests[2].affected);
}

TEST(Affected, WhatIsIrrelevantTouchesNobodyUnlessATestNamesIt) {
  EXPECT_THAT(touched({"README.md", "docs/a/b.c", "lib/notes.txt"}), IsEmpty());
  EXPECT_THAT(touched({"tests/kernel.json"}, {{}, {"*.json"}, "ktstr.json"}), ElementsAre("kernel"));
  EXPECT_THAT(touched({"ktstr.json"}, {{}, {"*.json"}, "ktstr.json"}), ElementsAre("mine", "both", "kernel"));
}

TEST(Affected, WhatNobodyClaimsTouchesAll) {
  const ChangeEffects effects =
      effects_of(Paths{"README.md", "strange.c", "../beside/x"}, three_tests(), kRules);
  EXPECT_THAT(effects.unclaimed, ElementsAre("strange.c", "../beside/x"));
  for (const Effect& effect : effects.tests) {
    EXPECT_TRUE(effect.affected);
    EXPECT_EQ(effect.file, "strange.c");
  }
  EXPECT_THAT(touched({"src/other.c"}), ElementsAre("mine", "both", "kernel"));
}

TEST(Affected, ARunnerThatTellsNothingIsInDoubt) {
  std::vector<TestInputs> tests = three_tests();
  tests.push_back({"silent", "tests/silent.json", false, {}, {}});
  EXPECT_TRUE(effects_of(Paths{"mine.c"}, tests, kRules).tests[3].affected);
  EXPECT_TRUE(effects_of(Paths{"tests/kernel.json"}, tests, kRules).tests[3].affected);
  EXPECT_FALSE(effects_of(Paths{"README.md"}, tests, kRules).tests[3].affected);
}

TEST(Affected, WithoutAWordOfWhatChangedEverythingIs) {
  const ChangeEffects effects = effects_of(std::nullopt, three_tests(), kRules);
  EXPECT_THAT(effects.unclaimed, IsEmpty());
  for (const Effect& effect : effects.tests) EXPECT_TRUE(effect.affected);
}

TEST(Affected, Patterns) {
  EXPECT_TRUE(names_path("*.c", "a/b.c"));
  EXPECT_FALSE(names_path("*.c", "a.c/b"));
  EXPECT_TRUE(names_path("a/", "a/b/c"));
  EXPECT_FALSE(names_path("a/", "aa/b"));
  EXPECT_FALSE(names_path("a/", "a"));
  EXPECT_TRUE(names_path("a/*", "a/b/c"));
  EXPECT_TRUE(names_path("../lib/*", "../lib/x.c"));
  EXPECT_FALSE(names_path("", "a"));
}

}  // namespace
}  // namespace ktstr
