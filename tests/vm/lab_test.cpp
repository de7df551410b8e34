// SPDX-License-Identifier: Apache-2.0
//
// What a manifest can say, on real guests in virtual time: every work type, operation, policy, attribute of a
// cgroup and canned scenario, and programs beside the workers.
#include <gmock/gmock.h>

#include <set>
#include <sstream>

#include "manifest/assertion_table.hpp"
#include "manifest/canned_scenarios.hpp"
#include "manifest/expectation_table.hpp"
#include "protocol/cgroup_attributes.hpp"
#include "protocol/operations.hpp"
#include "protocol/task_attributes.hpp"
#include "protocol/work_actions.hpp"
#include "protocol/work_types.hpp"
#include "vm_case.hpp"

namespace ktstr::vm {
namespace {

using ::testing::HasSubstr;

const json::object kVirtual{{"deterministic", true}};

class LabVm : public VmCase {
 protected:
  /// Runs all tests of a manifest and expects that they pass.
  std::map<std::string, TestRecord> passing(const std::string& manifest) {
    const auto records = run(manifest, kVirtual);
    EXPECT_EQ(status, KTSTR_OK) << error_text;
    for (const auto& [name, record] : records)
      EXPECT_EQ(record.outcome, KTSTR_TEST_PASSED) << name << ": " << record.message;
    return records;
  }
  /// Of the first cgroup's workers.
  static double iterations_of(const TestRecord& record) {
    const json::object document = record.document();
    return document.at("stats").at("cgroups").at(0).at("total_iterations").to_number<double>();
  }
};

std::string work_of(const kvm::WorkType& type) {
  const std::string name(type.name);
  if (name == "Sequence")
    return R"({"type": "Sequence", "actions": [{"run_us": 200}, {"lock": 0}, {"unlock": 0}, {"barrier": true}, {"timer_us": 500}]})";
  if (name == "Bursty") return R"({"type": "Bursty", "busy_us": 2000, "sleep_us": 3000})";
  if (name == "Schbench") return R"({"type": "Schbench", "cache_kib": 16, "operations": 1})";
  if (name == "FanOutCompute") return R"({"type": "FanOutCompute", "cache_kib": 16, "operations": 1})";
  return R"({"type": ")" + name + "\"}";
}

/// On two nodes, so that those that move memory have somewhere to go.
TEST_F(LabVm, EveryWorkTypeWorksAndMeasuresWhatItSays) {
  std::string tests;
  for (const kvm::WorkType& type : kvm::kWorkTypes) {
    tests += (tests.empty() ? "" : ",") + (R"({"name": ")" + std::string(type.name)) +
             R"(", "topology": "2n2l1c1t", "duration_ms": 300, "cgroups": [{"name": "g", "work": )" +
             work_of(type) + R"(}], "assert": {"not_stuck": true}})";
  }
  const auto records = passing("{\"tests\": [" + tests + "]}");
  EXPECT_EQ(records.size(), std::size(kvm::kWorkTypes));
  for (const kvm::WorkType& type : kvm::kWorkTypes) {
    const json::object sidecar = records.at(std::string(type.name)).document();
    const json::object& cgroup = sidecar.at("stats").at("cgroups").at(0).as_object();
    EXPECT_GT(cgroup.at("total_iterations").to_number<std::uint64_t>(), 0U) << type.name;
    for (const std::string_view distribution : type.samples) {
      if (distribution.empty()) continue;
      ASSERT_TRUE(cgroup.contains("histograms")) << type.name;
      EXPECT_TRUE(cgroup.at("histograms").as_object().contains(distribution))
          << type.name << " " << distribution;
    }
  }
}

/// On the machine of the work types, which costs no boot. A lock of either kind lets one of two workers on
/// two CPUs work at a time.
constexpr const char* kActions = R"({"tests": [
  {"name": "all", "topology": "2n2l1c1t", "duration_ms": 300, "cgroups": [{"name": "g", "workers": 2, "work":
    {"type": "Sequence", "actions": [{"run_us": 200}, {"run_units": 10}, {"yield_us": 100}, {"io_us": 200}, {"timer_us": 500},
      {"lock": 0}, {"unlock": 0}, {"barrier": true}, {"sleep_us": 100}]}}], "assert": {"not_stuck": true}},
  {"name": "free", "topology": "2n2l1c1t", "duration_ms": 300, "cgroups": [{"name": "g", "workers": 2, "work":
    {"type": "Sequence", "actions": [{"run_us": 500}]}}]},
  {"name": "lock", "topology": "2n2l1c1t", "duration_ms": 300, "cgroups": [{"name": "g", "workers": 2, "work":
    {"type": "Sequence", "actions": [{"lock": 1}, {"run_us": 500}, {"unlock": 1}]}}], "assert": {"not_stuck": true}},
  {"name": "pi_lock", "topology": "2n2l1c1t", "duration_ms": 300, "cgroups": [{"name": "g", "workers": 2, "work":
    {"type": "Sequence", "actions": [{"pi_lock": 3}, {"run_us": 500}, {"pi_unlock": 3}]}}], "assert": {"not_stuck": true}}]})";

