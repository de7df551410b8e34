// SPDX-License-Identifier: Apache-2.0
//
// What a scheduler's author reads, from results as guests gave them.
#include "judge/scheduler_end.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/verdict.hpp"
#include "samples.hpp"

namespace ktstr::kvm {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct End {
  std::string outcome, message, exit_reason, cause, log;
};

std::vector<std::string> lines_of(const End& end) {
  json::object result = samples::result();
  result["outcome"] = end.outcome;
  result["message"] = end.message;
  result["scenario"] = nullptr;
  json::object& scheduler = result.at("scheduler").as_object();
  scheduler["exit_reason"] = end.exit_reason;
  scheduler["cause"] = end.cause;
  scheduler["log"] = end.log;
  const Verdict verdict = judge(samples::test(), samples::completed(result), samples::terms());
  EXPECT_EQ(verdict.outcome, Outcome::kFailed);
  return verdict.lines;
}

/// What libbpf 1.4 prints when the verifier of 6.18 refuses a program.
constexpr const char* kRefused =
    "libbpf: prog 'demo_enqueue': BPF program load failed: Permission denied\n"
    "libbpf: prog 'demo_enqueue': -- BEGIN PROG LOAD LOG --\n"
    "0: R1=ctx() R10=fp0\n"
    "; void BPF_PROG(demo_enqueue, struct task_struct *p, __u64 enq_flags) @ demo.bpf.c:65\n"
    "0: (79) r7 = *(u64 *)(r1 +0)\n"
    "2: (79) r2 = *(u64 *)(r7 +840)        ; R2_w=scalar() R7_w=trusted_ptr_task_struct()\n"
    "; vtime += *(volatile __u64 *)vtime; @ demo.bpf.c:72\n"
    "3: (79) r8 = *(u64 *)(r2 +0)\n"
    "R2 invalid mem access 'scalar'\n"
    "processed 4 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n"
    "-- END PROG LOAD LOG --\n"
    "libbpf: prog 'demo_enqueue': failed to load: -13\n"
    "libbpf: failed to load object 'demo'\n"
    "demo: cannot load the BPF programs: Permission denied\n";

TEST(SchedulerEnd, TheVerifiersOwnLinesAreShown) {
  EXPECT_THAT(lines_of({"scheduler_attach_failed", "it exited with status 1", "", "", kRefused}),
              ElementsAre("the scheduler \"demo\" did not attach: the BPF verifier refused demo_enqueue: R2 "
                          "invalid mem access 'scalar'",
                          HasSubstr("verifier: 2: (79) r2 = *(u64 *)(r7 +840)"),
                          "verifier: ; vtime += *(volatile __u64 *)vtime; @ demo.bpf.c:72",
                          "verifier: 3: (79) r8 = *(u64 *)(r2 +0)"));
  EXPECT_THAT(verifier_refusal("processed 4 insns\n").reason, IsEmpty());
  EXPECT_THAT(verifier_refusal("libbpf: prog 'x': BPF program load failed: Permission denied\n").reason,
              IsEmpty());
}

TEST(SchedulerEnd, AFailedInitIsTheKernelsRefusal) {
  EXPECT_THAT(lines_of({"scheduler_attach_failed", "", "runtime error: ops.init() failed (-22)", "",
                        "demo: attached\n"}),
              ElementsAre("the scheduler \"demo\" did not attach: the kernel refused it: runtime error: "
                          "ops.init() failed (-22)"));
}

TEST(SchedulerEnd, WhatAProcessSaysLastIsSaidOnce) {
  EXPECT_THAT(lines_of({"scheduler_attach_failed", "it exited with status 3", "", "",
                        "starting\nconfig error: no such layer\n\n"}),
              ElementsAre("the scheduler \"demo\" did not attach: it exited with status 3; its last line of "
                          "output: config error: no such layer"));
  EXPECT_THAT(lines_of({"scheduler_attach_failed", "it exited with status 1", "", "",
                        "libbpf: failed to find valid kernel config\ndemo: cannot load\n"}),
              ElementsAre(HasSubstr("demo: cannot load"), "libbpf: failed to find valid kernel config"));
}

TEST(SchedulerEnd, AnOptionThatNobodyKnowsIsSaidBeforeTheUsage) {
  EXPECT_THAT(lines_of({"scheduler_attach_failed", "it exited with status 1", "", "",
                        "scx_demo: invalid option -- 'Q'\nUsage: scx_demo [-f]\n  -h  this help\n"}),
              ElementsAre(HasSubstr("-h  this help"), "scx_demo: invalid option -- 'Q'"));
}

TEST(SchedulerEnd, WhatABufferHeldBackDoesNotHideTheReason) {
  EXPECT_THAT(lines_of({"scheduler_attach_failed", "it exited with status 1", "", "",
                        "[SCX_BUG] demo.c:96 (Success)\nCPU0 wants to be its own pair\nPairs: \n"}),
              ElementsAre(HasSubstr("its last line of output: Pairs:"),
                          "[SCX_BUG] demo.c:96 (Success): CPU0 wants to be its own pair"));
  EXPECT_THAT(lines_of({"scheduler_attach_failed", "it exited with status 1", "", "",
                        "[SCX_BUG] demo.c:96 (Success)\nCPU0 wants to be its own pair\n"}),
              ElementsAre(HasSubstr("its last line of output: CPU0 wants to be its own pair"),
                          "[SCX_BUG] demo.c:96 (Success)"));
}

TEST(SchedulerEnd, KnownCausesComeWithTheFix) {
  EXPECT_THAT(
      lines_of({"scheduler_attach_failed", "it was killed by signal 9 (Killed)", "", "out_of_memory", ""}),
      ElementsAre("the scheduler \"demo\" did not attach: it was killed by signal 9 (Killed); the guest of "
                  "256 MiB ran out of memory: raise memory_mib"));
  EXPECT_THAT(
      lines_of({"scheduler_attach_failed",
                "it exited with status 0 and went on in the background as process 139", "", "left_foreground",
                ""}),
      ElementsAre(HasSubstr("process 139; it must stay in the foreground for as long as it schedules")));
  EXPECT_THAT(
      lines_of({"scheduler_attach_failed",
                "sched_ext was still disabled after 10001 ms: its main thread is running", "", "time_out",
                "starting\n"}),
      ElementsAre("the scheduler \"demo\" did not attach: sched_ext was still disabled after 10001 ms: its "
                  "main thread is running; "
                  "raise attach_timeout_ms (10000) if it needs longer; its last line of output: starting"));
}

TEST(SchedulerEnd, TheEndOfALongLineIsShown) {
  const std::vector<std::string> lines = lines_of(
      {"scheduler_died", "it exited with status 9", "", "", std::string(50'000, '.') + "the real reason"});
  EXPECT_THAT(lines, ElementsAre(HasSubstr("...the real reason")));
  EXPECT_LT(lines.at(0).size(), 500U);
}

TEST(SchedulerEnd, AnEjectionComesFirstAndItsVictimsAreCounted) {
  json::object result = samples::result();
  result["outcome"] = "scheduler_ejected";
  result.at("scheduler").as_object()["exit_reason"] = "scx_bpf_error: lost track of a cell";
  json::object& worker = samples::worker_of(result, 0, 0);
  worker["completed"] = false;
  worker["exit"] = "killed by signal 9";
  EXPECT_THAT(judge(samples::test(), samples::completed(result), samples::terms()).lines,
              ElementsAre("the kernel ejected the scheduler \"demo\": scx_bpf_error: lost track of a cell",
                          "1 of 3 workers did not finish"));
}

TEST(SchedulerEnd, AStallInWhichTheKernelNamesNobodyHasWhoWaitsLongest) {
  json::object result = samples::result();
  result["outcome"] = "scheduler_ejected";
  result["scenario"] = nullptr;
  result["tasks"] = json::array();
  result["bpf_maps"] = nullptr;
  result.at("scheduler").as_object()["exit_reason"] =
      "runnable task stall: watchdog failed to check in for 5.004s";
  const auto lines_with = [&](const char* dump) {
    result["scheduler_dump"] = dump;
    return judge(samples::test(), samples::completed(result), samples::terms()).lines;
  };
  const std::string reason =
      "the kernel ejected the scheduler \"demo\": runnable task stall: watchdog failed to check in for "
      "5.004s";
  EXPECT_THAT(
      lines_with(
          "  CPU 0   : nr_run=3\n   *R web/1[14] -10ms\n    R web/3[185] -4036ms\n"
          "      kthread+0xfc/0x240\n    R kworker/u33:1[74] -1952ms\n    R odd[7] -ms\n    R [] +1ms\n"),
      ElementsAre(reason + "; waiting longest: web/3[185] for 4.036 s"));
  EXPECT_THAT(lines_with("no task in it\n"), ElementsAre(reason));
}

TEST(SchedulerEnd, ASchedulerWithoutAnyWorkerWasNotTested) {
  json::object result = samples::result();
  result.at("scheduler").as_object()["switch_all"] = false;
  result.at("scheduler").as_object()["switched"] = 0;
  const Verdict verdict = judge(samples::test(), samples::completed(result), samples::terms());
  EXPECT_EQ(verdict.outcome, Outcome::kInconclusive);
  EXPECT_THAT(verdict.lines, ElementsAre(StartsWith("the scheduler \"demo\" had no worker under it")));
  result.at("scheduler").as_object()["switched"] = 1;
  EXPECT_EQ(judge(samples::test(), samples::completed(result), samples::terms()).outcome, Outcome::kPassed);
}

}  // namespace
}  // namespace ktstr::kvm
