// SPDX-License-Identifier: Apache-2.0
#include "dump/failure_dump.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/golden.hpp"
#include "samples.hpp"

namespace ktstr::kvm {
namespace {

namespace json = boost::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

FailureDump dump_of(const TestSpec& test, const MachineOutcome& outcome) {
  RunFacts facts;
  facts.kernel_version = "6.18.12";
  facts.kernel_release = "6.18.12+deb14-cloud-amd64";
  facts.deterministic = true;
  facts.qemu_version = "10.0.2";
  facts.seed = 7;
  return make_failure_dump(test, facts, outcome, judge(test, outcome, samples::terms()));
}

/// What the agent tells of a guest whose scheduler was ejected.
json::object ejected() {
  json::object result = samples::result();
  result["outcome"] = "scheduler_ejected";
  result["dmesg"] = "[ 1.0] sched_ext: demo: runnable task stall\n";
  result.at("scheduler").as_object()["state"] = "disabled";
  result.at("scheduler").as_object()["exit_reason"] = "runnable task stall (kworker/0:1[9])";
  result["tasks"] = json::array{json::object{{"tid", 91},
                                             {"pid", 90},
                                             {"name", "steady/0\x1b"},
                                             {"state", "D"},
                                             {"cpu", 1},
                                             {"policy", 7},
                                             {"wchan", "futex_wait_queue"},
                                             {"stack", "[<0>] futex_wait_queue+0x63/0x90\n[<0>] x\n"}}};
  result["scheduler_dump"] = "CPU states\n\x1b[31mCPU 0 : nr_run=1\n";
  result["bpf_maps"] = json::object{
      {"maps", json::array{json::object{
                   {"name", "hits"},
                   {"type", 6},
                   {"key_size", 4},
                   {"value_size", 8},
                   {"max_entries", 1},
                   {"btf", 0},
                   {"key_type", 0},
                   {"value_type", 0},
                   {"entries", samples::nested({"00000000", "05000000000000000700000000000000"})}}}},
      {"btf", json::object()}};
  return result;
}

TEST(FailureDump, Golden) {
  MachineOutcome outcome = samples::completed(ejected());
  outcome.console_tail = "[    0.0] Linux version\r\n\x1b[31mred\xff\r\n";
  Reading last;
  last.at_ns = 5'400'000'000;
  last.cpus = {CpuReading{false, 3, 2, 5'390'000'000, {}, 90, "steady/0\n"}, std::nullopt};
  outcome.monitor.last = last;
  const FailureDump dump = dump_of(samples::test(), outcome);
  EXPECT_TRUE(ktstr::testing::matches_golden("kvm-runner/two_groups.failure-dump.json", dump.json));
  EXPECT_TRUE(ktstr::testing::matches_golden("kvm-runner/two_groups.failure-report.txt", dump.report));
  EXPECT_THAT(dump.report, Not(HasSubstr("\x1b"))) << "what a guest wrote cannot reach a terminal";
}

TEST(FailureDump, AGuestThatHangsIsSeenFromOutside) {
  MachineOutcome hung;
  hung.end = MachineEnd::kHung;
  hung.stage = Stage::kScenarioStarted;
  hung.reason = "the guest gave no sign of life for 24 s";
  LastLook look;
  look.registers = {
      {0, 0xffffffff81000010, 0, {"RIP=ffffffff81000010"}, "spin_forever+0x10", {"caller+0x4"}}};
  look.tasks = {{90, "steady/0", "R", {"schedule+0x3a"}}};
  look.queues = Reading{};
  look.queues->cpus = {CpuReading{false, 1, 0, 9, {}, 90, "steady/0"}};
  hung.last_look = look;
  const FailureDump dump = dump_of(samples::test(), hung);
  EXPECT_THAT(dump.report,
              AllOf(HasSubstr("CPU 0 in spin_forever+0x10"), HasSubstr("on its stack: caller+0x4"),
                    HasSubstr("tasks, read from outside"), HasSubstr("steady/0 90: R"),
                    HasSubstr("    schedule+0x3a"), HasSubstr("run queues, when the guest ended"),
                    HasSubstr("BPF maps: none, the guest did not live to tell")));
  const json::value document = json::parse(dump.json);
  EXPECT_EQ(document.at("vcpu_regs").at(0).at("function").as_string(), "spin_forever+0x10");
  EXPECT_TRUE(document.at("tasks_from_outside").as_bool());
  EXPECT_TRUE(document.at("run_queues_at_end").as_bool());
}

TEST(FailureDump, WithoutAnythingSeenItIsAPlaceholder) {
  const TestSpec test = samples::test();
  MachineOutcome dead;
  dead.end = MachineEnd::kBootFailed;
  const json::value document = json::parse(dump_of(test, dead).json);
  EXPECT_TRUE(document.at("is_placeholder").as_bool());
  EXPECT_EQ(document.at("outcome").as_string(), "error");
  EXPECT_EQ(document.at("stage").as_string(), "none");
}

}  // namespace
}  // namespace ktstr::kvm
