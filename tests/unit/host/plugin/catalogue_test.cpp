// SPDX-License-Identifier: Apache-2.0
#include "plugin/catalogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixture_plugins.hpp"
#include "framework/comparisons.hpp"

namespace ktstr {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Plugins : public ::testing::Test, protected FixturePlugins {
 protected:
  std::string problem(const std::string& fixture) {
    install(fixture);
    auto all = catalogue();
    const auto gate = all.make_gate("fixture", "{}");
    if (gate) return {};
    EXPECT_EQ(gate.error().code, ExitCode::kPlugin);
    return gate.error().message;
  }
  /// Two comparisons: HEAD above and below the baseline.
  static Result<std::vector<ktstr_verdict>> judge(GatePort& gate) {
    ktstr_comparison worse{}, better{};
    worse.size = better.size = sizeof worse;
    worse.baseline = worse.head = better.baseline = better.head =
        testing::samples(nullptr, nullptr, nullptr, 0);
    worse.history = better.history = testing::no_history();
    worse.baseline_estimate = 1;
    worse.head_estimate = 2;
    better.baseline_estimate = 2;
    better.head_estimate = 1;
    return gate.evaluate({&worse, &better});
  }
};

TEST_F(Plugins, AGoodGateWorks) {
  install("good-gate");
  auto all = catalogue();
  ASSERT_EQ(all.plugins().size(), 1U);
  EXPECT_EQ(all.plugins()[0].manifest.id, "test.ktstr.fixture-good-gate");
  for (const char* name : {"fixture-good", "test.ktstr.fixture-good-gate/fixture-good"}) {
    auto gate = all.make_gate(name, "{}");
    ASSERT_TRUE(gate) << gate.error().message;
    EXPECT_EQ((*gate)->min_samples(), 3U);
    const auto verdicts = judge(**gate);
    ASSERT_TRUE(verdicts);
    EXPECT_EQ((*verdicts)[0].outcome, KTSTR_REGRESSED);
    EXPECT_EQ((*verdicts)[1].outcome, KTSTR_UNCHANGED);
    EXPECT_TRUE((*gate)->evaluate({})->empty());
  }
}

TEST_F(Plugins, AGateInCWithoutStateWorks) { EXPECT_EQ(problem("minimal-c"), ""); }

TEST_F(Plugins, ErrorsOfAnInstanceComeThrough) {
  install("good-gate");
  auto all = catalogue();
  const auto bad_option = all.make_gate("fixture-good", "{\"x\":1}");
  ASSERT_FALSE(bad_option);
  EXPECT_EQ(bad_option.error().code, ExitCode::kUsage);
  EXPECT_EQ(bad_option.error().message, "unknown option\\x1b[0m in {\"x\":1}");
  EXPECT_EQ(bad_option.error().hint, "mode");
  const auto error = judge(**all.make_gate("fixture-good", "{\"mode\":\"error\"}"));
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().code, ExitCode::kEnvironment);
  EXPECT_EQ(error.error().message, "gate fixture-good: cannot judge");
  const auto thrown = judge(**all.make_gate("fixture-good", "{\"mode\":\"throw\"}"));
  ASSERT_FALSE(thrown);
  EXPECT_EQ(thrown.error().message, "gate fixture-good: thrown on purpose");
  EXPECT_EQ(thrown.error().code, ExitCode::kPlugin);
}

TEST_F(Plugins, WhatAGateSaysIsChecked) {
  install("good-gate");
  auto all = catalogue();
  const auto outcome = judge(**all.make_gate("fixture-good", "{\"mode\":\"bad-outcome\"}"));
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("an outcome that does not exist (77)"));
  const auto text = judge(**all.make_gate("fixture-good", "{\"mode\":\"unterminated\"}"));
  ASSERT_TRUE(text);
  EXPECT_EQ(std::string((*text)[0].text).size(), sizeof(ktstr_verdict::text) - 1);
  ASSERT_TRUE(judge(**all.make_gate("fixture-good", "{\"mode\":\"log\"}")));
  EXPECT_THAT(log,
              ElementsAre("gate fixture-good (test.ktstr.fixture-good-gate): line\\x0awith \\x1b[31mcolour"));
}

