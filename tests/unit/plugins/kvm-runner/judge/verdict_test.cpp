// SPDX-License-Identifier: Apache-2.0
#include "judge/verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "samples.hpp"

namespace ktstr::kvm {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Verdict of(const json::object& result) {
  return judge(samples::test(), samples::completed(result), samples::terms());
}

Verdict of_end(MachineEnd end, Stage stage, std::string reason, std::string console = "") {
  MachineOutcome machine;
  machine.end = end;
  machine.stage = stage;
  machine.reason = std::move(reason);
  machine.console_tail = std::move(console);
  return judge(samples::test(), machine, samples::terms());
}

TEST(Verdict, AGoodResultPasses) {
  const Verdict verdict = of(samples::result());
  EXPECT_EQ(verdict.outcome, Outcome::kPassed);
  EXPECT_THAT(verdict.lines, IsEmpty());
  EXPECT_TRUE(verdict.result);
}

TEST(Verdict, EveryAgentOutcomeHasItsOwnText) {
  const std::tuple<const char*, const char*, const char*> kRows[] = {
      {"spec_error", "cgroups[0]: no", "the guest agent did not accept the test: cgroups[0]: no"},
      {"setup_error", "sysctl x: EINVAL", "the test could not be set up in the guest: sysctl x: EINVAL"},
      {"agent_error", "fork: no", "the guest agent failed: fork: no"}};
  for (const auto& [outcome, message, line] : kRows) {
    json::object result = samples::result();
    result["outcome"] = outcome;
    result["message"] = message;
    result["scenario"] = nullptr;
    const Verdict verdict = of(result);
    EXPECT_EQ(verdict.outcome, Outcome::kFailed) << outcome;
    EXPECT_THAT(verdict.lines, ElementsAre(line));
  }
}

TEST(Verdict, EveryMachineEndHasItsOwnText) {
  const std::string panic =
      "boot\n[    3.2] Kernel panic - not syncing: sysrq triggered crash\x1b[0m\r\n[    3.3] CPU: 0\n";
  struct Row {
    MachineEnd end;
    Stage stage;
    const char* reason;
    Outcome outcome;
    const char* line;
  };
  const Row kRows[] = {
      {MachineEnd::kGuestPanic, Stage::kScenarioStarted, "panic", Outcome::kFailed,
       "the guest kernel panicked while the scenario was running: [    3.2] Kernel panic - not syncing: "
       "sysrq triggered crash\\x1b[0m"},
      {MachineEnd::kAgentDied, Stage::kSpecRead, "the agent gave up: no mailbox", Outcome::kFailed,
       "the guest agent died without a result while the test was set up: the agent gave up: no mailbox"},
      {MachineEnd::kHung, Stage::kScenarioStarted, "no sign of life for 20 s", Outcome::kFailed,
       "the guest hung while the scenario was running: no sign of life for 20 s"},
      {MachineEnd::kQemuDied, Stage::kSchedulerStarting, "QEMU was killed by signal 9 (Killed)",
       Outcome::kError,
       "QEMU ended by itself or was killed while the scheduler was starting: QEMU was killed by signal 9 "
       "(Killed)"},
      {MachineEnd::kBadResult, Stage::kDone, "impossible size", Outcome::kInconclusive,
       "the guest's result cannot be read: impossible size"},
      {MachineEnd::kCancelled, Stage::kReady, "", Outcome::kInconclusive,
       "interrupted before the test began"},
      {MachineEnd::kBootFailed, Stage::kNone, "no agent within 120 s", Outcome::kError,
       "the guest did not boot: no agent within 120 s; its console says: [    3.2] Kernel panic - not "
       "syncing: sysrq triggered crash\\x1b[0m"}};
  for (const Row& row : kRows) {
    const Verdict verdict = of_end(row.end, row.stage, row.reason, panic);
    EXPECT_EQ(verdict.outcome, row.outcome) << row.line;
    EXPECT_THAT(verdict.lines, ElementsAre(row.line));
  }
}

TEST(Verdict, ThePanicsFirstLineIsQuoted) {
  EXPECT_EQ(telling_console_line(
                "a\r\n[1.0] BUG: kernel NULL pointer dereference\r\n[1.1] Kernel panic - not syncing\n"),
            "[1.0] BUG: kernel NULL pointer dereference");
  EXPECT_EQ(telling_console_line("all is well\n"), "");
  EXPECT_EQ(telling_console_line(""), "");
}

TEST(Verdict, UnreadableResultsAreInconclusive) {
  for (const char* text : {"", "{", "\x1b[31m", "[]"}) {
    MachineOutcome machine = samples::completed(samples::result());
    machine.result = text;
    const Verdict verdict = judge(samples::test(), machine, samples::terms());
    EXPECT_EQ(verdict.outcome, Outcome::kInconclusive) << text;
    ASSERT_EQ(verdict.lines.size(), 1U);
    EXPECT_THAT(verdict.lines[0], HasSubstr("the guest's result cannot be read"));
  }
}

TEST(Verdict, AnOkWithoutItsPartsIsNoPass) {
  json::object result = samples::result();
  result["scenario"] = nullptr;
  EXPECT_EQ(of(result).outcome, Outcome::kInconclusive);
  result = samples::result();
  result["scheduler"] = nullptr;
  EXPECT_EQ(of(result).outcome, Outcome::kInconclusive);
  result = samples::result();
  result.at("scenario").as_object()["end_ns"] = result.at("scenario").at("start_ns");
  EXPECT_EQ(of(result).outcome, Outcome::kInconclusive);
  result = samples::result();
  result.at("scheduler").as_object()["state"] = "disabled";
  EXPECT_EQ(of(result).outcome, Outcome::kFailed);
}

TEST(Verdict, LostWorkersFailTheTest) {
  json::object result = samples::result();
  json::object& worker = samples::worker_of(result, 0, 0);
  worker["completed"] = false;
  worker["exit"] = "killed by signal 11";
  EXPECT_THAT(of(result).lines, ElementsAre("1 of 3 workers did not finish (steady 1: killed by signal 11)"));
}

TEST(Verdict, FailuresComeBeforeDoubts) {
  TestSpec test = samples::test();
  samples::demand(test, "max_p99_wake_latency_ns", 1);
  const Verdict verdict = judge(test, samples::completed(samples::result()), samples::terms());
  EXPECT_EQ(verdict.outcome, Outcome::kFailed);
  EXPECT_THAT(verdict.lines,
              ElementsAre(HasSubstr("cgroup steady: 99 %"), HasSubstr("cgroup timer: no wake-up")));
}

TEST(Verdict, HostileTextsCannotReachATerminal) {
  json::object result = samples::result();
  result["outcome"] = "setup_error";
  result["message"] = "a\x1b]0;title\x07\nb";
  for (const std::string& line : of(result).lines) {
    for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
  }
}

}  // namespace
}  // namespace ktstr::kvm