TEST_F(LabVm, EveryActionIsDoneAndLocksExclude) {
  for (const kvm::WorkAction& action : kvm::kWorkActions)
    EXPECT_THAT(kActions, HasSubstr("{\"" + std::string(action.name) + "\": ")) << "an action without a test";
  const auto records = passing(kActions);
  const auto iterations = [&](const char* name) { return iterations_of(records.at(name)); };
  EXPECT_GT(iterations("free"), 650) << "300 ms have room for 600 one after the other";
  for (const char* name : {"lock", "pi_lock"}) {
    EXPECT_LE(iterations(name), 602) << name;
    EXPECT_GT(iterations(name), 400) << name;
  }
}

/// Every attribute of cgroups and of workers, and each word that one takes.
constexpr const char* kAttributes = R"({"name": "all", "topology": "2n2l1c1t", "duration_ms": 300,
  "cgroups": [
    {"name": "a", "cpuset": [0, 1], "weight": 200, "quota_us": 90000, "quota_period_us": 100000, "burst_us": 5000, "idle": false,
     "uclamp_min_pct": 10, "uclamp_max_pct": 80, "memory_max_mib": 64, "memory_high_mib": 48, "pids_max": 100,
     "groups": [
       {"work": {"type": "SpinWait"}, "workers": 1, "policy": "normal", "nice": 3, "slice_us": 1000, "affinity": "all"},
       {"work": {"type": "SpinWait"}, "workers": 1, "policy": "batch", "cpus": [1], "affinity": "single", "memory": "default"},
       {"work": {"type": "SpinWait"}, "workers": 1, "policy": "idle", "affinity": "llc", "memory": "local"},
       {"work": {"type": "SpinWait"}, "workers": 1, "affinity": "cross_cgroup"},
       {"work": {"type": "SpinWait"}, "workers": 1, "policy": "ext", "affinity": "random", "memory": "bind", "nodes": [1]}]},
    {"name": "b", "groups": [
       {"work": {"type": "TimerLatency"}, "workers": 1, "policy": "fifo", "priority": 2, "memory": "preferred", "nodes": [0]},
       {"work": {"type": "TimerLatency"}, "workers": 1, "policy": "rr", "priority": 1, "memory": "interleave", "nodes": [0, 1]},
       {"work": {"type": "TimerLatency"}, "workers": 1, "memory": "preferred_many", "nodes": [0, 1]},
       {"work": {"type": "TimerLatency"}, "workers": 1, "memory": "weighted_interleave", "nodes": [0, 1]}]}],
  "root": [{"work": {"type": "TimerLatency"}, "workers": 1, "policy": "deadline", "runtime_us": 1000, "deadline_us": 5000,
            "period_us": 10000, "reclaim": true}]})";

