// SPDX-License-Identifier: Apache-2.0
//
// One run of tests: one job array, from its submission until no task is left.
#pragma once
#include <functional>
#include <ktstr/cpp/host.hpp>
#include <ktstr/cpp/runner.hpp>
#include <optional>
#include <string>
#include <vector>

#include "array_plan.hpp"
#include "farm_directory.hpp"
#include "options.hpp"
#include "result.hpp"
#include "slurm_tools.hpp"
#include "task_board.hpp"

namespace ktstr::slurm {

class Invocation {
 public:
  /// `shared`: where its directory is made. Everything is borrowed.
  Invocation(const SlurmOptions& options, const std::filesystem::path& shared, const FarmRequest& request,
             const std::vector<std::string>& tests, sdk::Host host, const sdk::RunEvents& events,
             const std::function<bool()>& stopped);
  /// Leaves no job behind.
  ~Invocation();
  Invocation(const Invocation&) = delete;
  Invocation& operator=(const Invocation&) = delete;

  /// Returns when each test has been told to have ended. Throws sdk::Error.
  void run();

 private:
  using Clock = std::chrono::steady_clock;

  void submit();
  void pin(std::uint32_t index, const std::string& node);
  void take_results();
  /// False: no result of it yet.
  bool take_attempt(std::uint32_t index, std::uint32_t restart);
  void hand_over(std::uint32_t index, std::uint32_t restart, const TaskResult& result);
  void hand_over_artifacts(std::uint32_t index, std::uint32_t restart, const TaskResult& result);
  void begin(std::uint32_t index);
  void look_at_queue();
  void give_up(const TaskBoard::Lost& lost);
  void tell_progress(std::uint32_t index, std::uint32_t restart);
  void pause();

  const SlurmOptions& options_;
  const std::vector<std::string>& tests_;
  const sdk::Host host_;
  const sdk::RunEvents& events_;
  const std::function<bool()>& stopped_;
  const SlurmTools slurm_;
  const ArrayPlan plan_;
  const std::filesystem::path shared_;
  const json::object task_;
  std::optional<FarmDirectory> directory_;
  std::string job_;
  TaskBoard board_;
  std::vector<bool> begun_;
  std::vector<std::uint32_t> restarts_;      ///< of each task, as far as they were told
  std::optional<Clock::time_point> silent_;  ///< since when the controller does not answer
};

}  // namespace ktstr::slurm