TEST_F(Plugins, WrongDescriptorsAreRefused) {
  EXPECT_THAT(problem("wrong-major"), HasSubstr("built for ABI 2.0, this host speaks 1.x"));
}
TEST_F(Plugins, WrongId) {
  EXPECT_THAT(problem("wrong-id"),
              HasSubstr("id: its entry says \"test.ktstr.other\", its manifest \"test.ktstr.fixture\""));
}
TEST_F(Plugins, WrongName) {
  EXPECT_THAT(problem("wrong-name"),
              HasSubstr("its entry offers ktstr.gate/1 \"another\", which its manifest does not name"));
}
TEST_F(Plugins, TooShort) {
  EXPECT_THAT(problem("too-short"), HasSubstr("its descriptor is too short (24 bytes)"));
}
TEST_F(Plugins, NoFunction) {
  EXPECT_THAT(problem("no-function"), HasSubstr("its table for ktstr.gate/1 lacks evaluate"));
}
TEST_F(Plugins, NoEntry) { EXPECT_THAT(problem("no-entry"), HasSubstr("has no ktstr_plugin_entry_v1")); }

TEST_F(Plugins, AVersionThatDisagreesIsRefused) {
  install("minimal-c");
  std::string manifest = tree.read("minimal-c/fixture-minimal-c.ktstr-plugin.json");
  manifest.replace(manifest.find("1.0.0"), 5, "1.0.1");
  tree.write("minimal-c/fixture-minimal-c.ktstr-plugin.json", manifest);
  auto all = catalogue();
  EXPECT_THAT(all.make_gate("fixture", "{}").error().message,
              HasSubstr("version: its entry says \"1.0.0\", its manifest \"1.0.1\""));
}

TEST_F(Plugins, ANewerMinorIsRefusedBeforeAnyCodeRuns) {
  install("minimal-c");
  std::string manifest = tree.read("minimal-c/fixture-minimal-c.ktstr-plugin.json");
  manifest.replace(manifest.find("\"name\""), 6, "\"min_minor\": 9, \"name\"");
  tree.write("minimal-c/fixture-minimal-c.ktstr-plugin.json", manifest);
  fs::remove(tree / "minimal-c/fixture-minimal-c.so");
  tree.write("minimal-c/fixture-minimal-c.so", "no library at all");
  auto all = catalogue();
  EXPECT_THAT(all.make_gate("fixture", "{}").error().message, HasSubstr("needs ABI 1.9"));
}

TEST_F(Plugins, AFailingInitIsTriedOnceAndKeepsItsMeaning) {
  install("failing-init");
  auto all = catalogue();
  for (int i = 0; i < 2; ++i) {
    const auto gate = all.make_gate("fixture", "{}");
    ASSERT_FALSE(gate);
    EXPECT_EQ(gate.error().code, ExitCode::kEnvironment);
    EXPECT_EQ(gate.error().message, "plugin test.ktstr.fixture could not start: init failed on purpose");
  }
}

TEST_F(Plugins, AFileThatIsNoLibraryIsAnError) {
  install("minimal-c");
  fs::remove(tree / "minimal-c/fixture-minimal-c.so");
  tree.write("minimal-c/fixture-minimal-c.so", "\177ELF nonsense");
  auto all = catalogue();
  EXPECT_THAT(all.make_gate("fixture", "{}").error().message, HasSubstr("cannot be loaded"));
}

TEST_F(Plugins, WhatIsNotTrustedIsNotLoaded) {
  install("minimal-c");
  tree.chmod("minimal-c/fixture-minimal-c.ktstr-plugin.json", 0666);
  auto all = catalogue();
  EXPECT_THAT(all.make_gate("fixture", "{}").error().message, HasSubstr("not trusted: "));
  tree.chmod("minimal-c/fixture-minimal-c.ktstr-plugin.json", 0644);
  EXPECT_TRUE(all.make_gate("fixture", "{}"));
}

TEST_F(Plugins, IdsOfShippedPluginsAreReserved) {
  install("minimal-c");
  std::string manifest = tree.read("minimal-c/fixture-minimal-c.ktstr-plugin.json");
  manifest.replace(manifest.find("test.ktstr.fixture"), 18, "org.ktstr.gate-fdr");
  tree.write("minimal-c/fixture-minimal-c.ktstr-plugin.json", manifest);
  auto all = catalogue();
  EXPECT_EQ(all.plugins()[0].problem,
            "the id org.ktstr.gate-fdr is reserved for plugins that come with ktstr");
  EXPECT_FALSE(all.make_gate("fixture", "{}"));
  EXPECT_EQ(all.make_gate("org.ktstr.gate-fdr/fixture", "{}").error().code, ExitCode::kPlugin);
  search.places[0].installed = true;
  auto installed = catalogue();
  EXPECT_EQ(installed.plugins()[0].problem, "");
}