TEST_F(LabVm, EveryAttributeIsTaken) {
  const auto expect_shown = [](const kvm::Parameter& parameter) {
    const std::string name = "\"" + std::string(parameter.name) + "\": ";
    EXPECT_THAT(kAttributes, HasSubstr(name)) << "an attribute without a test";
    std::istringstream choices{std::string(parameter.choices)};
    for (std::string choice; std::getline(choices, choice, '|');)
      EXPECT_THAT(kAttributes, HasSubstr(name + '"' + choice + '"')) << "a word without a test";
  };
  for (const kvm::Parameter& parameter : kvm::kTaskAttributes) expect_shown(parameter);
  for (const kvm::CgroupAttribute& attribute : kvm::kCgroupAttributes) expect_shown(attribute.parameter);
  const json::object sidecar = passing(kAttributes).at("all").document();
  for (const json::value& cgroup : sidecar.at("stats").at("cgroups").as_array())
    EXPECT_GT(cgroup.at("total_iterations").to_number<double>(), 0) << cgroup.at("name");
}

/// All but what is asserted of weights, which siblings have, with limits that hold: a figure that is not
/// there would leave the test inconclusive.
constexpr const char* kAsserted = R"({"tests": [
  {"name": "judged", "topology": "2n2l1c1t", "duration_ms": 300,
    "scheduler": {"name": "probe", "binary": ")" KTSTR_VM_SCHEDULERS R"(/scx_probe"},
    "cgroups": [{"name": "g", "cpuset": [0, 1], "workers": 4, "work": {"type": "CachePipe"}}],
    "assert": {"not_stuck": true, "isolation": true, "max_gap_ms": 300, "max_spread_pct": 100, "max_p99_wake_latency_ns": 300000000,
      "max_wake_latency_cv": 1000, "min_iteration_rate": 0.1, "min_work_rate": 0.1, "max_throughput_cv": 1000,
      "max_migration_ratio": 1000, "max_run_delay_ms": 300,
      "max_idle_while_waiting_pct": 100, "max_imbalance_ratio": 1000, "max_local_dsq_depth": 1000, "fail_on_rq_clock_stuck": true,
      "max_fallback_rate": 1000000, "max_keep_last_rate": 1000000, "sustained_samples": 2}},
  {"name": "pages", "topology": "2n2l1c1t", "duration_ms": 1000,
    "cgroups": [{"name": "g", "cpuset": {"node": 1}, "workers": 2, "work": {"type": "CachePressure", "cache_kib": 256}}],
    "assert": {"min_page_locality": 0.9, "max_cross_node_migration_ratio": 0.1}}]})";

TEST_F(LabVm, EveryAssertionHasWhatItJudges) {
  for (const kvm::Assertion& row : kvm::kAssertions) {
    if (row.name == "max_weight_error_pct") continue;  // WeightsAndPoliciesDecideWhoRuns
    EXPECT_THAT(kAsserted, HasSubstr("\"" + std::string(row.name) + "\": ")) << "an assertion without a test";
  }
  passing(kAsserted);
}

/// A deadline worker alone on its CPU, that may run for a fifth of it: what nobody else has reserved it gets
/// when it reclaims.
TEST_F(LabVm, ReclaimingTakesWhatNobodyHasReserved) {
  const std::string test =
      R"(, "topology": "1n1l1c1t", "duration_ms": 300, "cgroups": [{"name": "g", "workers": 1,
    "work": {"type": "SpinWait"}, "policy": "deadline", "runtime_us": 2000, "period_us": 10000, "reclaim": )";
  const auto records = passing(R"({"tests": [{"name": "kept")" + test + R"(false}]}, {"name": "reclaims")" +
                               test + "true}]}]}");
  const auto iterations = [&](const char* name) { return iterations_of(records.at(name)); };
  EXPECT_GT(iterations("reclaims"), 3 * iterations("kept"));
}

