// SPDX-License-Identifier: Apache-2.0
#include "manifest/scenario_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/allowed_cpus.hpp"
#include "samples.hpp"

namespace ktstr::kvm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A test on four CPUs with these members.
std::string test_of(const std::string& members) {
  return R"({"name": "t", "topology": "1n2l2c1t", "scheduler": {"name": "x", "binary": "b"}, )" + members +
         "}";
}
Scenario scenario_said(const std::string& members) { return samples::test(test_of(members)).scenario; }
std::string wrong_scenario(const std::string& members) {
  return samples::error_of([&] { scenario_said(members); });
}

const std::string kSpin = R"("work": {"type": "SpinWait"})";
/// Cgroups "g", with workers, and "h", without; and these steps.
std::string with_steps(const std::string& list, const std::string& more = "") {
  return R"("cgroups": [{"name": "g", )" + kSpin + R"(}, {"name": "h"}], "steps": [)" + list + "]" + more;
}
std::string with_operations(const std::string& list) { return with_steps(R"({"ops": [)" + list + "]}"); }

struct Row {
  std::string members;
  const char* message;
};
void expect_mistakes(const std::vector<Row>& rows) {
  for (const Row& row : rows) EXPECT_THAT(wrong_scenario(row.members), HasSubstr(row.message)) << row.members;
}

TEST(ScenarioReader, SetsOfWorkersAreThoseOfCgroupsGroupsAndTheRoot) {
  const Scenario found = scenario_said(R"("cgroups": [
      {"name": "g", "work": {"type": "PipeIo"}, "nice": 3, "groups": [{"work": {"type": "Mixed"}, "workers": 5}]},
      {"name": "h", "weight": 50}],
    "root": [{"work": {"type": "FutexFanOut", "fan_out": 2}, "policy": "batch"}])");
  ASSERT_EQ(found.sets.size(), 3U);
  EXPECT_EQ(found.sets[0].cgroup, 0U);
  EXPECT_EQ(found.sets[0].workers, 2U) << "one group, when nothing is said";
  EXPECT_EQ(number_of(kTaskAttributes, found.sets[0].attributes, "nice"), 3);
  EXPECT_EQ(found.sets[1].cgroup, 0U);
  EXPECT_EQ(found.sets[1].workers, 5U);
  EXPECT_FALSE(found.sets[1].attributes[find_parameter(kTaskAttributes, "nice")].set())
      << "each group has its own";
  EXPECT_EQ(found.sets[2].cgroup, kRootCgroup);
  EXPECT_EQ(found.sets[2].workers, 3U);
  EXPECT_EQ(text_of(kTaskAttributes, found.sets[2].attributes, "policy"), "batch");
  EXPECT_EQ(found.total_workers(), 10U);
  EXPECT_EQ(found.duration_ms, 2000U);
}

TEST(ScenarioReader, CgroupsLieInCgroups) {
  const Scenario found = scenario_said(
      R"("cgroups": [{"name": "a", "weight": 50}, {"name": "a/b"}, {"name": "a/b/c", )" + kSpin + "}]");
  ASSERT_EQ(found.cgroups.size(), 3U);
  EXPECT_EQ(found.cgroups[2].name, "a/b/c");
  expect_mistakes({
      {R"("cgroups": [{"name": "a/b", )" + kSpin + "}]",
       "\"a\", in which it lies, is no cgroup of this test so far"},
      {R"("cgroups": [{"name": "a", )" + kSpin + R"(}, {"name": "a/b", )" + kSpin + "}]",
       "cgroups[1].name: \"a\" has workers, so no cgroup can lie in it"},
      {R"("cgroups": [{"name": "a"}, {"name": "a/b", )" + kSpin +
           R"(}], "steps": [{"ops": [{"op": "spawn", "cgroup": "a", )" + kSpin + "}]}]",
       "cgroup \"a\" has cgroups in it, so no workers can be in itself"},
      {R"("cgroups": [{"name": "a"}, {"name": "a/b", )" + kSpin + R"(}, {"name": "c", )" + kSpin +
           R"(}], "steps": [{"ops": [{"op": "move_tasks", "cgroup": "c", "to": "a"}]}])",
       "cgroup \"a\" has cgroups in it"},
      {R"("cgroups": [{"name": "p"}], "payloads": [{"name": "x", "binary": "b", "cgroup": "p"}],
          "steps": [{"ops": [{"op": "add_cgroup", "name": "p/q"}]}])",
       "\"p\" has workers, so no cgroup can lie in it"},
      {R"("payloads": [{"name": "x", "binary": "b", "metrics": {"m": {"json": ""}}}])",
       "the dotted path of a number"},
      {R"("cgroups": [{"name": "p"}, {"name": "p/q"}], "payloads": [{"name": "x", "binary": "b", "cgroup": "p"}])",
       "payloads[0]: cgroup \"p\" has cgroups in it"},
      {with_steps(R"({"ops": [{"op": "add_cgroup", "name": "g/x"}]})"),
       "\"g\" has workers, so no cgroup can lie in it"},
  });
}

