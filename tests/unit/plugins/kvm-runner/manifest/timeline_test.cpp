// SPDX-License-Identifier: Apache-2.0
#include "manifest/timeline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "samples.hpp"

namespace ktstr::kvm {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> schedulers_of(const std::string& steps, const std::string& own) {
  const TestSpec test = samples::test(R"({"name": "t", "root": [{"work": {"type": "SpinWait"}}], )" + own +
                                      R"("steps": [)" + steps + "]}");
  std::vector<std::string> names;
  for (const PlannedPhase& phase : planned_phases(test)) names.push_back(phase.label + " " + phase.scheduler);
  return names;
}

TEST(Timeline, SaysWhoIsInForceAtTheEndOfEachPhase) {
  EXPECT_THAT(schedulers_of(R"({"name": "a", "hold_ms": 1},
        {"name": "b", "hold_ms": 1, "ops": [{"op": "replace_scheduler", "scheduler": {"name": "y", "binary": "y"}},
          {"op": "mark", "label": "m"}, {"op": "detach_scheduler"}]},
        {"name": "c", "hold_ms": 1, "ops": [{"op": "attach_scheduler"}]},
        {"name": "d", "hold_ms": 1, "ops": [{"op": "replace_scheduler", "scheduler": "eevdf"}]})",
                            R"("scheduler": {"name": "x", "binary": "x"}, )"),
              ElementsAre("a x", "b y", "m eevdf", "c y", "d eevdf"));
  EXPECT_THAT(
      schedulers_of(
          R"({"name": "a", "hold_ms": 1}, {"name": "b", "hold_ms": 1, "ops": [{"op": "attach_scheduler", "scheduler": {"name": "y", "binary": "y"}}]})",
          ""),
      ElementsAre("a eevdf", "b y"));
}

TEST(Timeline, AScenarioWithoutStepsIsOnePhase) {
  const std::vector<PlannedPhase> phases = planned_phases(samples::test());
  ASSERT_EQ(phases.size(), 1U);
  EXPECT_EQ(phases[0].scheduler, "demo");
}

}  // namespace
}  // namespace ktstr::kvm
