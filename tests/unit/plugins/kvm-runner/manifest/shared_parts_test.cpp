// SPDX-License-Identifier: Apache-2.0
#include "manifest/shared_parts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "manifest/demands.hpp"
#include "manifest/manifest.hpp"

namespace ktstr::kvm {
namespace {

using ::testing::HasSubstr;

constexpr const char* kWork = R"("cgroups": [{"name": "c", "work": {"type": "SpinWait"}}])";

std::vector<TestSpec> parse(const std::string& tests, const std::string& more) {
  return parse_manifest("{" + more + R"(, "tests": [)" + tests + "]}", "t.json", "t.json");
}

std::optional<double> limit_of(const TestSpec& test, std::string_view name) {
  return test.assertions[assertion_row(name)];
}

TEST(SharedParts, LayersAreDefaultsSchedulerTest) {
  const auto tests = parse(
      R"({"name": "a", "scheduler": "s", "assert": {"max_gap_ms": 3}, )" + std::string(kWork) + "}",
      R"("defaults": {"duration_ms": 70, "assert": {"max_gap_ms": 1, "not_stuck": true, "max_spread_pct": 9}, "topology": "1n1l1c1t"},
                              "schedulers": {"s": {"binary": "b", "topology": "1n2l2c1t", "assert": {"max_gap_ms": 2, "max_spread_pct": 5}}})");
  ASSERT_EQ(tests.size(), 1U);
  EXPECT_EQ(tests[0].scheduler_name(), "s");
  EXPECT_EQ(tests[0].topology.text(), "1n2l2c1t");
  EXPECT_EQ(tests[0].scenario.duration_ms, 70U);
  EXPECT_EQ(limit_of(tests[0], "max_gap_ms"), 3.0);
  EXPECT_EQ(limit_of(tests[0], "max_spread_pct"), 5.0);
  EXPECT_EQ(limit_of(tests[0], "not_stuck"), 1.0);
}

TEST(SharedParts, ALimitIsOfTheLayerThatSaysItLast) {
  const auto tests = parse(
      R"({"name": "a", "scheduler": "s", "assert": {"max_gap_ms": 3}, "expect": [{"that": "never_above", "series": "nr_running", "max": 9.5}], )" +
          std::string(kWork) + "}",
      R"("defaults": {"assert": {"max_gap_ms": 1, "not_stuck": true}},
         "schedulers": {"s": {"binary": "b", "assert": {"max_gap_ms": 2, "max_spread_pct": 5}}})");
  EXPECT_EQ(boost::json::parse(demands_json(tests.at(0))), boost::json::parse(R"([
      {"name": "not_stuck", "limit": true, "from": "defaults"},
      {"name": "max_gap_ms", "limit": 3, "from": "test"},
      {"name": "max_spread_pct", "limit": 5.0, "from": "scheduler s"},
      {"name": "expect: never_above", "limit": "nr_running, at most 9.5", "from": "test"}])"));
}

TEST(SharedParts, SeveralSchedulersAreVariants) {
  const auto tests = parse(R"({"name": "a", "schedulers": ["s", "eevdf"], )" + std::string(kWork) + "}",
                           R"("schedulers": {"s": {"binary": "b", "args": ["-x"]}})");
  ASSERT_EQ(tests.size(), 2U);
  EXPECT_EQ(tests[0].scheduler->args, std::vector<std::string>{"-x"});
  EXPECT_FALSE(tests[1].scheduler.has_value());
}

TEST(SharedParts, TheProjectsSchedulersAreThereForEveryManifestBelowItsOwn) {
  const boost::json::object project =
      boost::json::parse(R"({"s": {"binary": "p"}, "t": {"binary": "q", "assert": {"max_gap_ms": 7}}})")
          .as_object();
  const std::string test =
      R"({"name": "a", "scheduler": "t", "cgroups": [{"name": "c", "work": {"type": "SpinWait"}}],
    "steps": [{"hold_ms": 10, "ops": [{"op": "replace_scheduler", "scheduler": "s"}]}]})";
  const auto alone = parse_manifest(test, "t.json", "t.json", project);
  EXPECT_EQ(alone.at(0).scheduler->binary, "q");
  EXPECT_EQ(limit_of(alone[0], "max_gap_ms"), 7.0);
  EXPECT_EQ(alone[0].others.at(0).binary, "p");
  const auto own = parse_manifest(R"({"schedulers": {"s": {"binary": "mine"}}, "tests": [)" + test + "]}",
                                  "t.json", "t.json", project);
  EXPECT_EQ(own.at(0).others.at(0).binary, "mine") << "the manifest's own goes first";
  EXPECT_EQ(own[0].scheduler->binary, "q");
}

TEST(SharedParts, AnUnknownSchedulerIsAMistake) {
  try {
    parse(R"({"name": "a", "scheduler": "layred", )" + std::string(kWork) + "}",
          R"("schedulers": {"layered": {"binary": "b"}})");
    FAIL();
  } catch (const Mistake& mistake) {
    EXPECT_THAT(
        mistake.message(),
        HasSubstr(
            "\"layred\" is no scheduler of this manifest or of the project (did you mean \"layered\"?)"));
  }
}

TEST(SharedParts, DefaultsDoNotContradictVariants) {
  const auto tests =
      parse(R"({"name": "a", "topologies": ["1n1l1c1t", "1n1l2c1t"], )" + std::string(kWork) + "}",
            R"("defaults": {"topology": "1n2l2c1t"})");
  EXPECT_EQ(tests.size(), 2U);
}

TEST(Gauntlet, TakesThePresetsThatFit) {
  const auto tests = parse_manifest(
      R"({"name": "a", "topologies": {"gauntlet": {"max_cpus": 8}}, )" + std::string(kWork) + "}", "t", "t");
  EXPECT_EQ(tests.size(), 3U);  // tiny-1llc, tiny-2llc, smt-2llc
  const auto uneven_too =
      parse_manifest(R"({"name": "a", "topologies": {"gauntlet": {"max_cpus": 8, "uneven": true}}, )" +
                         std::string(kWork) + "}",
                     "t", "t");
  ASSERT_EQ(uneven_too.size(), 5U);
  EXPECT_EQ(uneven_too[3].topology.text(), "1n2l3+1c1t");
  EXPECT_EQ(uneven_too[4].topology.text(), "1n2l2c2+1t");
  EXPECT_THROW(parse_manifest(R"({"name": "a", "topologies": {"gauntlet": {"max_cpus": 1}}, )" +
                                  std::string(kWork) + "}",
                              "t", "t"),
               Mistake);
  EXPECT_EQ(parse_manifest(R"({"name": "a", "topology": "numa2-4llc", )" + std::string(kWork) + "}", "t", "t")
                .at(0)
                .topology.text(),
            "2n4l4c1t");
}

}  // namespace
}  // namespace ktstr::kvm
