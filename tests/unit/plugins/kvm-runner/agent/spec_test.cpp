// SPDX-License-Identifier: Apache-2.0
#include "agent/spec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktstr::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string spec_with(const std::string& scheduler) {
  return R"({"version": 1, "seed": 1, "root_cgroup": "", "trace": false, "calibrate": false, "latency_reservoir": 10, "files": [], "sysctls": [], "scheduler": )" +
         scheduler +
         R"(, "others": [], "scenario": {"duration_ms": 10, "cgroups": [], "payloads": [], "steps": [], "sets": [{"cgroup": null, "at_start": true,
              "workers": 3, "work": {"type": "SpinWait", "units": 64}, "attributes": {}}]}})";
}

TEST(Spec, ASchedulerHasEnvironmentAndWatchdog) {
  std::string error;
  const auto spec =
      parse_spec(spec_with(R"({"name": "demo", "argv": ["/x"], "env": ["A=b=c"], "attach_timeout_ms": 5,
                                             "watchdog_timeout_ms": 700, "watchdog_always": true, "readings": []})"),
                 1 << 20, error);
  ASSERT_TRUE(spec) << error;
  EXPECT_THAT(spec->scheduler->environment, ElementsAre("A=b=c"));
  EXPECT_EQ(spec->scheduler->watchdog_timeout_ms, 700U);
  EXPECT_TRUE(spec->scheduler->watchdog_always);
  EXPECT_EQ(spec->scenario.total_workers(), 3U);
  EXPECT_EQ(spec->scenario.sets.at(0).cgroup, kvm::kRootCgroup);
}

TEST(Spec, ASchedulerHasNumbersToRead) {
  const auto with = [](const std::string& reading) {
    return spec_with(
        R"({"name": "demo", "argv": ["/x"], "env": [], "attach_timeout_ms": 5, "watchdog_timeout_ms": 700,
                         "watchdog_always": true, "readings": [{"name": "n", "request": "", )" +
        reading + "}]}");
  };
  std::string error;
  const auto spec =
      parse_spec(with(R"("variable": "", "map": "levels", "key": 3, "socket": "")"), 1 << 20, error);
  ASSERT_TRUE(spec) << error;
  ASSERT_EQ(spec->find_scheduler("other"), nullptr);
  EXPECT_EQ(spec->find_scheduler("demo")->readings.at(0).map, "levels");
  EXPECT_EQ(spec->find_scheduler("demo")->readings.at(0).key, 3U);
  EXPECT_FALSE(
      parse_spec(with(R"("variable": "a", "map": "levels", "key": 3, "socket": "")"), 1 << 20, error));
  EXPECT_THAT(error, HasSubstr("readings[] is not of one of variable, map and socket"));
}

TEST(Spec, WhatIsWrongIsNamed) {
  std::string error;
  EXPECT_FALSE(parse_spec(spec_with(R"({"name": "demo", "argv": ["/x"], "env": ["A"], "attach_timeout_ms": 5,
                                        "watchdog_timeout_ms": 700, "watchdog_always": true, "readings": []})"),
                          1 << 20, error));
  EXPECT_THAT(error, HasSubstr("env[] is not NAME=value"));
  EXPECT_FALSE(parse_spec(spec_with(R"({"name": "demo", "argv": ["/x"], "env": [], "attach_timeout_ms": 5,
                                        "watchdog_timeout_ms": 700, "watchdog_always": 1, "readings": []})"),
                          1 << 20, error));
  EXPECT_THAT(error, HasSubstr("watchdog_always is not true or false"));
}

const char* const kWhole =
    R"({"version": 1, "seed": 18446744073709551615, "root_cgroup": "", "trace": true, "calibrate": true,
  "latency_reservoir": 10, "files": [{"path": "/opt/x", "mode": 493, "offset": 4096, "size": 100}],
  "sysctls": ["kernel.x=1=2"], "scheduler": null, "others": [],
  "scenario": {"duration_ms": 10, "payloads": [],
    "cgroups": [{"name": "g/h", "at_start": true, "attributes": {"cpuset": [0, 3], "idle": true}}],
    "sets": [{"cgroup": 0, "at_start": false, "workers": 6, "work": {"type": "FutexFanOut", "fan_out": 2, "units": 5},
              "attributes": {"policy": "fifo", "priority": 7, "nice": -3}}],
    "steps": [{"label": "calm", "hold_us": 77, "every_us": 0, "operations": [
      {"op": "spawn", "cgroup": 0, "workers": [0]}, {"op": "set_cgroup", "cgroup": 0, "attributes": {"weight": 9}},
      {"op": "signal", "cgroup": 0, "signal": "STOP"}]}]}})";