TEST_F(LabVm, EveryCannedScenarioRuns) {
  std::string tests;
  for (const kvm::CannedScenario& row : kvm::kCannedScenarios) {
    tests += (tests.empty() ? "" : ",") + (R"({"name": ")" + std::string(row.name)) + R"(", "scenario": ")" +
             std::string(row.name) + R"(", "topology": "tiny-2llc", "duration_ms": 300})";
  }
  EXPECT_EQ(passing("{\"tests\": [" + tests + "]}").size(), std::size(kvm::kCannedScenarios));
}

constexpr const char* kOperations = R"({"name": "all", "topology": "1n2l2c1t",
  "cgroups": [
    {"name": "web", "cpuset": {"llc": 0}, "weight": 200, "workers": 2, "work": {"type": "SpinWait"}, "nice": -3},
    {"name": "out", "cpuset": {"part": [1, 2]}},
    {"name": "out/in", "quota_us": 20000, "quota_period_us": 50000, "burst_us": 5000, "uclamp_max_pct": 80,
     "memory_max_mib": 64, "pids_max": 100, "workers": 2, "work": {"type": "Bursty", "busy_us": 2000, "sleep_us": 3000}},
    {"name": "rest", "idle": true, "workers": 2, "work": {"type": "YieldHeavy"}, "policy": "idle"}],
  "root": [{"work": {"type": "PipeIo"}, "affinity": "single"}],
  "payloads": [{"name": "sleeper", "binary": "/bin/sleep", "args": ["60"], "start": false}],
  "steps": [
    {"name": "calm", "hold_ms": 100},
    {"name": "change", "hold_ms": 100, "ops": [
      {"op": "set_cgroup", "cgroup": "web", "cpuset": [0], "weight": 50},
      {"op": "spawn", "cgroup": "web", "workers": 1, "work": {"type": "Mixed"}, "policy": "batch"},
      {"op": "add_cgroup", "name": "late", "workers": 1, "work": {"type": "Bursty", "busy_us": 500, "sleep_us": 4000},
       "policy": "fifo", "priority": 2},
      {"op": "run_payload", "payload": "sleeper"},
      {"op": "freeze", "cgroup": "web"}]},
    {"name": "back", "hold_ms": 100, "ops": [
      {"op": "unfreeze", "cgroup": "web"}, {"op": "mark", "label": "thawed"}, {"op": "snapshot", "name": "then"},
      {"op": "set_tasks", "cgroup": "web", "nice": 5, "affinity": "random"},
      {"op": "cpu_offline", "cpu": 3}, {"op": "signal", "cgroup": "rest", "signal": "STOP"},
      {"op": "write", "file": "/proc/sys/kernel/sched_rt_runtime_us", "value": "-1"},
      {"op": "kill_payload", "payload": "sleeper"}, {"op": "wait_payload", "payload": "sleeper"}]},
    {"name": "end", "hold_ms": 100, "ops": [
      {"op": "cpu_online", "cpu": 3}, {"op": "signal", "cgroup": "rest", "signal": "CONT"},
      {"op": "remove_cgroup", "cgroup": "late"}, {"op": "swap_cpusets", "cgroup": "web", "with": "out"},
      {"op": "clear_cpuset", "cgroup": "web"}, {"op": "move_tasks", "cgroup": "web", "to": "out/in"},
      {"op": "stop_cgroup", "cgroup": "rest"}]}],
  "assert": {"not_stuck": true, "max_gap_ms": 150}})";

