// SPDX-License-Identifier: Apache-2.0
//
// What the runner makes of a manifest is what the agent reads of the spec: every manifest of the corpus,
// there and back.
#include <gtest/gtest.h>

#include <ktstr/kit/json_writer.hpp>

#include "agent/spec.hpp"
#include "guest/scenario_writer.hpp"
#include "guest/spec_writer.hpp"
#include "samples.hpp"

namespace ktstr::kvm {
namespace {

namespace json = boost::json;

std::string text_of_scenario(const Scenario& scenario) {
  JsonWriter writer;
  write_scenario(writer, scenario);
  return std::move(writer).finish();
}

TEST(Spec, ArrivesAsItWasSent) {
  std::ifstream file(std::string(KTSTR_MANIFEST_CORPUS) + "/accepted.json");
  std::ostringstream text;
  text << file.rdbuf();
  std::size_t steps = 0, sets = 0;
  const json::value rows = json::parse(text.str());
  for (const json::value& row : rows.as_array()) {
    for (const TestSpec& test : parse_manifest(json::serialize(row.at("manifest")), "a.json", "/p/a.json")) {
      std::string error;
      const auto arrived = agent::parse_spec(agent_spec(test, {}, 7, {}), 1 << 20, error);
      ASSERT_TRUE(arrived) << row.at("what") << ": " << error;
      EXPECT_EQ(text_of_scenario(arrived->scenario), text_of_scenario(test.scenario)) << row.at("what");
      EXPECT_EQ(arrived->latency_reservoir, latency_reservoir(test));
      steps += arrived->scenario.steps.size();
      sets += arrived->scenario.sets.size();
    }
  }
  EXPECT_GT(steps, 20U);
  EXPECT_GT(sets, 40U);
}

TEST(Spec, EveryRowOfTheTablesHasItsPlaceInTheText) {
  const TestSpec test =
      samples::test(R"({"name": "t", "root": [{"work": {"type": "TimerLatency", "interval_us": 77}}],
    "cgroups": [{"name": "g", "quota_us": 5000, "idle": true}],
    "steps": [{"name": "calm", "hold_pct": 50, "ops": [{"op": "spawn", "work": {"type": "Sequence", "actions": [{"lock": 3}]}}]}]})");
  std::string error;
  const auto arrived = agent::parse_spec(agent_spec(test, {}, 7, {}), 1 << 20, error);
  ASSERT_TRUE(arrived) << error;
  const Scenario& scenario = arrived->scenario;
  EXPECT_EQ(scenario.sets.at(0).cgroup, kRootCgroup);
  EXPECT_EQ(scenario.sets.at(0).work.count("interval_us"), 77U);
  EXPECT_EQ(scenario.steps.at(0).label, "calm");
  EXPECT_EQ(scenario.steps.at(0).hold_us, 1'000'000U);
  EXPECT_EQ(scenario.steps.at(0).operations.at(0).cgroup(), kRootCgroup);
  const auto* actions = scenario.sets.at(1).work.values.at(0).as<std::vector<Action>>();
  ASSERT_NE(actions, nullptr);
  EXPECT_EQ(actions->at(0), (Action{6, 3}));
  EXPECT_FALSE(scenario.sets.at(1).at_start);
}

}  // namespace
}  // namespace ktstr::kvm
