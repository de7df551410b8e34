// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/output_file.hpp"
#include "protocol/scenario.hpp"

namespace ktstr::agent {

/// The payloads of a scenario: programs that run beside the workers. Their output goes to plain files, so
/// that none of them waits for a reader.
class Payloads {
 public:
  /// One run of a payload.
  struct Run {
    std::size_t payload = 0;
    pid_t pid = -1;        ///< -1: it has ended
    int status = 0;        ///< as waitpid has it
    bool stopped = false;  ///< ended by the agent, not by itself
    std::uint64_t start_ns = 0, end_ns = 0;
    std::unique_ptr<OutputFile> output, errors;
  };

  /// `directory`: where the outputs go.
  Payloads(const kvm::Scenario& scenario, std::string directory);
  ~Payloads();
  Payloads(const Payloads&) = delete;
  Payloads& operator=(const Payloads&) = delete;

  /// Starts one; `place` puts it into its cgroup before it runs and returns an error text, empty when fine.
  std::string start(std::size_t payload, const std::function<std::string(pid_t)>& place);
  /// Whether its last run has not ended.
  bool running(std::size_t payload);
  /// Ends its last run: SIGTERM to its process group, then SIGKILL.
  void stop(std::size_t payload);
  void stop_all();
  /// Reaps what has ended and keeps outputs within bounds.
  void look();
  const std::vector<Run>& runs() const { return runs_; }

 private:
  Run* last(std::size_t payload);

  const kvm::Scenario& scenario_;
  std::string directory_;
  std::vector<Run> runs_;
};

}  // namespace ktstr::agent