TEST_F(LabVm, EveryOperationIsCarriedOut) {
  const std::string text = kOperations;
  for (const kvm::OperationType& type : kvm::kOperations) {
    // Those on the scheduler have tests of their own.
    if (type.name.ends_with("_scheduler") || type.name == "bpf_map_write") continue;
    EXPECT_THAT(text, HasSubstr("\"op\": \"" + std::string(type.name) + "\""))
        << "an operation without a test";
  }
  const json::object sidecar = passing(text).at("all").document();
  std::vector<std::string> phases;
  for (const json::value& phase : sidecar.at("stats").at("phases").as_array()) {
    phases.emplace_back(phase.at("label").as_string());
    EXPECT_GT(phase.at("metrics").at("iteration_rate").to_number<double>(), 0) << phases.back();
    // A CPU that goes takes its counts along, so that this phase has no sum.
    EXPECT_NE(phase.at("metrics").as_object().contains("total_sched_count"), phases.back() == "thawed")
        << phases.back();
  }
  EXPECT_THAT(phases, ::testing::ElementsAre("calm", "change", "back", "thawed", "end"));
  std::set<std::string> cgroups;
  for (const json::value& cgroup : sidecar.at("stats").at("cgroups").as_array())
    cgroups.emplace(cgroup.at("name").as_string());
  EXPECT_THAT(cgroups, ::testing::UnorderedElementsAre("web", "out/in", "rest", "late", "root"));
}

TEST_F(LabVm, WeightsAndPoliciesDecideWhoRuns) {
  const json::object sidecar = passing(R"({"name": "w", "topology": "1n1l1c1t", "duration_ms": 1000,
    "cgroups": [{"name": "heavy", "weight": 300, "workers": 1, "work": {"type": "SpinWait"}},
                {"name": "light", "weight": 100, "workers": 1, "work": {"type": "SpinWait"}}],
    "assert": {"max_weight_error_pct": 8}})")
                                   .at("w")
                                   .document();
  const json::object deadline = passing(R"({"name": "d", "topology": "1n1l1c1t", "duration_ms": 500,
    "cgroups": [{"name": "spin", "workers": 3, "work": {"type": "SpinWait"}}],
    "root": [{"work": {"type": "TimerLatency"}, "workers": 1, "policy": "deadline", "runtime_us": 2000, "period_us": 10000}]})")
                                    .at("d")
                                    .document();
  double spin = 0, timer = 0;
  for (const json::value& cgroup : deadline.at("stats").at("cgroups").as_array())
    (cgroup.at("name").as_string() == "root" ? timer : spin) = cgroup.at("max_gap_ms").to_number<double>();
  EXPECT_LT(timer, spin) << "three spinners share a CPU, the deadline worker does not wait for them";
}

TEST_F(LabVm, APayloadsNumbersAreMetrics) {
  const json::object sidecar = passing(R"({"name": "p", "duration_ms": 300,
    "payloads": [{"name": "shell", "binary": "/bin/sh", "args": ["-c", "echo noise; echo '{\"a\": {\"b\": 7}}'; exit 3"],
                  "exit_code": 3, "metrics": {"seven": {"json": "a.b", "unit": "x", "direction": "LowerBetter", "max": 8}}}]})")
                                   .at("p")
                                   .document();
  EXPECT_EQ(sidecar.at("payload").as_string(), "shell");
  EXPECT_EQ(sidecar.at("stats").at("ext_metrics").at("shell.seven").to_number<double>(), 7);
  EXPECT_EQ(sidecar.at("metrics").at(0).at("exit_code").to_number<int>(), 3);
  const TestRecord failing = run_one(R"({"name": "f", "duration_ms": 300,
    "payloads": [{"name": "shell", "binary": "/bin/sh", "args": ["-c", "exit 4"]}]})",
                                     kVirtual);
  EXPECT_EQ(failing.outcome, KTSTR_TEST_FAILED);
  EXPECT_THAT(failing.message, HasSubstr("payload shell: ended with status 4, expected status 0"));
}