TEST(Spec, EveryPartArrives) {
  std::string error;
  const auto spec = parse_spec(kWhole, 1 << 20, error);
  ASSERT_TRUE(spec) << error;
  EXPECT_EQ(spec->seed, 18446744073709551615ULL);
  EXPECT_EQ(spec->files.at(0).mode, 0755U);
  EXPECT_EQ(spec->files.at(0).offset, 4096U);
  EXPECT_THAT(spec->sysctls, ElementsAre(std::pair<std::string, std::string>("kernel.x", "1=2")));
  const kvm::Scenario& scenario = spec->scenario;
  EXPECT_EQ(scenario.cgroups.at(0).name, "g/h");
  EXPECT_THAT(*scenario.cgroups[0].attributes.at(0).as<std::vector<std::uint32_t>>(), ElementsAre(0U, 3U));
  const kvm::WorkerSet& set = scenario.sets.at(0);
  EXPECT_EQ(set.work.count("fan_out"), 2U);
  EXPECT_EQ(set.work.count("units"), 5U);
  EXPECT_EQ(set.work.count("interval_us"), 0U) << "no parameter of this type";
  EXPECT_FALSE(set.at_start);
  EXPECT_EQ(kvm::text_of(kvm::kTaskAttributes, set.attributes, "policy"), "fifo");
  EXPECT_EQ(kvm::number_of(kvm::kTaskAttributes, set.attributes, "nice"), -3);
  const kvm::Step& step = scenario.steps.at(0);
  EXPECT_EQ(step.hold_us, 77U);
  EXPECT_THAT(*step.operations.at(0).find("workers")->as<std::vector<std::uint32_t>>(), ElementsAre(0U));
  EXPECT_EQ(step.operations.at(1).cgroup(), 0U);
  EXPECT_EQ(step.operations.at(2).text("signal"), "STOP");
}

TEST(Spec, EachBoundIsKept) {
  const std::tuple<const char*, const char*, const char*> kRows[] = {
      {"\"version\": 1", "\"version\": 0", "version is not 1"},
      {"/opt/x", "/opt/../x", "is not a clean absolute path"},
      {"/opt/x", "opt/x", "is not a clean absolute path"},
      {"\"offset\": 4096", "\"offset\": 1048577", "offset"},
      {"\"size\": 100", "\"size\": 1044481", "size"},
      {"kernel.x=1=2", "=1", "is not name=value"},
      {"[0, 3]", "[-1]", "cpuset holds something that is no number below 4096"},
      {"[0, 3]", "3", "cpuset is no list"},
      {"\"idle\": true", "\"idle\": 1", "idle is not true or false"},
      {"\"sets\": [{\"cgroup\": 0", "\"sets\": [{\"cgroup\": 1", "sets[0].cgroup is no number from 0 to 0"},
      {"\"cgroups\": [{\"name\": \"g/h\", \"at_start\": true, \"attributes\": {\"cpuset\": [0, 3], \"idle\": "
       "true}}]",
       "\"cgroups\": []", "sets[0].cgroup is no number from 0 to -1"},
      {", \"units\": 5", "", "work.units is missing"},
      {"\"fifo\"", "\"lifo\"", "policy is none of normal|batch"},
      {"\"fifo\"", "\"batch|idle\"", "policy is none of"},
      {"\"nice\": -3", "\"nice\": -21", "nice is no number from -20 to 19"},
      {"\"spawn\"", "\"dance\"", "operations[0].op \"dance\" is not known"},
      {"\"workers\": [0]", "\"workers\": [1]", "workers holds something that is no number below 1"},
      {", \"workers\": [0]", "", "operations[0].workers is missing"},
      {"\"op\": \"set_cgroup\", \"cgroup\": 0", "\"op\": \"set_cgroup\"", "operations[1].cgroup is missing"},
      {", \"attributes\": {\"weight\": 9}", "", "operations[1].attributes is missing"},
      {"\"STOP\"", "\"SEGV\"", "signal is none of STOP|CONT"},
      {"\"hold_us\": 77", "\"hold_us\": -1", "hold_us"},
      {"\"workers\": 6", "\"workers\": 5", "workers is not a multiple of 3"},
      {"\"workers\": 6", "\"workers\": 0", "workers is not a multiple of 3"},
      {"FutexFanOut", "Dance", "\"Dance\" is not known"},
      {"\"units\": 5", "\"units\": 0", "units is no number from 1 to"},
      {"g/h", "../g", "name is not a usable name"},
      {"g/h", "g//h", "name is not a usable name"},
      {"\"seed\"", "\"sead\"", "seed"},
      {"\"trace\": true", "\"trace\": 1", "trace"},
      {"\"calibrate\": true", "\"calibrate\": 1", "calibrate"},
  };
  for (const auto& [from, to, message] : kRows) {
    std::string text = kWhole, error;
    text.replace(text.find(from), std::string_view(from).size(), to);
    EXPECT_FALSE(parse_spec(text, 1 << 20, error)) << to;
    EXPECT_THAT(error, HasSubstr(message));
  }
}

TEST(Spec, OnlyPlainAbsolutePathsAreClean) {
  for (const char* path : {"/a", "/a/b.c", "/opt/ktstr/x-1_2"}) EXPECT_TRUE(is_clean_path(path)) << path;
  for (const char* path : {"", "/", "a", "/a/", "//a", "/a//b", "/./a", "/a/..", "/../a"})
    EXPECT_FALSE(is_clean_path(path)) << path;
  EXPECT_FALSE(is_clean_path(std::string("/a\0b", 4)));
  EXPECT_FALSE(is_clean_path("/" + std::string(4000, 'a')));
}

}  // namespace
}  // namespace ktstr::agent
