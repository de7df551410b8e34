// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace process_runner {

/// How a program ended.
struct Ended {
  enum class How { kExited, kKilled, kTooLate, kStopped, kNotStarted };
  How how = How::kNotStarted;
  int number = 0;      ///< exit status, signal, or errno
  std::string output;  ///< stdout and stderr, as they came
  std::chrono::nanoseconds taken{};
};

/// Runs `argv` in `directory`, as a process group of its own. `stop` is asked every few milliseconds; when it
/// says so, or after `timeout`, the group is killed. What the group has left behind when the program ends is
/// killed, too.
Ended run_program(const std::vector<std::string>& argv, const std::string& directory,
                  std::chrono::seconds timeout, const std::function<bool()>& stop);

}  // namespace process_runner
