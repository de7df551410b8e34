// SPDX-License-Identifier: Apache-2.0
#include "guest/spec_writer.hpp"

#include <gtest/gtest.h>

#include "samples.hpp"

namespace ktstr::kvm {
namespace {

namespace json = boost::json;

TEST(SpecWriter, WritesTheProtocol) {
  GuestFiles files;
  files.program = "/opt/ktstr/bin/scx_demo";
  files.files = {{files.program, 0755, "ELF!"}, {"/lib/libc.so.6", 0755, "library"}};
  const json::value spec = json::parse(agent_spec(samples::test(), files, UINT64_MAX, {8192, 12288}));
  const json::value expected = json::parse(R"({
    "version": 1, "seed": 18446744073709551615,
    "root_cgroup": "", "trace": false, "calibrate": false, "files": [{"path": "/opt/ktstr/bin/scx_demo", "mode": 493, "offset": 8192, "size": 4},
              {"path": "/lib/libc.so.6", "mode": 493, "offset": 12288, "size": 7}],
    "sysctls": ["kernel.sched_rt_runtime_us=-1", "kernel.numa_balancing=0"],
    "scheduler": {"name": "demo", "argv": ["/opt/ktstr/bin/scx_demo", "--slice-us", "20000"], "env": ["SCX_TIMEOUT_MS=5000"],
                  "attach_timeout_ms": 10000, "watchdog_timeout_ms": 5000, "watchdog_always": false, "readings": []},
    "others": [],
    "scenario": {
      "duration_ms": 1000,
      "cgroups": [{"name": "steady", "at_start": true, "attributes": {"cpuset": [0]}},
                  {"name": "timer", "at_start": true, "attributes": {"cpuset": [1]}}],
      "sets": [{"cgroup": 0, "at_start": true, "workers": 2, "attributes": {},
                "work": {"type": "Bursty", "busy_us": 50000, "sleep_us": 100000}},
               {"cgroup": 1, "at_start": true, "workers": 1, "attributes": {},
                "work": {"type": "TimerLatency", "interval_us": 500, "units": 64}}],
      "steps": [], "payloads": []},
    "latency_reservoir": 20000})");
  EXPECT_EQ(spec, expected);
}

TEST(SpecWriter, EnvironmentAndWatchdogOfTheManifest) {
  TestSpec test = samples::test();
  test.scheduler->environment = {{"SCX_LEVEL", "a=b"}, {"EMPTY", ""}};
  test.scheduler->watchdog_timeout_ms = 7000;
  const json::value scheduler = json::parse(agent_spec(test, {}, 0, {})).at("scheduler");
  EXPECT_EQ(scheduler.at("env"), (json::array{"SCX_LEVEL=a=b", "EMPTY=", "SCX_TIMEOUT_MS=7000"}));
  test.scheduler->environment = {{"SCX_TIMEOUT_MS", "7"}};
  EXPECT_EQ(json::parse(agent_spec(test, {}, 0, {})).at("scheduler").at("env"),
            (json::array{"SCX_TIMEOUT_MS=7"}));
  EXPECT_EQ(scheduler.at("watchdog_timeout_ms").as_int64(), 7000);
  EXPECT_TRUE(scheduler.at("watchdog_always").as_bool())
      << "what a manifest says holds against the scheduler's own limit";
}

TEST(SpecWriter, TheAgentIsAskedForWhatOnlyItCanRead) {
  TestSpec test = samples::test();
  ProgramMetric printed, variable, socket;
  printed.regex = "(x)";
  variable.name = "enqueued";
  variable.variable = "nr_enqueued";
  socket.name = "load";
  socket.socket = "/run/stats";
  socket.request = "all";
  socket.json = "load";
  test.scheduler->metrics = {printed, variable, socket};
  EXPECT_EQ(json::parse(agent_spec(test, {}, 0, {})).at("scheduler").at("readings"), json::parse(R"([
    {"name": "enqueued", "variable": "nr_enqueued", "map": "", "key": 0, "socket": "", "request": ""},
    {"name": "load", "variable": "", "map": "", "key": 0, "socket": "/run/stats", "request": "all"}])"));
}

TEST(SpecWriter, TheKernelsOwnSchedulerIsNull) {
  TestSpec test = samples::test();
  test.scheduler.reset();
  const json::value spec = json::parse(agent_spec(test, {}, 0, {}));
  EXPECT_TRUE(spec.at("scheduler").is_null());
  EXPECT_TRUE(spec.at("files").as_array().empty());
}

TEST(SpecWriter, ManyWorkersKeepFewerLatencies) {
  TestSpec test = samples::test();
  test.scenario.sets[0].workers = 100;
  EXPECT_EQ(latency_reservoir(test), 400'000U / 101);
  test.scenario.sets[0].workers = 4000;
  EXPECT_EQ(latency_reservoir(test), 500U);
}

}  // namespace
}  // namespace ktstr::kvm