TEST(ScenarioReader, NamesOfCgroups) {
  const auto named = [](const std::string& name) {
    return R"("cgroups": [{"name": ")" + name + "\", " + kSpin + "}]";
  };
  expect_mistakes({{named("root"), "\"root\" is the root cgroup"},
                   {named("cpu.max"), "names that start with \"cpu.\" are those of the kernel's files"},
                   {R"("cgroups": [{"name": "a"}, {"name": "a/memory.x", )" + kSpin + "}]",
                    "\"memory.x\": names that start"},
                   {named("a//b"), "cgroups[0].name: expected a name"},
                   {named("/a"), "cgroups[0].name: expected a name"},
                   {named("a/"), "cgroups[0].name: expected a name"},
                   {named("../a"), "cgroups[0].name: expected a name"},
                   {named(std::string(65, 'x')), "cgroups[0].name: expected a name of at most 64"}});
}

TEST(ScenarioReader, WhatIsSaidOfWorkersNeedsWork) {
  expect_mistakes({
      {R"("cgroups": [{"name": "g"}])", "nothing works in this test"},
      {R"("cgroups": [{"name": "g", "workers": 2}])", "cgroups[0].workers: workers without \"work\""},
      {R"("cgroups": [{"name": "g", "nice": 2, "groups": [{)" + kSpin + "}]}]",
       "cgroups[0].nice: \"nice\" without \"work\""},
      {R"("cgroups": [{"name": "g", "groups": [{"workers": 2}]}])",
       "cgroups[0].groups[0]: \"work\" is missing"},
      {R"("cgroups": [{"name": "g", "work": {"units": 2}}])", "cgroups[0].work: \"type\" is missing"},
      {R"("cgroups": [{"name": "g", "work": "SpinWait"}])",
       "cgroups[0].work: expected an object with a type"},
      {R"("cgroups": [{"name": "g", "work": {"type": "PipeIo"}, "workers": 3}])", "expected a multiple of 2"},
      {R"("cgroups": [{"name": "g", "work": {"type": "Sequence", "actions": [{"run_us": 1}]}, "workers": 65}])",
       "at most 64 workers of Sequence can work together, found 65"},
  });
}

TEST(ScenarioReader, AttributesOfWorkersAgree) {
  const auto with = [](const std::string& attributes) {
    return R"("cgroups": [{"name": "g", )" + kSpin + ", " + attributes + "}]";
  };
  expect_mistakes({
      {with(R"("policy": "deadline", "period_us": 10)"),
       "the policy \"deadline\" needs runtime_us and period_us"},
      {with(R"("runtime_us": 10)"), "runtime_us belongs to the policy \"deadline\""},
      {with(R"("policy": "deadline", "period_us": 10, "runtime_us": 11)"),
       "runtime_us is longer than period_us"},
      {with(R"("priority": 10)"), "a priority belongs to the policies \"fifo\" and \"rr\""},
      {with(R"("policy": "batch", "priority": 10)"), "a priority belongs to"},
      {with(R"("memory": "bind")"), "the memory policy \"bind\" needs \"nodes\""},
      {with(R"("memory": "local", "nodes": [0])"), "\"nodes\" belongs to a memory policy such as \"bind\""},
      {with(R"("nodes": [0])"), "\"nodes\" belongs to a memory policy"},
      {with(R"("polcy": "fifo")"), "unknown key \"polcy\" (did you mean \"policy\"?)"},
  });
  // The quota's period and the deadline's are two things.
  const Scenario both = scenario_said(with(R"("quota_us": 5000, "quota_period_us": 20000)"));
  EXPECT_TRUE(both.cgroups[0].attributes[3].set());
}

std::vector<std::uint64_t> holds(const std::string& members) {
  std::vector<std::uint64_t> us;
  for (const Step& step : scenario_said(members).steps) us.push_back(step.hold_us);
  return us;
}

