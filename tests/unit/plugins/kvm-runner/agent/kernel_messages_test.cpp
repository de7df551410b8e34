// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel_messages.hpp"

#include <gtest/gtest.h>

namespace ktstr::agent {
namespace {

using Messages = std::vector<std::string>;

TEST(KernelMessages, ARecordIsItsText) {
  EXPECT_EQ(message_of_record("3,339,5140900,-;sched_ext: demo: lost\n SUBSYSTEM=x\n"),
            "sched_ext: demo: lost");
  EXPECT_EQ(message_of_record("no record"), "");
}

TEST(KernelMessages, AnEjectionIsFoundByTheKernelsOwnLine) {
  const Messages messages = {"sched_ext: BPF scheduler \"lavd (1.0)\" enabled",
                             "sched_ext: BPF scheduler \"lavd (1.0)\" disabled (runnable task stall)",
                             "sched_ext: other: no",
                             "sched_ext: lavd (1.0): hogs/1[88] failed to run for 5.2s"};
  const auto ejection = find_ejection(messages);
  ASSERT_TRUE(ejection);
  EXPECT_EQ(ejection->text(), "runnable task stall: hogs/1[88] failed to run for 5.2s");
  EXPECT_FALSE(ejection->own_doing());
}

TEST(KernelMessages, LettingGoIsNoEjectionByTheKernel) {
  const auto ejection =
      find_ejection({"sched_ext: BPF scheduler \"demo\" disabled (unregistered from user space)"});
  ASSERT_TRUE(ejection);
  EXPECT_TRUE(ejection->own_doing());
  EXPECT_EQ(ejection->text(), "unregistered from user space");
}

TEST(KernelMessages, OddLinesAreNoEjection) {
  for (const char* line : {"", "sched_ext: BPF scheduler \"demo\" enabled",
                           "\" disabled (x) BPF scheduler \"", "BPF scheduler \""}) {
    EXPECT_FALSE(find_ejection({line})) << line;
  }
  EXPECT_EQ(find_ejection({"sched_ext: BPF scheduler \"demo\" disabled (cut of"})->reason, "cut of");
}

TEST(KernelMessages, TheVictimOfTheOutOfMemoryKillerIsKnownByItsNumber) {
  const Messages messages = {
      "Out of memory: Killed process 139 (scx_demo) total-vm:260000kB, anon-rss:190000kB"};
  EXPECT_TRUE(killed_for_memory(messages, 139));
  EXPECT_FALSE(killed_for_memory(messages, 13));
}

TEST(KernelMessages, TheLastComplaintOfSchedExtCounts) {
  EXPECT_EQ(last_complaint({"sched_ext: a", "sched_ext: b", "sched_ext: BPF scheduler \"x\" enabled",
                            "Killed process 1 (y)"}),
            "b");
  EXPECT_EQ(last_complaint({}), "");
}

}  // namespace
}  // namespace ktstr::agent
