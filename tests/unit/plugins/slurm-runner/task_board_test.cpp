// SPDX-License-Identifier: Apache-2.0
#include "task_board.hpp"

#include <gmock/gmock.h>

namespace ktstr::slurm {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const TaskBoard::Time kStart = TaskBoard::Time() + std::chrono::hours(1);

QueueRow waits(std::uint32_t index, std::string reason = "Resources") {
  return {index, TaskState::kWaiting, "PENDING", "", std::move(reason)};
}
QueueRow runs(std::uint32_t index, std::string node = "kn1") {
  return {index, TaskState::kRunning, "RUNNING", std::move(node), ""};
}
QueueRow ended(std::uint32_t index, std::string word, std::string node = "kn1") {
  return {index, TaskState::kEnded, std::move(word), std::move(node), ""};
}

TaskBoard two_tasks(const std::vector<std::pair<std::uint32_t, std::string>>& pins = {}) {
  return {2, pins, {seconds(10), seconds(100)}};
}

TEST(TaskBoard, ATaskThatEndedIsLostWhenItsResultDoesNotCome) {
  TaskBoard board = two_tasks();
  board.see({runs(0), runs(1, "kn2")}, kStart);
  board.see({ended(0, "COMPLETED"), ended(1, "NODE_FAIL", "kn2")}, kStart + seconds(1));
  EXPECT_TRUE(board.lost(kStart + seconds(10)).empty());
  const auto lost = board.lost(kStart + seconds(11));
  ASSERT_EQ(lost.size(), 2U);
  EXPECT_THAT(lost[0].why, StartsWith("kn1: the task ended, and its result is not in the shared directory"));
  EXPECT_THAT(lost[0].hint, HasSubstr("shared_dir"));
  EXPECT_THAT(lost[1].why, StartsWith("kn2: the node failed"));
  EXPECT_FALSE(lost[1].waits);
}

TEST(TaskBoard, WhatHasItsResultIsNeverLost) {
  TaskBoard board = two_tasks();
  board.close(0);
  EXPECT_EQ(board.count_open(), 1U);
  board.see({ended(0, "CANCELLED"), runs(1)}, kStart);
  EXPECT_TRUE(board.lost(kStart + seconds(1000)).empty());
  board.close(1);
  EXPECT_EQ(board.count_open(), 0U);
}

TEST(TaskBoard, ATaskThatIsRunAgainIsNotLost) {
  TaskBoard board = two_tasks();
  board.see({ended(0, "NODE_FAIL"), runs(1)}, kStart);
  board.see({waits(0, "BeginTime"), runs(1)}, kStart + seconds(5));
  EXPECT_TRUE(board.lost(kStart + seconds(1000)).empty());
  board.see({ended(0, "FAILED"), runs(1)}, kStart + seconds(1000));  // patience begins anew
  EXPECT_TRUE(board.lost(kStart + seconds(1009)).empty());
  EXPECT_EQ(board.lost(kStart + seconds(1010)).size(), 1U);
}

TEST(TaskBoard, WhatSlurmForgetsHasEndedAsItLastSaid) {
  TaskBoard board = two_tasks();
  board.see({ended(0, "TIMEOUT"), runs(1)}, kStart);
  board.see({}, kStart + seconds(1));
  const auto lost = board.lost(kStart + seconds(20));
  ASSERT_EQ(lost.size(), 2U);
  EXPECT_THAT(lost[0].why, HasSubstr("time limit (TIMEOUT)"));
  EXPECT_THAT(lost[0].hint, HasSubstr("time_limit_s"));
  EXPECT_EQ(lost[1].why, "kn1: Slurm no longer knows the task");
}

TEST(TaskBoard, ATaskWaitsForResourcesAsLongAsItTakes) {
  TaskBoard board = two_tasks();
  board.see({waits(0), waits(1, "ReqNodeNotAvail, UnavailableNodes:kn2")}, kStart);
  EXPECT_TRUE(board.lost(kStart + std::chrono::hours(100)).empty());  // 1 may run on any node
  EXPECT_EQ(board.queue_line(), "2 of 2 wait: Resources");
}

TEST(TaskBoard, APinnedTaskWaitsForItsNodeForAWhile) {
  TaskBoard board = two_tasks({{1, "kn2"}});
  const QueueRow stuck = waits(1, "ReqNodeNotAvail, UnavailableNodes:kn2");
  board.see({waits(0), stuck}, kStart);
  board.see({waits(0), waits(1)}, kStart + seconds(90));  // it was back
  board.see({waits(0), stuck}, kStart + seconds(120));
  EXPECT_TRUE(board.lost(kStart + seconds(219)).empty());
  const auto lost = board.lost(kStart + seconds(220));
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_EQ(lost[0].index, 1U);
  EXPECT_THAT(lost[0].why, StartsWith("kn2, on which the other side of this pair ran, is not available"));
  EXPECT_TRUE(lost[0].waits);
}

TEST(TaskBoard, WhatSlurmNeverStartsIsLost) {
  TaskBoard board = two_tasks();
  board.see({waits(0, "launch failed requeued held"), waits(1)}, kStart);
  EXPECT_TRUE(board.lost(kStart + seconds(9)).empty());
  const auto lost = board.lost(kStart + seconds(10));
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_EQ(lost[0].why, "Slurm does not start the task: launch failed requeued held");
  EXPECT_TRUE(lost[0].waits);
}

TEST(TaskBoard, RowsOfNoTaskAreIgnored) {
  TaskBoard board = two_tasks();
  board.see({runs(0), runs(1), ended(7, "FAILED")}, kStart);
  EXPECT_TRUE(board.lost(kStart + seconds(1000)).empty());
  EXPECT_EQ(board.queue_line(), "");
}

}  // namespace
}  // namespace ktstr::slurm
