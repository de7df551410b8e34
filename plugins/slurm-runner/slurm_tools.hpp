// SPDX-License-Identifier: Apache-2.0
//
// Slurm's command-line tools: sbatch, scontrol, squeue, scancel. Everything throws sdk::Error with a line
// that says which of them failed, and what helps.
#pragma once
#include <cstdint>
#include <functional>
#include <ktstr/cpp/error.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ktstr::slurm {

enum class TaskState { kWaiting, kRunning, kEnded };

/// One task as squeue has it.
struct QueueRow {
  std::uint32_t index = 0;
  TaskState state = TaskState::kWaiting;
  std::string word;          ///< Slurm's own: "NODE_FAIL"
  std::string node, reason;  ///< why it waits; either may be empty
};

/// Lines that are none of a task below `tasks` are left out.
std::vector<QueueRow> parse_queue(std::string_view text, std::size_t tasks);
/// Of `sbatch --parsable`: "123", or "123;cluster".
std::string parse_job_id(std::string_view text);
/// The line of a tool's stderr that says what is wrong, without the tool's name.
std::string complaint_of(std::string_view errors);

/// Whether there may be a job though sbatch failed: the controller was slow to say so.
bool may_have_submitted(const sdk::Error& error);

/// Variables that a job does not get: their names say that they are secret (AWS_SECRET_ACCESS_KEY,
/// GITHUB_TOKEN). Slurm keeps a job's variables in files of the controller's and the nodes', and results are
/// stored from this machine. `variables`: "NAME=value", the names alone are returned.
std::vector<std::string> secret_names(const std::vector<std::string>& variables);

class SlurmTools {
 public:
  /// `stopped` ends a tool that runs.
  explicit SlurmTools(std::function<bool()> stopped) : stopped_(std::move(stopped)) {}

  /// The job's id.
  std::string submit(const std::vector<std::string>& sbatch, const std::string& script) const;
  /// Of a held job: the task may run on that node only.
  void pin(const std::string& job, std::uint32_t index, const std::string& node) const;
  /// Lets a held job go.
  void release(const std::string& job) const;
  std::vector<QueueRow> queue(const std::string& job, std::size_t tasks) const;
  /// All jobs of that name; whether or not the user has asked to stop.
  void cancel(const std::string& name) const;
  void cancel_task(const std::string& job, std::uint32_t index) const;
  /// "slurm 22.05.8".
  std::string version() const;
  /// A line for each partition: name, nodes, their state.
  std::vector<std::string> partitions(const std::string& only) const;

 private:
  std::string run(std::vector<std::string> argv, const std::string& input, bool to_the_end) const;

  std::function<bool()> stopped_;
};

}  // namespace ktstr::slurm