TEST_F(Plugins, ReservedFieldsMustBeZero) {
  EXPECT_THAT(problem("reserved"), HasSubstr("a reserved field of its table for ktstr.gate/1 is not 0"));
}

TEST_F(Plugins, EachInstanceHasAHostOfItsOwn) {
  install("more-kinds");
  auto all = catalogue();
  ASSERT_TRUE(all.make_gate("growing", "{}"));
  ASSERT_TRUE(all.make_gate("test.ktstr.fixture-growth/growing", "{}"));
  EXPECT_THAT(log, ElementsAre("gate growing (test.ktstr.fixture-growth): gate growing",
                               "gate test.ktstr.fixture-growth/growing (test.ktstr.fixture-growth): gate "
                               "test.ktstr.fixture-growth/growing"));
}

TEST_F(Plugins, PluginsOfOtherTimesWork) {
  for (const char* fixture : {"more-kinds", "grown", "cut"}) {
    search.places.clear();
    install(fixture);
    auto all = catalogue();
    auto gate = all.make_gate("growing", "{}");
    ASSERT_TRUE(gate) << fixture << ": " << gate.error().message;
    const auto verdicts = judge(**gate);
    ASSERT_TRUE(verdicts) << fixture << ": " << verdicts.error().message;
    EXPECT_EQ((*verdicts)[0].outcome, KTSTR_REGRESSED) << fixture;
    EXPECT_FALSE(all.load("ktstr.gate/2", "growing")) << fixture;
    EXPECT_FALSE(all.load("ktstr.oracle/1", "delphi")) << fixture;
  }
}

TEST_F(Plugins, OptionsFitTheSchema) {
  install("minimal-c");
  auto all = catalogue();
  const auto gate = all.make_gate("fixture", R"({"x": 1})");
  ASSERT_FALSE(gate);
  EXPECT_EQ(gate.error().code, ExitCode::kUsage);
  EXPECT_EQ(gate.error().message, "gate fixture: unknown option \"x\"");
}

TEST_F(Plugins, TheFirstIdWins) {
  install("minimal-c");
  install("wrong-name");  // the same id
  auto all = catalogue();
  ASSERT_EQ(all.plugins().size(), 2U);
  EXPECT_FALSE(all.plugins()[0].shadowed);
  EXPECT_TRUE(all.plugins()[1].shadowed);
  EXPECT_TRUE(all.make_gate("fixture", "{}"));
}

TEST_F(Plugins, TwoOffersOfANameNeedTheId) {
  install("minimal-c");
  std::string other = tree.read("minimal-c/fixture-minimal-c.ktstr-plugin.json");
  other.replace(other.find("test.ktstr.fixture"), 18, "test.ktstr.another");
  tree.write("minimal-c/other.ktstr-plugin.json", other);
  auto all = catalogue();
  const auto gate = all.make_gate("fixture", "{}");
  ASSERT_FALSE(gate);
  EXPECT_EQ(gate.error().code, ExitCode::kUsage);
  EXPECT_EQ(gate.error().hint, "say which one: test.ktstr.fixture/fixture or test.ktstr.another/fixture");
  EXPECT_TRUE(all.make_gate("test.ktstr.fixture/fixture", "{}"));
}

TEST_F(Plugins, UnknownNamesGetASuggestion) {
  install("minimal-c");
  tree.write("minimal-c/broken.ktstr-plugin.json", "{");
  search.places.push_back({tree / "none", "KTSTR_PLUGIN_PATH"});
  auto all = catalogue();
  ASSERT_EQ(all.plugins().size(), 2U);
  EXPECT_THAT(all.plugins()[0].problem, HasSubstr("broken.ktstr-plugin.json: line 1"));
  const auto gate = all.make_gate("fixtrue", "{}");
  ASSERT_FALSE(gate);
  EXPECT_EQ(gate.error().code, ExitCode::kUsage);
  EXPECT_EQ(gate.error().message, "there is no gate \"fixtrue\" (did you mean \"fixture\"?)");
  EXPECT_EQ(gate.error().hint, "known: fixture; not usable: broken.ktstr-plugin.json");
  EXPECT_THAT(all.make_store("fs", "{}").error().hint, HasSubstr("no plugin offers a store"));
}

TEST(KindOf, TakesTheMiddle) {
  EXPECT_EQ(kind_of("ktstr.gate/1"), "gate");
  EXPECT_EQ(kind_of("odd"), "odd");
  EXPECT_EQ(kind_of("a/b.c"), "a/b.c");
}

}  // namespace
}  // namespace ktstr