TEST(ScenarioReader, HoldsAreTimesSharesOrTheRest) {
  EXPECT_THAT(holds(with_steps(R"({"hold_ms": 300}, {}, {"hold_pct": 25})")),
              ElementsAre(300'000, 1'200'000, 500'000));
  EXPECT_THAT(holds(with_steps(R"({"hold_ms": 300}, {"hold_ms": 200})", R"(, "duration_ms": 900)")),
              ElementsAre(300'000, 200'000));
  EXPECT_THAT(holds(with_steps("{}")), ElementsAre(2'000'000));
  EXPECT_EQ(scenario_said(with_steps(R"({"hold_ms": 300}, {"hold_ms": 200})")).duration_ms, 500U)
      << "their sum, if nothing else is said";
  EXPECT_EQ(scenario_said(with_steps(R"({"hold_pct": 50}, {"hold_ms": 200})")).duration_ms, 2000U);
  // Shares that are 100 % together fit, whichever way they are rounded.
  EXPECT_THAT(holds(with_steps(R"({"hold_pct": 33.35}, {"hold_pct": 33.35}, {"hold_pct": 33.3})",
                               R"(, "duration_ms": 1)")),
              ElementsAre(334, 334, 332));
  const Scenario found = scenario_said(with_steps(R"({"name": "calm", "hold_ms": 5, "every_ms": 2}, {})"));
  EXPECT_EQ(found.steps[0].label, "calm");
  EXPECT_EQ(found.steps[0].every_us, 2000U);
  EXPECT_EQ(found.steps[1].label, "step 2");
  expect_mistakes({
      {with_steps("{}, {}"), "steps[1]: two steps say no hold"},
      {with_steps(R"({"hold_ms": 1, "hold_pct": 1})"),
       "steps[0].hold_pct: \"hold_ms\" and \"hold_pct\" exclude each other"},
      {with_steps(R"({"hold_ms": 2001}, {})"), "the steps take 2001 ms, the test has 2000 ms (duration_ms)"},
      {with_steps(R"({"hold_pct": 60}, {"hold_pct": 60})"), "the steps take 2400 ms"},
      {with_steps(R"({"hold_ms": 3600000}, {"hold_ms": 1})"),
       "the steps take 3600001 ms, a test may take 3600000 ms"},
      {with_steps(R"({"hold_ms": 0})"), "steps[0].hold_ms: expected an integer from 1"},
      {with_steps(R"({"hold_pct": 0})"), "steps[0].hold_pct: expected a number from 0.001"},
      {with_steps(R"({"hold": 5})"), "unknown key \"hold\" (did you mean \"hold_ms\"?)"},
      {with_steps(""), "steps: expected at least 1 item"},
  });
}

TEST(ScenarioReader, WhatOnlyHappensOnceIsNotRepeated) {
  for (const char* operation :
       {R"({"op": "add_cgroup", "name": "n"})", R"({"op": "spawn", "work": {"type": "Mixed"}})",
        R"({"op": "remove_cgroup", "cgroup": "h"})", R"({"op": "mark", "label": "x"})"})
    EXPECT_THAT(wrong_scenario(with_steps(std::string(R"({"every_ms": 5, "ops": [)") + operation + "]}")),
                HasSubstr("steps[0].ops[0]: \""))
        << operation;
  EXPECT_EQ(scenario_said(
                with_steps(R"({"every_ms": 5, "ops": [{"op": "swap_cpusets", "cgroup": "g", "with": "h"}]})"))
                .steps[0]
                .operations.size(),
            1U);
}