TEST_F(LabVm, AFailureThatIsMeantToBePasses) {
  const TestRecord record = run_one(R"({"name": "x", "scenario": "oversubscribed", "duration_ms": 200,
    "assert": {"max_gap_ms": 1}, "expect_failure": {"reason": "kept from running", "outcome": "assertion"}})",
                                    kVirtual);
  EXPECT_EQ(record.outcome, KTSTR_TEST_PASSED) << record.message;
  EXPECT_TRUE(record.document().at("expected_failure").as_bool());
}

TEST_F(LabVm, OneSchedulerFollowsTheOtherInOneGuest) {
  const TestRecord record = run_one(R"({
    "schedulers": {"first": {"binary": ")" KTSTR_VM_SCHEDULERS R"(/scx_probe"},
                   "second": {"binary": ")" KTSTR_VM_SCHEDULERS
                                    R"(/scx_probe", "args": ["--timeout-ms", "2000"]}},
    "tests": [{"name": "ab", "topology": "1n2l1c1t", "scheduler": "first",
      "cgroups": [{"name": "g", "workers": 2, "work": {"type": "SpinWait"}}, {"name": "h", "workers": 1, "work": {"type": "SpinWait"}}],
      "steps": [{"name": "a", "hold_ms": 200},
                {"name": "b", "hold_ms": 200, "ops": [{"op": "replace_scheduler", "scheduler": "second"}]},
                {"name": "none", "hold_ms": 200, "ops": [{"op": "replace_scheduler", "scheduler": "eevdf"}]}],
      "assert": {"not_stuck": true}}]})",
                                    kVirtual);
  EXPECT_EQ(record.outcome, KTSTR_TEST_PASSED) << record.message << record.dump;
  const json::object sidecar = record.document();
  std::vector<std::string> in_force;
  for (const json::value& phase : sidecar.at("stats").at("phases").as_array()) {
    in_force.emplace_back(phase.at("scheduler").as_string());
    ASSERT_EQ(phase.at("per_cgroup").as_array().size(), 2U);
    EXPECT_EQ(phase.at("per_cgroup").at(0).at("name").as_string(), "g");
    EXPECT_GT(phase.at("per_cgroup").at(0).at("metrics").at("iteration_rate").to_number<double>(), 0);
  }
  EXPECT_THAT(in_force, ::testing::ElementsAre("first", "second", "eevdf"));
}

constexpr const char* kSnapshots = R"({"name": "snap", "topology": "1n2l1c1t",
  "scheduler": {"name": "probe", "binary": ")" KTSTR_VM_SCHEDULERS R"(/scx_probe"},
  "cgroups": [{"name": "g", "workers": 2, "work": {"type": "SpinWait"}}],
  "steps": [{"name": "calm", "hold_ms": 300, "ops": [{"op": "snapshot", "name": "start", "variables": ["enqueued", "fault"]}]},
            {"name": "written", "hold_ms": 300, "ops": [
              {"op": "bpf_map_write", "variable": "enqueued", "value": 1000000000000},
              {"op": "bpf_map_write", "map": "levels", "key": 2, "value": 7},
              {"op": "snapshot", "name": "changed", "variables": ["enqueued"], "maps": ["levels"]}]},
            {"name": "end", "hold_ms": 100, "ops": [{"op": "snapshot", "name": "last", "variables": ["enqueued"]}]}],
  "expect": [
    {"that": "between", "value": "fault", "at": "start", "min": 0, "max": 0},
    {"that": "between", "value": "enqueued", "at": "changed", "min": 1000000000000, "max": 1000000100000},
    {"that": "between", "value": "levels[2]", "at": "changed", "min": 7, "max": 7},
    {"that": "grows", "value": "enqueued"},
    {"that": "grows", "value": "g/cpu_usage_us"},
    {"that": "ratio", "value": "g/iteration_rate", "at": "written", "than": "calm", "min": 0.5, "max": 2},
    {"that": "non_decreasing", "series": "rq_clock_ns"},
    {"that": "settles", "series": "nr_running", "within_ms": 200, "max": 20},
    {"that": "never_above", "series": "local_dsq_depth", "max": 20, "for_ms": 50}]})";

