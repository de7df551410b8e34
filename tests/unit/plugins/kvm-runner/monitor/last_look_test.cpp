// SPDX-License-Identifier: Apache-2.0
#include "monitor/last_look.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "synthetic_guest.hpp"

namespace ktstr::kvm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kDirectMap;
using testing::SyntheticGuest;

/// A guest with a table of two functions, and two tasks.
class Scene : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kInfo = 0x300000, kText = 0x301000, kNames = 0x302000, kTokens = 0x303000,
                                 kIndex = 0x304000, kOffsets = 0x305000, kCount = 0x306000, kBase = 0x307000,
                                 kInit = 0x308000, kWorker = 0x30a000, kStack = 0x310000;

  Scene() {
    SyntheticGuest& g = guest;
    g.symbol("vmcoreinfo_data", kDirectMap + kInfo);
    g.put(kInfo, kDirectMap + kText);
    std::string info = "OSRELEASE=6.18\n";
    const std::pair<const char*, std::uint64_t> places[] = {
        {"kallsyms_names", kNames},     {"kallsyms_token_table", kTokens}, {"kallsyms_token_index", kIndex},
        {"kallsyms_offsets", kOffsets}, {"kallsyms_num_syms", kCount},     {"kallsyms_relative_base", kBase}};
    for (const auto& [name, place] : places) {
      char line[80];
      std::snprintf(line, sizeof line, "SYMBOL(%s)=%llx\n", name,
                    static_cast<unsigned long long>(kDirectMap + place));
      info += line;
    }
    std::memcpy(g.bytes() + kText, info.data(), info.size() + 1);
    // Tokens 0 to 3: "T", "sched", "ule", "_idle"; names "Tschedule" and "Tsched_idle".
    std::memcpy(g.bytes() + kTokens, "T\0sched\0ule\0_idle", 18);
    const std::uint16_t index[] = {0, 2, 8, 12};
    std::memcpy(g.bytes() + kIndex, index, sizeof index);
    std::memcpy(g.bytes() + kNames, "\3\0\1\2\3\0\1\3", 8);
    g.put<std::uint32_t>(kCount, 2);
    g.put<std::uint64_t>(kBase, 0xffffffff81000000);
    g.put<std::uint32_t>(kOffsets, 0x1000);
    g.put<std::uint32_t>(kOffsets + 4, 0x2000);

    g.symbol("init_task", kDirectMap + kInit);
    const auto task = [&](const char* member) { return g.field("task_struct", member); };
    // Members have 8 bytes of their own each in this guest, the name needs 16.
    g.map().fields[monitor_field("task_struct", "comm")] = 0x600;
    g.put(kInit + task("tasks"), kDirectMap + kWorker + task("tasks"));
    g.put(kWorker + task("tasks"), kDirectMap + kInit + task("tasks"));
    g.put<std::uint32_t>(kWorker + task("pid"), 90);
    g.put<std::uint32_t>(kWorker + task("__state"), 2);
    std::memcpy(g.bytes() + kWorker + 0x600, "steady/0", 9);
    g.put(kWorker + task("stack"), kDirectMap + kStack);
    g.put(kWorker + task("thread") + g.field("thread_struct", "sp"), kDirectMap + kStack + 0x3f00);
    g.put<std::uint64_t>(kStack + 0x3f10, 0xffffffff8100103a);
    g.put<std::uint64_t>(kStack + 0x3f20, 0xffffffff81002004);
    g.put<std::uint64_t>(kStack + 0x3f28, 0xffffffff80000000);
  }

  LastLook look() {
    LastLook look;
    look.registers = {{0, 0xffffffff81001001, kDirectMap + kStack + 0x3f18, {}, {}, {}}};
    look_at_memory(GuestRam(guest.memory()), guest.map(), 2, look);
    return look;
  }

  SyntheticGuest guest{2};
};

