// SPDX-License-Identifier: Apache-2.0
//
// What a scheduler tells of itself, and what it finds when it starts, on real guests in virtual time.
#include <gmock/gmock.h>

#include "vm_case.hpp"

namespace ktstr::vm {
namespace {

using ::testing::HasSubstr;

class SchedulerLabVm : public VmCase {
 protected:
  TestRecord run_virtual(const std::string& manifest) { return run_one(manifest, {{"deterministic", true}}); }

  static std::string with_metrics(const std::string& metrics, const std::string& more = {}) {
    const std::string scheduler = R"({"name": "probe", "binary": ")" KTSTR_VM_SCHEDULERS
                                  R"(/scx_probe", "args": ["--stats", "/run/probe.sock"], "metrics": {)";
    return R"({"name": "m", "topology": "1n1l2c1t", "duration_ms": 300, "scheduler": )" + scheduler +
           metrics + R"(}}, "cgroups": [{"name": "g", "workers": 3, "work": {"type": "YieldHeavy"}}])" +
           more + "}";
  }
};

constexpr const char* kMetrics = R"x("queues": {"regex": "queues=([0-9]+)", "unit": "queues"},
  "enqueued": {"variable": "enqueued", "direction": "LowerBetter", "min": 1},
  "level": {"map": "levels", "key": 2},
  "depth": {"socket": "/run/probe.sock", "request": "stats", "json": "depths.1"},
  "others": {"variable": "nr_enqueued", "exists": false})x";

TEST_F(SchedulerLabVm, NumbersOfASchedulerAreMetrics) {
  const TestRecord record = run_virtual(with_metrics(
      kMetrics,
      R"(, "steps": [{"ops": [{"op": "bpf_map_write", "map": "levels", "key": 2, "value": 11}]}])"));
  ASSERT_EQ(record.outcome, KTSTR_TEST_PASSED) << record.message << record.dump;
  const json::object document = record.document();
  const json::object& told = document.at("metrics").at(0).as_object();
  EXPECT_EQ(told.at("scheduler"), "probe");
  ASSERT_EQ(told.at("metrics").as_array().size(), 4U);
  EXPECT_EQ(told.at("metrics").at(1).at("polarity"), "LowerBetter");
  const json::object& values = document.at("stats").at("ext_metrics").as_object();
  EXPECT_EQ(values.at("probe.queues").to_number<double>(), 1);
  EXPECT_GT(values.at("probe.enqueued").to_number<double>(), 10);
  EXPECT_EQ(values.at("probe.level").to_number<double>(), 11);
  EXPECT_EQ(values.at("probe.depth").to_number<double>(), 7);
  EXPECT_FALSE(values.contains("probe.others"));
}

TEST_F(SchedulerLabVm, AMetricThatIsNotThereIsToldWithWhatThereIs) {
  const TestRecord record = run_virtual(with_metrics(R"("n": {"variable": "nr_enqueued"})"));
  EXPECT_EQ(record.outcome, KTSTR_TEST_INCONCLUSIVE);
  EXPECT_THAT(record.message, HasSubstr("scheduler probe: n has no value: no BPF program has a variable "
                                        "\"nr_enqueued\": there are "));
  EXPECT_THAT(record.message, HasSubstr(", enqueued, "));
}

/// The scheduler looks for it before it attaches, and a program sees a cgroup of the test in it.
TEST_F(SchedulerLabVm, ARootCgroupIsThereBeforeTheSchedulerStarts) {
  const TestRecord record =
      run_virtual(R"x({"schedulers": {"probe": {"binary": ")x" KTSTR_VM_SCHEDULERS
                  R"x(/scx_probe", "root_cgroup": "ktstr/load", "env": {"ROOT": "as told"},
      "args": ["--need", "ROOT", "/sys/fs/cgroup/ktstr/load/cpuset.cpus.effective"]}},
    "tests": [{"name": "r", "topology": "1n1l2c1t", "duration_ms": 300, "scheduler": "probe",
      "cgroups": [{"name": "web", "weight": 300, "cpuset": [1], "memory_max_mib": 64, "work": {"type": "SpinWait"}}],
      "root": [{"work": {"type": "YieldHeavy"}, "workers": 1}],
      "payloads": [{"name": "cat", "binary": "/bin/cat", "args": ["/sys/fs/cgroup/ktstr/load/web/cpu.weight"],
                    "metrics": {"weight": {"regex": "([0-9]+)", "min": 300, "max": 300}}}],
      "assert": {"isolation": true, "not_stuck": true}}]})x");
  EXPECT_EQ(record.outcome, KTSTR_TEST_PASSED) << record.message << record.dump;
}

/// One CPU of its first cgroup, and the one of the other that it had been kept from so far.
TEST_F(SchedulerLabVm, AnAffinityAcrossCgroupsIsKeptByTheKernel) {
  const TestRecord record = run_virtual(R"({"name": "x", "topology": "1n1l4c1t",
    "cgroups": [{"name": "a", "cpuset": [0, 1], "workers": 1, "work": {"type": "YieldHeavy"}, "affinity": "cross_cgroup"},
                {"name": "b", "cpuset": [1, 2]}],
    "steps": [{"name": "in", "hold_ms": 100},
              {"name": "moved", "hold_ms": 100, "ops": [{"op": "move_tasks", "cgroup": "a", "to": "b"}]}],
    "assert": {"isolation": true, "not_stuck": true}})");
  ASSERT_EQ(record.outcome, KTSTR_TEST_PASSED) << record.message << record.dump;
  EXPECT_EQ(record.document().at("stats").at("cgroups").at(0).at("num_cpus"), 2) << "0, then 2 and never 1";
}

}  // namespace
}  // namespace ktstr::vm
