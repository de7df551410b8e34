// SPDX-License-Identifier: Apache-2.0
#include "tcg/call_tree.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace ktstr::cost {
namespace {

enum Function : FunctionId { kNone, kSyscall, kDo, kLeaf, kIrq, kHandler, kSchedule, kAsm, kSwitch, kReturn };
constexpr const char* kNames[] = {"-",       "syscall",  "do",  "leaf",   "irq",
                                  "handler", "schedule", "asm", "switch", "return"};

constexpr std::uint64_t kStack = 0xffa0000000100000, kOther = 0xffa0000000200000,
                        kIrqStack = 0xffa0000000300800, kEntryStack = 0xfffffe0000002fd8,
                        kUser = 0x7ffd00001000;
constexpr std::uint64_t kTop = 0x4000;  // of a task's stack

class Calls : public ::testing::Test {
 protected:
  Calls() { tree.count(true); }

  /// Comes into a function, which then executes so many instructions.
  void start(FunctionId function, std::uint64_t pointer, std::uint64_t insns,
             FunctionKind kind = FunctionKind::kPlain) {
    tree.arrive({function, kind, true, pointer});
    tree.spend(insns);
  }
  void back(FunctionId function, std::uint64_t pointer, std::uint64_t insns,
            FunctionKind kind = FunctionKind::kPlain) {
    tree.arrive({function, kind, false, pointer});
    tree.spend(insns);
  }
  /// "outer;inner": {calls, instructions}, of all places where anything was counted.
  std::map<std::string, std::pair<int, int>> seen() const {
    std::map<std::string, std::pair<int, int>> all;
    std::vector<std::string> names(tree.nodes().size());
    for (std::size_t i = 1; i < names.size(); ++i) {
      const CallNode& node = tree.nodes()[i];
      names[i] = (node.parent == 0 ? "" : names[node.parent] + ";") + kNames[node.function];
      if (node.calls > 0 || node.insns > 0)
        all[names[i]] = {static_cast<int>(node.calls), static_cast<int>(node.insns)};
    }
    return all;
  }
  using Seen = std::map<std::string, std::pair<int, int>>;