TEST(ScenarioReader, EveryOperationResolvesItsNames) {
  const Scenario found = scenario_said(with_operations(R"(
    {"op": "add_cgroup", "name": "h/n", "work": {"type": "Mixed"}, "weight": 7, "nice": 2},
    {"op": "set_cgroup", "cgroup": "h/n", "cpuset": {"llc": 1}},
    {"op": "spawn", "work": {"type": "SpinWait"}, "groups": [{"work": {"type": "Mixed"}}]},
    {"op": "move_tasks", "cgroup": "h/n", "to": "g"},
    {"op": "set_tasks", "cgroup": "g", "nice": 9},
    {"op": "write", "file": "/proc/sys/kernel/x", "value": "1 2"},
    {"op": "signal", "cgroup": "g", "signal": "STOP"},
    {"op": "cpu_offline", "cpu": 3},
    {"op": "restart_scheduler"})"));
  const std::vector<Operation>& list = found.steps.at(0).operations;
  ASSERT_EQ(list.size(), 9U);
  EXPECT_EQ(list[0].cgroup("name"), 2U);
  EXPECT_FALSE(found.cgroups[2].at_start);
  EXPECT_EQ(number_of(std::vector<Parameter>{kCgroupAttributes[1].parameter},
                      {found.cgroups[2].attributes[1]}, "weight"),
            7);
  EXPECT_THAT(*list[0].find("workers")->as<std::vector<std::uint32_t>>(), ElementsAre(1));
  EXPECT_EQ(found.sets[1].cgroup, 2U);
  EXPECT_FALSE(found.sets[1].at_start);
  EXPECT_THAT(*list[1].find("attributes")->as<Values>()->at(0).as<std::vector<std::uint32_t>>(),
              ElementsAre(2, 3));
  EXPECT_EQ(list[2].cgroup(), kRootCgroup);
  EXPECT_THAT(*list[2].find("workers")->as<std::vector<std::uint32_t>>(), ElementsAre(2, 3));
  EXPECT_EQ(found.sets[2].cgroup, kRootCgroup);
  EXPECT_EQ(list[3].cgroup(), 2U);
  EXPECT_EQ(list[3].cgroup("to"), 0U);
  EXPECT_EQ(number_of(kTaskAttributes, *list[4].find("attributes")->as<Values>(), "nice"), 9);
  EXPECT_EQ(list[5].text("value"), "1 2");
  EXPECT_EQ(list[6].text("signal"), "STOP");
  EXPECT_EQ(list[7].count("cpu"), 3U);
}

TEST(ScenarioReader, OperationsAreChecked) {
  expect_mistakes({
      {with_operations("5"), "steps[0].ops[0]: expected an operation, such as {\"op\": \"freeze\""},
      {with_operations(R"({"cgroup": "g"})"), "steps[0].ops[0]: \"op\" is missing"},
      {with_operations(R"({"op": "freze", "cgroup": "g"})"),
       "unknown operation \"freze\" (did you mean \"freeze\"?)"},
      {with_operations(R"({"op": "freeze", "cgrup": "g"})"),
       "unknown key \"cgrup\" (did you mean \"cgroup\"?)"},
      {with_operations(R"({"op": "freeze"})"), "steps[0].ops[0]: \"cgroup\" is missing"},
      {with_operations(R"({"op": "freeze", "cgroup": "web"})"),
       "steps[0].ops[0].cgroup: \"web\" is no cgroup of this test so far"},
      {with_operations(R"({"op": "freeze", "cgroup": "n"}, {"op": "add_cgroup", "name": "n"})"),
       "is no cgroup of this test so far"},
      {with_operations(R"({"op": "add_cgroup", "name": "g"})"), "\"g\" is the name of another cgroup"},
      {with_operations(R"({"op": "set_cgroup", "cgroup": "g"})"), "steps[0].ops[0]: changes nothing"},
      {with_operations(R"({"op": "set_tasks", "cgroup": "g"})"), "steps[0].ops[0]: changes nothing"},
      {with_operations(R"({"op": "set_tasks", "cgroup": "g", "priority": 5})"),
       "a priority belongs to the policies"},
      {with_operations(R"({"op": "spawn"})"), "steps[0].ops[0]: starts nobody"},
      {with_operations(R"({"op": "spawn", "workers": 2})"), "workers without \"work\""},
      {with_operations(R"({"op": "cpu_offline", "cpu": 4})"),
       "steps[0].ops[0].cpu: the guest has CPUs 0 to 3"},
      {with_operations(R"({"op": "cpu_offline", "cpu": 0})"), "CPU 0 cannot be taken offline"},
      {with_operations(R"({"op": "write", "file": "/etc/x", "value": "1"})"),
       "ops[0].file: expected a file below /proc/sys or /sys"},
      {with_operations(R"({"op": "write", "file": "/sys/../etc/x", "value": "1"})"), "expected a file below"},
      {with_operations(R"({"op": "swap_cpusets", "cgroup": "g", "with": "g"})"),
       "\"cgroup\" and \"with\" are the same"},
      {with_operations(R"({"op": "move_tasks", "cgroup": "g", "to": "g"})"),
       "\"cgroup\" and \"to\" are the same"},
      {with_operations(R"({"op": "remove_cgroup", "cgroup": "h"}, {"op": "freeze", "cgroup": "h"})"),
       "steps[0].ops[1]: cgroup \"h\" was removed by an operation before this one"},
      {with_operations(R"({"op": "remove_cgroup", "cgroup": "h"}, {"op": "add_cgroup", "name": "h/n"})"),
       "cgroup \"h\" was removed by an operation"},
      {with_operations(R"({"op": "add_cgroup", "name": "h/n"}, {"op": "remove_cgroup", "cgroup": "h"})"),
       "cgroup \"h\" has \"h/n\" in it"},
  });
  EXPECT_EQ(
      scenario_said(
          with_operations(R"({"op": "add_cgroup", "name": "h/n"}, {"op": "remove_cgroup", "cgroup": "h/n"},
                                   {"op": "remove_cgroup", "cgroup": "h"})"))
          .steps[0]
          .operations.size(),
      3U);
  EXPECT_THAT(samples::error_of([] {
                samples::test(R"({"name": "t", "root": [{"work": {"type": "Mixed"}}],
                                  "steps": [{"ops": [{"op": "detach_scheduler"}]}]})");
              }),
              HasSubstr("this test has no scheduler to detach"));
}

TEST(ScenarioReader, LimitsOfWhatOneTestMayHave) {
  std::string many = R"("cgroups": [{"name": "g0", "work": {"type": "SpinWait"}, "workers": 1024})";
  for (int i = 1; i < 5; ++i)
    many += R"(, {"name": "g)" + std::to_string(i) + R"(", "work": {"type": "SpinWait"}, "workers": 1024})";
  EXPECT_THAT(wrong_scenario(many + "]"), HasSubstr("more than 4096 workers in total"));
}

/// Of the workers of "g", then of those of "h", then of what the operations start.
std::vector<std::vector<std::uint32_t>> ever(const std::string& operations) {
  const std::string members = R"("cgroups": [{"name": "g", "cpuset": [0], )" + kSpin +
                              R"(}, {"name": "h", "cpuset": [1], )" + kSpin + R"(}], "steps": [{"ops": [)" +
                              operations + "]}]";
  return ever_allowed(scenario_said(members));
}

TEST(EverAllowed, IsAllThatItsCpusetsEverWere) {
  const auto all = IsEmpty();
  EXPECT_THAT(ever(""), ElementsAre(ElementsAre(0), ElementsAre(1)));
  EXPECT_THAT(ever(R"({"op": "set_cgroup", "cgroup": "g", "cpuset": {"llc": 1}})"),
              ElementsAre(ElementsAre(0, 2, 3), ElementsAre(1)));
  EXPECT_THAT(ever(R"({"op": "set_cgroup", "cgroup": "g", "weight": 5})"),
              ElementsAre(ElementsAre(0), ElementsAre(1)));
  EXPECT_THAT(ever(R"({"op": "set_cgroup", "cgroup": "g", "cpuset": null})"),
              ElementsAre(all, ElementsAre(1)));
  EXPECT_THAT(ever(R"({"op": "clear_cpuset", "cgroup": "g"})"), ElementsAre(all, ElementsAre(1)));
  EXPECT_THAT(ever(R"({"op": "swap_cpusets", "cgroup": "g", "with": "h"})"),
              ElementsAre(ElementsAre(0, 1), ElementsAre(0, 1)));
  EXPECT_THAT(ever(R"({"op": "move_tasks", "cgroup": "h", "to": "g"})"),
              ElementsAre(ElementsAre(0), ElementsAre(0, 1)));
  EXPECT_THAT(ever(R"({"op": "cpu_offline", "cpu": 1})"), ElementsAre(all, all));
  EXPECT_THAT(
      ever(
          R"({"op": "set_cgroup", "cgroup": "g", "cpuset": [3]}, {"op": "spawn", "cgroup": "g", "work": {"type": "SpinWait"}})"),
      ElementsAre(ElementsAre(0, 3), ElementsAre(1), ElementsAre(3)))
      << "from its start on";
}

TEST(EverAllowed, FollowsWhatRepeatsAndWhatLiesWithin) {
  const std::string three = R"("cgroups": [{"name": "a", "cpuset": [0], )" + kSpin +
                            R"(}, {"name": "b", "cpuset": [1]}, {"name": "c", "cpuset": [2]},
      {"name": "d", "cpuset": [3]}, {"name": "d/in", )" +
                            kSpin + R"(}], "root": [{)" + kSpin + R"(}],
      "steps": [{"every_ms": 5, "ops": [{"op": "swap_cpusets", "cgroup": "a", "with": "b"},
                                        {"op": "swap_cpusets", "cgroup": "b", "with": "c"}]}])";
  EXPECT_THAT(ever_allowed(scenario_said(three)),
              ElementsAre(ElementsAre(0, 1, 2), ElementsAre(3), IsEmpty()));
}

}  // namespace
}  // namespace ktstr::kvm
