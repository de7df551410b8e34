// SPDX-License-Identifier: Apache-2.0
#include "agent/scene.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/temp_tree.hpp"

namespace ktstr::agent {
namespace {

std::string stat(const std::string& name, char state, unsigned flags) {
  std::string line = "90 (" + name + ") " + state + " 1 90 90 0 -1 " + std::to_string(flags);
  for (int field = 7; field < 36; ++field) line += " 0";
  return line + " 3 0 7 0";
}

TEST(Scene, ATaskIsReadWhateverItsName) {
  kvm::GuestTask task;
  bool kernel = true;
  ASSERT_TRUE(parse_task(stat("a) R 1 (b", 'S', 0x400040), task, kernel));
  EXPECT_EQ(task.name, "a) R 1 (b");
  EXPECT_EQ(task.state, "S");
  EXPECT_EQ(task.cpu, 3U);
  EXPECT_EQ(task.policy, 7U);
  EXPECT_FALSE(kernel);
  ASSERT_TRUE(parse_task(stat("kworker/0:1", 'D', 0x00200000), task, kernel));
  EXPECT_TRUE(kernel);
  for (const char* broken : {"", "90 (a", "90 (a) R", ")("}) EXPECT_FALSE(parse_task(broken, task, kernel));
}

TEST(Scene, TheKernelsOwnTasksCountOnlyWhereTheyWait) {
  testing::TempTree tree;
  tree.write("1/task/1/stat", stat("init", 'S', 0));
  tree.write("90/task/90/stat", stat("steady/0", 'S', 0));
  tree.write("90/task/90/wchan", "futex_wait_queue");
  tree.write("90/task/90/stack", "[<0>] futex_wait_queue+0x63/0x90\n");
  tree.write("9/task/9/stat", stat("kworker/0:1", 'I', 0x00200000));
  tree.write("10/task/10/stat", stat("kworker/1:1", 'D', 0x00200000));
  tree.write("self/stat", "nobody");
  const std::vector<kvm::GuestTask> tasks = read_tasks(tree.path().string());
  ASSERT_EQ(tasks.size(), 2U);
  EXPECT_EQ(tasks[0].name, "kworker/1:1");
  EXPECT_EQ(tasks[1].tid, 90);
  EXPECT_EQ(tasks[1].wchan, "futex_wait_queue");
  EXPECT_EQ(read_tasks(tree.path().string(), 1).size(), 1U);
}

TEST(Scene, TheDumpIsWhatStandsBehindItsMark) {
  const char* trace =
      "# tracer: nop\n"
      "  kworker-9 [000] d..1. 1.0: sched_ext_dump: CPU states\n"
      "  kworker-9 [000] d..1. 1.0: bpf_trace_printk: sched_ext_dum\n"
      "  kworker-9 [000] d..1. 1.0: sched_ext_dump:   R steady/0[90]";
  EXPECT_EQ(dump_lines(trace, 1000), "CPU states\n  R steady/0[90]\n");
  EXPECT_EQ(dump_lines(trace, 5), "CPU s");
  EXPECT_EQ(dump_lines("", 5), "");
}

}  // namespace
}  // namespace ktstr::agent
