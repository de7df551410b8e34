// SPDX-License-Identifier: Apache-2.0
#include "manifest/manifest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/allowed_cpus.hpp"
#include "samples.hpp"

namespace ktstr::kvm {
namespace {

using samples::error_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

std::vector<TestSpec> parse(std::string_view text) {
  return parse_manifest(text, "tests/a.json", "/p/tests/a.json");
}
std::string mistake(std::string_view text) {
  return error_of([&] { parse(text); });
}
std::optional<double> limit(const TestSpec& test, std::string_view assertion) {
  return test.assertions.at(assertion_row(assertion));
}
/// A test with one extra or changed member.
std::string with(std::string_view members) {
  return R"({"name": "t", "cgroups": [{"name": "g", "workers": 1, "work": {"type": "SpinWait"}}], )" +
         std::string(members) + "}";
}
std::string with_cgroup(std::string_view cgroup) {
  return R"({"name": "t", "topology": "1n2l2c1t", "cgroups": [)" + std::string(cgroup) + "]}";
}

// It was taken for a name, which has no brackets: the documented example was refused.
TEST(Manifest, TakesThePhasesLabel) {
  const TestSpec test = parse(
      with(R"("performance_mode": true, "perf_delta_assertions": [{"metric": "m", "phase": "Step[1]"}])"))[0];
  EXPECT_EQ(test.perf_delta_assertions.at(0).phase, "Step[1]");
}

TEST(Manifest, ReadsAFullTest) {
  const TestSpec test = samples::test();
  EXPECT_EQ(test.name, "two_groups");
  EXPECT_EQ(test.topology.text(), "1n2l1c1t");
  EXPECT_EQ(test.memory_mib, 256U);
  EXPECT_THAT(test.kernel_args, ElementsAre("quiet"));
  EXPECT_THAT(test.sysctls,
              ElementsAre(Pair("kernel.sched_rt_runtime_us", "-1"), Pair("kernel.numa_balancing", "0")));
  EXPECT_EQ(test.scheduler->binary, "build/scx_demo");
  EXPECT_THAT(test.scheduler->args, ElementsAre("--slice-us", "20000"));
  EXPECT_EQ(test.scheduler->attach_timeout_ms, 10'000U);
  const Scenario& scenario = test.scenario;
  EXPECT_THAT(ever_allowed(scenario), ElementsAre(ElementsAre(0U), ElementsAre(1U)));
  EXPECT_EQ(scenario.sets.at(0).work.count("busy_us"), 50'000U);
  EXPECT_EQ(scenario.sets.at(0).work.count("sleep_us"), 100'000U);
  EXPECT_EQ(scenario.sets.at(1).work.count("interval_us"), 500U);
  EXPECT_EQ(scenario.sets.at(1).work.count("units"), 64U);
  EXPECT_EQ(test.work_type(), "Bursty+TimerLatency");
  EXPECT_EQ(test.scenario.duration_ms, 1000U);
  EXPECT_TRUE(test.performance_mode);
  EXPECT_EQ(limit(test, "max_gap_ms"), 100);
  EXPECT_EQ(limit(test, "max_spread_pct"), 20);
  EXPECT_TRUE(limit(test, "isolation") && limit(test, "not_stuck"));
  EXPECT_EQ(test.perf_delta_assertions.at(0).max_regression_pct, 10.0);
}

TEST(Manifest, SchedulersTimesTopologies) {
  const auto tests = parse(with(
      R"("schedulers": ["eevdf", {"name": "mine", "binary": "b"}], "topologies": ["1n1l2c1t", "1n2l2c1t"])"));
  std::vector<std::string> variants;
  for (const TestSpec& test : tests)
    variants.push_back(test.name + " " + test.scheduler_name() + " " + test.topology.text());
  EXPECT_THAT(variants,
              ElementsAre("t eevdf 1n1l2c1t", "t eevdf 1n2l2c1t", "t mine 1n1l2c1t", "t mine 1n2l2c1t"));
  EXPECT_THAT(mistake(with(R"("topology": "1n1l2c1t", "topologies": ["1n1l2c1t"])")),
              HasSubstr("exclude each other"));
  EXPECT_THAT(mistake(with(R"("topologies": [])")), HasSubstr("tests/a.json: topologies"));
  EXPECT_THAT(mistake(with(R"("topologies": ["1n1l2c1t", "1n2l"])")), HasSubstr("topologies[1]"));
}

TEST(Manifest, DefaultsAreThoseOfTheFormat) {
  const TestSpec test = parse(with("")).at(0);
  EXPECT_EQ(test.topology.text(), "1n1l2c1t");
  EXPECT_EQ(test.memory_mib, 256U);
  EXPECT_FALSE(test.scheduler);
  EXPECT_EQ(test.scheduler_name(), "eevdf");
  EXPECT_EQ(test.scenario.duration_ms, 2000U);
  EXPECT_FALSE(test.performance_mode);
  EXPECT_EQ(test.assertions, Limits{}) << "nothing is judged unless it is asked for";
  EXPECT_FALSE(limit(parse(with(R"("assert": {"not_stuck": false})")).at(0), "not_stuck"));
  EXPECT_EQ(parse(with(R"("topology": "1n1l8c1t")")).at(0).memory_mib, 512U);
  EXPECT_FALSE(parse(with(R"("scheduler": null)")).at(0).scheduler);
  EXPECT_FALSE(parse(with(R"("scheduler": "eevdf")")).at(0).scheduler);
}

TEST(Manifest, CommentsTrailingCommasAndLists) {
  const auto tests = parse(R"(// two tests
    {"tests": [
      {"name": "b", "cgroups": [{"name": "g", "workers": 1, "work": {"type": "Mixed"}}]}, /* and */
      {"name": "a", "cgroups": [{"name": "g", "workers": 1, "work": {"type": "Mixed"}},],},
    ]})");
  ASSERT_EQ(tests.size(), 2U);
  EXPECT_EQ(tests[0].name, "b");
}

TEST(Manifest, MistakesNameThePlaceAndWhatWasFound) {
  const std::pair<std::string, std::string> kRows[] = {
      {R"({"tests": [{"name": "a", "cgroups": [{"name": "g", "workers": 1, "work": {"type": "SpinWait"}}]},
                     {"name": "b", "cgroups": [{"name": "g", "workers": "four", "work": {"type": "SpinWait"}}]}]})",
       "tests/a.json: tests[1].cgroups[0].workers: expected an integer from 1 to 1024, found \"four\""},
      {with(R"("duration": 5)"), "tests/a.json: unknown key \"duration\" (did you mean \"duration_ms\"?)"},
      {with(R"("duration_ms": 0)"),
       "tests/a.json: duration_ms: expected an integer from 1 to 3600000, found 0"},
      {with(R"("duration_ms": 1.5)"),
       "tests/a.json: duration_ms: expected an integer from 1 to 3600000, found 1.5"},
      {with(R"("duration_ms": 99999999999999999999999)"),
       "tests/a.json: duration_ms: expected an integer from 1 to 3600000, found 1e+23"},
      {with(R"("performance_mode": "yes")"),
       "tests/a.json: performance_mode: expected true or false, found \"yes\""},
      {with(R"("memory_mib": -5)"),
       "tests/a.json: memory_mib: expected an integer from 256 to 1048576, found -5"},
      {with(R"("topology": "1n2l")"), "tests/a.json: topology: expected a topology such as"},
      {with(R"("topology": "2n3l1c1t")"),
       "tests/a.json: topology: 3 LLCs cannot be spread evenly over 2 NUMA nodes"},
      {with(R"("topology": "1n16l16c1t")"), "tests/a.json: topology: 256 CPUs are more than the 255"},
      {with(R"("topology": "1n1l1c3t")"), "at most 2 threads per core"},
      {with(R"("topology": {"llc": 2})"),
       "tests/a.json: topology: unknown key \"llc\" (did you mean \"llcs\"?)"},
      {with(R"("topology": "4294967297n1l1c1t")"), "tests/a.json: topology: expected a topology"},
      {with(R"("kernel_args": ["a b"])"),
       "tests/a.json: kernel_args[0]: expected a kernel argument without blanks"},
      {with(R"("kernel_args": ["init=/bin/sh"])"),
       "tests/a.json: kernel_args[0]: \"init=…\" is set by the runner"},
      {with(R"("sysctls": {"kernel/../x": 1})"), "a sysctl is named like"},
      {with(R"("sysctls": {"a.b": true})"), "tests/a.json: sysctls.a.b: expected a string, found true"},
      {with(R"("scheduler": "scx_demo")"),
       "tests/a.json: scheduler: \"scx_demo\" is no scheduler of this manifest or of the project"},
      {with(R"("scheduler": {"name": "x"})"), "tests/a.json: scheduler: \"binary\" is missing"},
      {with(R"("scheduler": {"name": "eevdf", "binary": "b"})"),
       "\"eevdf\" names the kernel's own scheduler"},
      {with(R"("assert": {"max_gap": 5})"),
       "tests/a.json: assert: unknown key \"max_gap\" (did you mean \"max_gap_ms\"?)"},
      {with(R"("assert": {"max_spread_pct": 101})"),
       "tests/a.json: assert.max_spread_pct: expected a number from 0.0 to 100.0, found 101"},
      {with(R"("perf_delta_assertions": [{"metric": "m"}])"),
       "only a performance_mode test takes part in perf-delta"},
      {with(R"("performance_mode": true, "perf_delta_assertions": [{"metric": "m", "direction": "higher"}])"),
       "perf_delta_assertions[0].direction: unknown direction \"higher\""},
      {with(R"("performance_mode": true, "perf_delta_assertions": [{"metric": "gg/m"}])"),
       "perf_delta_assertions[0].metric: \"gg\" is no cgroup of this test (did you mean \"g\"?)"},
      {with(R"("performance_mode": true, "perf_delta_assertions": [{"metric": "g/"}])"),
       "perf_delta_assertions[0].metric: expected a name"},
      {R"({"name": "../x", "cgroups": []})", "tests/a.json: name: expected a name of at most 120"},
      {R"({"name": "a/b", "cgroups": []})", "tests/a.json: name: expected a name"},
      {R"({"name": "", "cgroups": []})", "tests/a.json: name: expected a name"},
      {"{\"name\": \"a\\u001b[2J\", \"cgroups\": []}", "found \"a\\x1b[2J\""},
      {R"({"cgroups": []})", "tests/a.json: \"name\" is missing"},
      {R"({"name": "a"})", "tests/a.json: nothing works in this test"},
      {R"({"name": "a", "cgroups": []})", "tests/a.json: cgroups: expected at least 1 item, found 0"},
      {R"({"name": "a", "name": "b", "cgroups": []})", "the key \"name\" stands twice in one object"},
      {R"({"tests": [], "name": "x"})", "tests/a.json: unknown key \"name\""},
      {"{\"na\\u061cme\": 1}", "tests/a.json: unknown key \"na\\xd8\\x9cme\""},
      {R"([1])", "tests/a.json: expected an object, found an array of 1"},
      {"{\n  \"name\": nope}", "tests/a.json: line 2, column "},
      {R"({"name": "a", "cgroups": NaN})", "not valid JSON"},
      {R"({"name": "a"} trailing)", "not valid JSON"},
      {"", "not valid JSON"},
      {with_cgroup(R"({"name": "g", "workers": 1, "work": {"type": "SpinWiat"}})"),
       "tests/a.json: cgroups[0].work.type: unknown work type \"SpinWiat\" (did you mean \"SpinWait\"?)"},
      {with_cgroup(R"({"name": "g", "workers": 1, "work": {"type": "Bursty", "busy_ms": 1}})"),
       "tests/a.json: cgroups[0].work: unknown key \"busy_ms\" (did you mean \"busy_us\"?)"},
      {with_cgroup(R"({"name": "g", "workers": 3, "work": {"type": "PipeIo"}})"),
       "cgroups[0].workers: expected a multiple of 2"},
      {with_cgroup(R"({"name": "g", "workers": 4, "work": {"type": "FutexFanOut", "fan_out": 4}})"),
       "cgroups[0].workers: expected a multiple of 5"},
      {with_cgroup(R"({"name": "g", "cpuset": [4], "workers": 1, "work": {"type": "SpinWait"}})"),
       "tests/a.json: cgroups[0].cpuset[0]: expected an integer from 0 to 3, found 4"},
      {with_cgroup(R"({"name": "g", "cpuset": [1, 1], "workers": 1, "work": {"type": "SpinWait"}})"),
       "cgroups[0].cpuset[1]: this CPU is listed twice"},
      {with_cgroup(R"({"name": "g", "cpuset": {"llc": 2}, "workers": 1, "work": {"type": "SpinWait"}})"),
       "cgroups[0].cpuset.llc: expected an integer from 0 to 1, found 2"},
      {with_cgroup(R"({"name": "g", "cpuset": [], "workers": 1, "work": {"type": "SpinWait"}})"),
       "cpuset: expected at least 1 item"},
      {with_cgroup(
           R"({"name": "g", "workers": 1, "work": {"type": "SpinWait"}}, {"name": "g", "workers": 1, "work": {"type": "SpinWait"}})"),
       "cgroups[1].name: \"g\" is the name of another cgroup"},
      {with_cgroup(R"({"name": "cgroup.procs", "workers": 1, "work": {"type": "SpinWait"}})"),
       "cgroups[0].name: \"cgroup.procs\": names that start with \"cgroup.\" are those of the kernel's "
       "files"},
      {with_cgroup(R"({"name": "cpu.max", "workers": 1, "work": {"type": "SpinWait"}})"),
       "names that start with \"cpu.\""},
  };
  for (const auto& [text, message] : kRows) EXPECT_THAT(mistake(text), HasSubstr(message)) << text;
}

TEST(Manifest, TheGuestHasTheMemoryThatItsWorkersTake) {
  const auto memory = [](const std::string& work, const std::string& more = "") {
    return parse(R"({"name": "t", "topology": "1n1l2c1t", )" + more + R"("root": [{"workers": 8, "work": )" +
                 work + "}]}")
        .at(0)
        .memory_mib;
  };
  EXPECT_EQ(memory(R"({"type": "SpinWait"})"), 256U);
  EXPECT_EQ(memory(R"({"type": "CachePressure", "cache_kib": 131072})"), 1280U);
  EXPECT_EQ(memory(R"({"type": "CachePressure", "cache_kib": 131072})", R"("memory_mib": 2000, )"), 2000U);
  EXPECT_THAT(mistake(R"({"name": "t", "memory_mib": 512, "root": [{"workers": 8, "work":
                {"type": "CachePressure", "cache_kib": 131072}}]})"),
              HasSubstr("memory_mib: its workers take 1027 MiB together"));
}

