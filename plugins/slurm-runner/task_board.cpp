// SPDX-License-Identifier: Apache-2.0
#include "task_board.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <map>

namespace ktstr::slurm {
namespace {

struct Meaning {
  std::string_view word, why, hint;
};
constexpr Meaning kEnds[] = {
    {"NODE_FAIL", "the node failed, and Slurm did not run the task again",
     "sinfo -R says what is wrong with it"},
    {"BOOT_FAIL", "the node did not boot", "sinfo -R says what is wrong with it"},
    {"TIMEOUT", "Slurm ended the task at its time limit", "raise the runner's option \"time_limit_s\""},
    {"OUT_OF_MEMORY", "Slurm ended the task, which ran out of memory",
     "ask for more: \"sbatch_args\": [\"--mem=8G\"] of the runner"},
    {"PREEMPTED", "Slurm took the node away and did not run the task again", ""},
    {"CANCELLED", "somebody cancelled the task", ""},
    {"COMPLETED", "the task ended, and its result is not in the shared directory",
     "has every node the same directory under the path of the runner's option \"shared_dir\"?"},
    {"", "Slurm no longer knows the task", "sacct, where the site has it, may say what became of it"},
};

/// Reasons for which Slurm never starts a task that waits.
constexpr std::string_view kHopeless[] = {"launch failed",  "JobHoldMaxRequeue",        "JobHeldAdmin",
                                          "BadConstraints", "DependencyNeverSatisfied", "InvalidAccount",
                                          "InvalidQOS"};

Meaning meaning_of(std::string_view word) {
  for (const Meaning& meaning : kEnds) {
    if (meaning.word == word) return meaning;
  }
  return {word, "the task ended without a result", ""};
}

bool is_hopeless(std::string_view reason) {
  return std::any_of(std::begin(kHopeless), std::end(kHopeless),
                     [&](std::string_view start) { return reason.starts_with(start); });
}

bool lacks_its_node(std::string_view reason) {
  return reason.starts_with("ReqNodeNotAvail") ||
         reason.find("Nodes required for job are DOWN") != reason.npos;
}

void keep_since(std::optional<TaskBoard::Time>& since, bool holds, TaskBoard::Time now) {
  if (!holds)
    since.reset();
  else if (!since)
    since = now;
}

}  // namespace

TaskBoard::TaskBoard(std::size_t tasks, const std::vector<std::pair<std::uint32_t, std::string>>& pins,
                     Patience patience)
    : tasks_(tasks), open_(tasks), patience_(patience) {
  for (const auto& [index, node] : pins) tasks_.at(index).pin = node;
}

void TaskBoard::close(std::uint32_t index) {
  KTSTR_ASSERT(index < tasks_.size() && !tasks_[index].closed && open_ > 0);
  tasks_[index].closed = true;
  --open_;
}

void TaskBoard::see(const std::vector<QueueRow>& rows, Time now) {
  std::map<std::uint32_t, const QueueRow*> seen;
  for (const QueueRow& row : rows) {
    if (row.index < tasks_.size()) seen[row.index] = &row;
  }
  for (std::uint32_t index = 0; index < tasks_.size(); ++index) {
    Task& task = tasks_[index];
    const auto found = seen.find(index);
    const std::string before = task.row.node;
    // What it ended as is still known after Slurm has forgotten it.
    if (found != seen.end())
      task.row = *found->second;
    else if (task.row.state != TaskState::kEnded)
      task.row = {index, TaskState::kEnded, "", before, ""};
    if (task.row.node.empty()) task.row.node = before;
    const bool waits = task.row.state == TaskState::kWaiting;
    keep_since(task.ended, task.row.state == TaskState::kEnded, now);
    keep_since(
        task.stuck,
        waits && (is_hopeless(task.row.reason) || (!task.pin.empty() && lacks_its_node(task.row.reason))),
        now);
  }
}

std::vector<TaskBoard::Lost> TaskBoard::lost(Time now) const {
  std::vector<Lost> all;
  for (std::uint32_t index = 0; index < tasks_.size(); ++index) {
    const Task& task = tasks_[index];
    if (task.closed) continue;
    const std::string on = task.row.node.empty() ? "" : task.row.node + ": ";
    if (task.ended && now - *task.ended >= patience_.result) {
      const Meaning meaning = meaning_of(task.row.word);
      all.push_back(
          {index, on + std::string(meaning.why) + (task.row.word.empty() ? "" : " (" + task.row.word + ")"),
           std::string(meaning.hint), false});
    } else if (task.stuck && is_hopeless(task.row.reason) && now - *task.stuck >= patience_.result) {
      all.push_back({index, "Slurm does not start the task: " + task.row.reason,
                     "scontrol show job says more; sinfo -R lists nodes with faults", true});
    } else if (task.stuck && now - *task.stuck >= patience_.node) {
      all.push_back(
          {index,
           task.pin + ", on which the other side of this pair ran, is not available: " + task.row.reason,
           "bring it back and go on with --resume, or let the runner's option \"pin\" be \"none\"", true});
    }
  }
  return all;
}

std::string TaskBoard::queue_line() const {
  std::size_t waiting = 0;
  std::string reason;
  for (const Task& task : tasks_) {
    if (task.closed || task.row.state != TaskState::kWaiting) continue;
    ++waiting;
    if (reason.empty()) reason = task.row.reason;
  }
  if (waiting == 0) return {};
  return std::to_string(waiting) + " of " + std::to_string(tasks_.size()) + " wait" +
         (reason.empty() ? "" : ": " + reason);
}

}  // namespace ktstr::slurm