TEST_F(Scene, TasksHaveTheirStateAndWhatLooksLikeAStack) {
  const LastLook seen = look();
  EXPECT_EQ(seen.no_tasks, "");
  ASSERT_EQ(seen.tasks.size(), 1U);
  EXPECT_EQ(seen.tasks[0].name, "steady/0");
  EXPECT_EQ(seen.tasks[0].pid, 90);
  EXPECT_EQ(seen.tasks[0].state, "D");
  EXPECT_THAT(seen.tasks[0].stack, ElementsAre("schedule+0x3a", "sched_idle+0x4"));
  ASSERT_TRUE(seen.queues.has_value());
  EXPECT_EQ(seen.registers[0].function, "schedule+0x1");
  EXPECT_THAT(seen.registers[0].stack, ElementsAre("sched_idle+0x4"));
}

TEST_F(Scene, OffsetsMayCountFromTheirOwnPlaces) {
  char* text = guest.bytes() + kText;
  std::memcpy(std::strstr(text, "relative_base"), "relative_none", 13);
  guest.put<std::int32_t>(kOffsets, 0x1000);
  guest.put<std::int32_t>(kOffsets + 4, -0x2004);
  LastLook look;
  look.registers = {{0, kDirectMap + kOffsets + 0x1003, 0, {}, {}, {}},
                    {1, kDirectMap + kOffsets - 0x1fff, 0, {}, {}, {}}};
  look_at_memory(GuestRam(guest.memory()), guest.map(), 2, look);
  EXPECT_EQ(look.registers[0].function, "schedule+0x3");
  EXPECT_EQ(look.registers[1].function, "sched_idle+0x1");
}

TEST_F(Scene, ThreadsOfTheKernelThatSleepAreLeftOut) {
  guest.put<std::uint32_t>(kWorker + guest.field("task_struct", "flags"), 0x00200000);
  EXPECT_EQ(look().tasks.size(), 1U) << "it waits uninterruptibly";
  guest.put<std::uint32_t>(kWorker + guest.field("task_struct", "__state"), 1);
  EXPECT_THAT(look().tasks, IsEmpty());
}

TEST_F(Scene, AListWithoutEndEnds) {
  const std::uint32_t next = guest.field("task_struct", "tasks");
  guest.put(kWorker + next, kDirectMap + kWorker + next);
  EXPECT_EQ(look().tasks.size(), 64U);
}

TEST_F(Scene, WithoutATableStacksHaveNoNames) {
  guest.put<std::uint32_t>(kCount, 0xffffffff);
  const LastLook seen = look();
  ASSERT_EQ(seen.tasks.size(), 1U);
  EXPECT_THAT(seen.tasks[0].stack, IsEmpty());
}

TEST_F(Scene, WhatTheKernelDoesNotTellIsAReason) {
  guest.symbol("init_task", kNoSymbol);
  EXPECT_THAT(look().no_tasks, HasSubstr("where its first task is"));
  guest.symbol("runqueues", kNoSymbol);
  EXPECT_THAT(look().no_queues, HasSubstr("runqueues"));
}

TEST(Registers, AreTakenPerCpuWithoutTheFloatingPointOnes) {
  const auto cpus = parse_registers(
      "\r\nCPU#0\r\nRAX=0000000000000001 RBX=00\r\nRSI=3 RDI=4 RBP=5 RSP=ffff888000001000\r\n"
      "RIP=ffffffff81001001 RFL=00000246 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1\r\nES =0000 0\r\n"
      "CR0=80050033 CR2=0 CR3=0 CR4=0\r\nFCW=037f\r\nXMM00=0\r\n\r\nCPU#1\r\nRIP=0 \x1b[31m\r\n");
  ASSERT_EQ(cpus.size(), 2U);
  EXPECT_EQ(cpus[0].lines.size(), 4U);
  EXPECT_EQ(cpus[0].instruction, 0xffffffff81001001);
  EXPECT_EQ(cpus[0].stack_pointer, 0xffff888000001000);
  EXPECT_EQ(cpus[1].cpu, 1U);
  EXPECT_THAT(cpus[1].lines, ElementsAre("RIP=0 \\x1b[31m"));
  EXPECT_THAT(parse_registers("no such command"), IsEmpty());
}

}  // namespace
}  // namespace ktstr::kvm