TEST_F(LabVm, VariablesOfASchedulerAreWrittenAndKept) {
  const json::object sidecar = passing(kSnapshots).at("snap").document();
  const json::array& snapshots = sidecar.at("stats").at("snapshots").as_array();
  ASSERT_EQ(snapshots.size(), 3U);
  EXPECT_EQ(snapshots[1].at("name").as_string(), "changed");
  EXPECT_GT(snapshots[1].at("values").at("g/iterations").to_number<double>(), 0);
  EXPECT_GT(snapshots[2].at("at_ms").to_number<int>(), snapshots[1].at("at_ms").to_number<int>());
  for (const kvm::ExpectationType& type : kvm::kExpectationTypes)
    EXPECT_THAT(kSnapshots, HasSubstr("\"that\": \"" + std::string(type.name) + "\"")) << "shown by no test";
}

TEST_F(LabVm, WhatIsExpectedAndDoesNotComeFailsOrIsDoubtful) {
  const std::string head = R"({"name": "no", "topology": "1n1l1c1t",
    "cgroups": [{"name": "g", "workers": 3, "work": {"type": "SpinWait"}}],
    "steps": [{"name": "a", "hold_ms": 200}, {"name": "b", "hold_ms": 200}], "expect": [)";
  const TestRecord failing =
      run_one(head + R"({"that": "ratio", "value": "g/iteration_rate", "at": "b", "than": "a", "min": 10}]})",
              kVirtual);
  EXPECT_EQ(failing.outcome, KTSTR_TEST_FAILED);
  EXPECT_THAT(failing.message, HasSubstr("expected at least 10 (expect: ratio)"));
  const TestRecord doubtful =
      run_one(head + R"({"that": "between", "value": "g/iteration_rat", "at": "b", "min": 10}]})", kVirtual);
  EXPECT_EQ(doubtful.outcome, KTSTR_TEST_INCONCLUSIVE);
  EXPECT_THAT(doubtful.message, HasSubstr("has no such figure (did you mean \"g/iteration_rate\"?)"));
}

TEST_F(LabVm, AnOperationsSchedulerThatDoesNotAttachIsToldByItsName) {
  const TestRecord record = run_one(R"({"name": "bad", "topology": "1n1l1c1t", "duration_ms": 200,
    "cgroups": [{"name": "g", "workers": 1, "work": {"type": "SpinWait"}}],
    "steps": [{"ops": [{"op": "attach_scheduler", "scheduler":
      {"name": "broken", "binary": ")" KTSTR_VM_SCHEDULERS
                                    R"(/scx_probe", "args": ["--fault", "fail-init"]}}]}]})",
                                    kVirtual);
  EXPECT_EQ(record.outcome, KTSTR_TEST_FAILED);
  EXPECT_THAT(record.message, HasSubstr("the scheduler \"broken\" did not attach"));
}

TEST_F(LabVm, ASchedulerIsTakenOutAndPutBack) {
  const TestRecord record = run_one(R"({"name": "s", "topology": "1n2l1c1t", "duration_ms": 600,
    "scheduler": {"name": "probe", "binary": ")" KTSTR_VM_SCHEDULERS R"(/scx_probe"},
    "cgroups": [{"name": "g", "workers": 3, "work": {"type": "SpinWait"}}],
    "steps": [{"name": "with", "hold_ms": 200},
              {"name": "without", "hold_ms": 200, "ops": [{"op": "detach_scheduler"}]},
              {"name": "again", "ops": [{"op": "attach_scheduler"}, {"op": "restart_scheduler"}]}]})",
                                    kVirtual);
  EXPECT_EQ(record.outcome, KTSTR_TEST_PASSED) << record.message << record.dump;
}

}  // namespace
}  // namespace ktstr::vm
