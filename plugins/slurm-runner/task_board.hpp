// SPDX-License-Identifier: Apache-2.0
//
// What is known of the tasks of one array, and which of them no result will come from any more. Pure: the
// queue and the time are told.
#pragma once
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "slurm_tools.hpp"

namespace ktstr::slurm {

/// How long things may take that usually end by themselves.
struct Patience {
  std::chrono::seconds result{60}, node{600};
};

class TaskBoard {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `pins`: which tasks may run on one node only, and on which.
  TaskBoard(std::size_t tasks, const std::vector<std::pair<std::uint32_t, std::string>>& pins,
            Patience patience);

  /// Its result is there, or it was given up: whatever Slurm says of it means nothing any more.
  void close(std::uint32_t index);
  /// A look at the queue; a task that is not in there has ended.
  void see(const std::vector<QueueRow>& rows, Time now);

  bool open(std::uint32_t index) const { return !tasks_[index].closed; }
  std::size_t count_open() const { return open_; }
  bool running(std::uint32_t index) const { return tasks_[index].row.state == TaskState::kRunning; }
  const std::string& node(std::uint32_t index) const { return tasks_[index].row.node; }

  struct Lost {
    std::uint32_t index = 0;
    std::string why, hint;
    bool waits = false;  ///< Slurm would still start it
  };
  /// Open tasks that no result will come from.
  std::vector<Lost> lost(Time now) const;

  /// "45 of 60 wait: Resources"; empty when none waits.
  std::string queue_line() const;

 private:
  struct Task {
    QueueRow row;
    std::string pin;
    std::optional<Time> ended, stuck;  ///< since when
    bool closed = false;
  };
  std::vector<Task> tasks_;
  std::size_t open_;
  Patience patience_;
};

}  // namespace ktstr::slurm