  CallTree tree{2};
};

TEST_F(Calls, ASystemCallCallsAndReturns) {
  for (int i = 0; i < 2; ++i) {
    start(kSyscall, kUser, 10, FunctionKind::kEntry);
    start(kDo, kStack + kTop - 0x100, 3);
    start(kLeaf, kStack + kTop - 0x140, 5);
    back(kDo, kStack + kTop - 0x138, 2);
    back(kSyscall, kStack + kTop - 0xf8, 4, FunctionKind::kEntry);
  }
  EXPECT_EQ(seen(), (Seen{{"syscall", {2, 28}}, {"syscall;do", {2, 10}}, {"syscall;do;leaf", {2, 10}}}));
}

TEST_F(Calls, WhoIsJumpedToAtTheEndIsCalledAndTheCallerOfBothGoesOn) {
  start(kDo, kStack + 0x3000, 1);
  start(kLeaf, kStack + 0x2f00, 2);
  start(kHandler, kStack + 0x2f00, 4);  // leaf's last instruction jumped there: same return address
  back(kDo, kStack + 0x2f08, 8);
  EXPECT_EQ(seen(), (Seen{{"do", {1, 9}}, {"do;leaf", {1, 2}}, {"do;leaf;handler", {1, 4}}}));
}

TEST_F(Calls, AJumpToItsOwnStartIsNoCallAndACallOfItselfIs) {
  start(kDo, kStack + 0x3000, 1);
  start(kDo, kStack + 0x3000, 1);
  EXPECT_EQ(seen(), (Seen{{"do", {1, 2}}}));
  start(kDo, kStack + 0x2f80, 1);
  EXPECT_EQ(seen(), (Seen{{"do", {1, 2}}, {"do;do", {1, 1}}}));
}

TEST_F(Calls, AnInterruptIsNotCalledByWhatItInterrupts) {
  start(kDo, kStack + 0x3000, 1);
  start(kIrq, kStack + 0x2e00, 2, FunctionKind::kEntry);
  start(kHandler, kStack + 0x2d00, 4);
  back(kIrq, kStack + 0x2d08, 8, FunctionKind::kEntry);
  start(kReturn, kStack + 0x2d08, 16, FunctionKind::kReturns);
  back(kDo, kStack + 0x2e80, 32);
  EXPECT_EQ(seen(),
            (Seen{{"do", {1, 33}}, {"irq", {1, 10}}, {"irq;handler", {1, 4}}, {"irq;return", {1, 16}}}));
}

TEST_F(Calls, AnInterruptOfAProgramGoesOnOnTheTasksStack) {
  start(kIrq, kEntryStack, 1, FunctionKind::kEntry);
  start(kHandler, kStack + kTop - 0xc0, 2);
  back(kIrq, kStack + kTop - 0xb8, 4, FunctionKind::kEntry);
  EXPECT_EQ(seen(), (Seen{{"irq", {1, 5}}, {"irq;handler", {1, 2}}}));
}

TEST_F(Calls, AnInterruptsOwnStackIsCalledFromWhereItWasEntered) {
  start(kDo, kStack + 0x3000, 1);
  start(kIrq, kStack + 0x2e00, 2, FunctionKind::kEntry);
  start(kHandler, kStack + 0x2d00, 4);
  start(kLeaf, kIrqStack, 8);         // handler went over to the other stack and called it there
  back(kHandler, kIrqStack + 8, 16);  // and is itself there
  start(kLeaf, kIrqStack, 8);
  back(kHandler, kStack + 0x2d10, 32);
  back(kDo, kStack + 0x2e80, 64);
  EXPECT_EQ(
      seen(),
      (Seen{{"do", {1, 65}}, {"irq", {1, 2}}, {"irq;handler", {1, 52}}, {"irq;handler;leaf", {2, 16}}}));
}

TEST_F(Calls, WhoIsSwitchedAwayGoesOnWhereItWas) {
  start(kDo, kStack + 0x3000, 1);
  start(kSchedule, kStack + 0x2f00, 2);
  start(kAsm, kStack + 0x2e00, 4, FunctionKind::kSwitches);
  start(kSwitch, kOther + 0x3f40, 8);  // a task that never ran before
  start(kLeaf, kOther + 0x3f48, 16, FunctionKind::kEntry);
  start(kSchedule, kOther + 0x3e00, 32);
  start(kAsm, kOther + 0x3d00, 64, FunctionKind::kSwitches);
  start(kSwitch, kStack + 0x2e00, 128);
  back(kSchedule, kStack + 0x2e08, 256);
  back(kDo, kStack + 0x2f08, 512);
  EXPECT_EQ(seen(), (Seen{{"do", {1, 513}},
                          {"do;schedule", {1, 258}},
                          {"do;schedule;asm", {1, 4}},
                          {"do;schedule;asm;switch", {1, 128}},
                          {"switch", {1, 8}},
                          {"leaf", {1, 16}},
                          {"leaf;schedule", {1, 32}},
                          {"leaf;schedule;asm", {1, 64}}}));
}

TEST_F(Calls, TheStackOfATaskThatEndedIsAnewForTheNext) {
  start(kDo, kStack + 0x3f40, 1);
  start(kAsm, kStack + 0x3000, 2, FunctionKind::kSwitches);  // for good
  start(kSwitch, kOther + 0x3f40, 0);
  start(kAsm, kOther + 0x3000, 0, FunctionKind::kSwitches);
  start(kSwitch, kStack + 0x3f40, 4);
  EXPECT_EQ(seen().at("switch"), (std::pair<int, int>{2, 4}));
}

TEST_F(Calls, CpusTakeTurnsInTheMiddleOfAnything) {
  start(kDo, kStack + 0x3000, 1);
  tree.run(1);
  start(kLeaf, kOther + 0x3000, 2);
  tree.run(0);
  tree.spend(4);
  tree.run(1);
  tree.spend(8);
  EXPECT_EQ(seen(), (Seen{{"do", {1, 5}}, {"leaf", {1, 10}}}));
}

TEST_F(Calls, NothingIsCountedWhileItIsOffButCallersAreKnownAfterwards) {
  tree.count(false);
  start(kDo, kStack + 0x3000, 1);
  tree.count(true);
  start(kLeaf, kStack + 0x2f00, 2);
  EXPECT_EQ(seen(), (Seen{{"do;leaf", {1, 2}}}));
}

TEST_F(Calls, NoStackPointerBreaksIt) {
  std::uint64_t pointer = 1;
  for (int i = 0; i < 200'000; ++i) {
    pointer = pointer * 6364136223846793005ULL + 1442695040888963407ULL;
    const std::uint64_t random = pointer >> 33U;
    const auto kind = static_cast<FunctionKind>(random % 4);
    tree.run(random % 2);
    const std::uint64_t at = random % 7 == 0 ? pointer : kStack + random % 0x40000;
    tree.arrive({static_cast<FunctionId>(random % 9), kind, random % 3 != 0, at});
    tree.spend(1);
  }
  std::uint64_t sum = 0;
  for (const CallNode& node : tree.nodes()) sum += node.insns;
  EXPECT_EQ(sum, 200'000U) << "whatever is made of it, nothing is lost";
  for (std::size_t i = 1; i < tree.nodes().size(); ++i) ASSERT_LT(tree.nodes()[i].parent, i);
}

}  // namespace
}  // namespace ktstr::cost