TEST(Manifest, DeepNestingIsAMistakeNotACrash) {
  for (const std::string& open : {std::string("["), std::string("{\"a\":")}) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += open;
    EXPECT_THAT(mistake(text), HasSubstr("not valid JSON"));
  }
}

TEST(Manifest, NoTruncationCrashes) {
  const std::string whole(samples::kManifest);
  for (std::size_t size = 0; size < whole.size() - 1; ++size)
    EXPECT_NE(mistake(whole.substr(0, size)), "(no error)") << size;
}

TEST(Manifest, LoadsFilesSortedAndRefusesTwins) {
  const samples::TemporaryDirectory directory;
  const auto a = directory.write("tests/a.json", with(R"("duration_ms": 1)"));
  const auto b = directory.write(
      "tests/b.json",
      R"({"name": "b", "cgroups": [{"name": "g", "workers": 1, "work": {"type": "Mixed"}}]})");
  const auto tests = load_manifests({a, b}, directory.path());
  ASSERT_EQ(tests.size(), 2U);
  EXPECT_EQ(tests[0].name, "b");
  EXPECT_EQ(tests[0].manifest, b);
  EXPECT_EQ(tests[1].name, "t");
  const auto c = directory.write("tests/c.json", with(R"("duration_ms": 2)"));
  EXPECT_EQ(error_of([&] {
              load_manifests({a, c}, directory.path());
            }),
            "tests/c.json: a test named \"t\" is declared already in tests/a.json");
  EXPECT_THAT(error_of([&] { load_manifests({directory.path() / "none.json"}, directory.path()); }),
              HasSubstr("none.json: cannot be read"));
}

}  // namespace
}  // namespace ktstr::kvm
