// SPDX-License-Identifier: Apache-2.0
//
// Run queues of real guests, read from outside: they show the load that is there, with the kernel's own
// scheduler and with one of sched_ext, and in virtual time the same in every run.
#include <gmock/gmock.h>

#include <set>

#include "vm_case.hpp"

namespace ktstr::vm {
namespace {

using ::testing::HasSubstr;

constexpr const char* kProbe =
    R"({"name": "probe", "binary": ")" KTSTR_VM_SCHEDULERS R"(/scx_probe", "args": []})";

/// Four that spin on one of two CPUs, and nobody on the other.
std::string manifest(const std::string& scheduler, const std::string& more = "") {
  return R"({"name": "pinned", "topology": "1n1l2c1t", "duration_ms": 1000, "scheduler": )" + scheduler +
         R"(, "cgroups": [{"name": "spin", "cpuset": [1], "workers": 4, "work": {"type": "SpinWait"}}])" +
         more + "}";
}

class MonitorVm : public VmCase {
 protected:
  static double number(const json::object& sidecar, const char* key) {
    return sidecar.at("monitor").at(key).to_number<double>();
  }
  static void expect_the_load(const json::object& sidecar) {
    ASSERT_TRUE(sidecar.at("monitor").is_object()) << json::serialize(sidecar.at("monitor_reason"));
    EXPECT_EQ(sidecar.at("monitor_reason").as_string(), "");
    EXPECT_GE(number(sidecar, "total_samples"), 7);
    EXPECT_GE(number(sidecar, "max_imbalance_ratio"), 4);
    EXPECT_NEAR(number(sidecar, "avg_imbalance_ratio"), 4, 0.7);
    EXPECT_NEAR(number(sidecar, "avg_nr_running"), 2, 0.4) << "four tasks on two CPUs";
    EXPECT_EQ(number(sidecar, "stuck_count"), 0);
    const json::value& deltas = sidecar.at("monitor").at("schedstat_deltas");
    const double wait_s = deltas.at("total_run_delay").to_number<double>() / 1e9;
    EXPECT_GT(wait_s, 1.5) << "three of the four wait at any time";
    EXPECT_LT(wait_s, 4);
    // What the agent counts from inside covers the samples' time and a little more.
    const double inside = sidecar.at("stats").at("ext_metrics").at("total_sched_count").to_number<double>(),
                 outside = deltas.at("total_sched_count").to_number<double>();
    EXPECT_LE(outside, inside);
    EXPECT_GT(outside, inside / 3);
  }
};

TEST_F(MonitorVm, AKernelThatChoseItsAddressIsReadAllTheSame) {
  const TestRecord record =
      run_one(manifest("null", R"(, "kernel_args": ["kaslr"])"), {{"deterministic", true}});
  EXPECT_EQ(record.outcome, KTSTR_TEST_PASSED) << record.message;
  expect_the_load(record.document());
}

TEST_F(MonitorVm, TheKernelsOwnQueuesShowTheLoad) {
  const TestRecord record =
      run_one(manifest("null", R"(, "assert": {"max_imbalance_ratio": 5, "fail_on_rq_clock_stuck": true})"));
  EXPECT_EQ(record.outcome, KTSTR_TEST_PASSED) << record.message;
  const json::object sidecar = record.document();
  expect_the_load(sidecar);
  EXPECT_EQ(number(sidecar, "max_local_dsq_depth"), 0) << "nobody is under sched_ext";
  EXPECT_FALSE(sidecar.at("monitor").as_object().contains("event_deltas"));
}

TEST_F(MonitorVm, ASchedulersQueuesAndEventsShow) {
  const TestRecord record = run_one(manifest(kProbe));
  EXPECT_EQ(record.outcome, KTSTR_TEST_PASSED) << record.message;
  const json::object sidecar = record.document();
  expect_the_load(sidecar);
  const json::object& events = sidecar.at("monitor").at("event_deltas").as_object();
  for (const char* event : {"total_fallback", "total_dispatch_keep_last", "total_refill_slice_dfl"})
    EXPECT_TRUE(events.contains(event)) << event;
  EXPECT_LE(number(sidecar, "max_local_dsq_depth"), 4);
}

TEST_F(MonitorVm, InVirtualTimeItIsTheSameInEveryRun) {
  for (const std::string& scheduler : {std::string("null"), std::string(kProbe)}) {
    std::set<std::string> sidecars;
    for (int i = 0; i < 3; ++i) {
      const TestRecord record = run_one(manifest(scheduler), {{"deterministic", true}});
      EXPECT_EQ(record.outcome, KTSTR_TEST_PASSED) << record.message;
      expect_the_load(record.document());
      sidecars.insert(without_volatile(record.sidecar));
    }
    EXPECT_EQ(sidecars.size(), 1U) << differences(*sidecars.begin(), *sidecars.rbegin());
  }
}

TEST_F(MonitorVm, AnImbalanceThatLastsFailsTheTestThatSaysSo) {
  const TestRecord record =
      run_one(manifest("null", R"(, "assert": {"max_imbalance_ratio": 2})"), {{"deterministic", true}});
  EXPECT_EQ(record.outcome, KTSTR_TEST_FAILED);
  EXPECT_THAT(
      record.message,
      HasSubstr("the longest run queue was 4.0 times the shortest, limit 2.0, in 5 samples in a row"));
  const TestRecord doubtful =
      run_one(manifest("null", R"(, "assert": {"max_fallback_rate": 10})"), {{"deterministic", true}});
  EXPECT_EQ(doubtful.outcome, KTSTR_TEST_INCONCLUSIVE) << "no sched_ext scheduler was in force";
}

}  // namespace
}  // namespace ktstr::vm
