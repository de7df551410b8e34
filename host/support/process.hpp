// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "support/result.hpp"

namespace ktstr {

struct ProcessRequest {
  std::vector<std::string> argv;                                 ///< argv[0] is searched in PATH
  std::string directory;                                         ///< where it runs; empty: here
  std::vector<std::pair<std::string, std::string>> environment;  ///< added to ours
  std::chrono::seconds timeout{3600};
  std::size_t output_limit = 1 << 20;  ///< bytes of output kept: the last ones
  std::vector<std::string> without{};  ///< variables of ours that it does not get
};

struct ProcessOutput {
  int exit_status = 0;
  int signal = 0;      ///< that ended it, or 0
  std::string output;  ///< stdout and stderr, in the order they were written
  bool succeeded() const { return exit_status == 0 && signal == 0; }
};

/// Runs a program to its end. When the time is up or `cancel` becomes true, also if it has closed its output,
/// it is killed with every process that descends from it; so it is when this process ends, even by SIGKILL.
/// What a program leaves behind lives until then.
Result<ProcessOutput> run_process(const ProcessRequest& request, const std::atomic<bool>& cancel);

}  // namespace ktstr
