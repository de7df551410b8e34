// SPDX-License-Identifier: Apache-2.0
//
// Runs a binary as a person would: its arguments, its environment, its directory; stdout and stderr apart.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ktstr::testing {

struct Program {
  std::vector<std::string> argv{};                   ///< argv[0] is a path, or searched in PATH
  std::map<std::string, std::string> environment{};  ///< set, over what the test has
  std::vector<std::string> without{};                ///< variables that the program shall not see
  bool clean_environment = false;                    ///< only PATH and `environment`
  std::string directory{};                           ///< empty: the test's own
  std::string input{};                               ///< its stdin
  std::chrono::seconds timeout{60};  ///< then it is killed, with its process group, and `timed_out` set
};

struct ProgramResult {
  int exit_code = -1;  ///< 128 + number when a signal ended it, as a shell says it
  bool timed_out = false;
  std::string out, err;
};

ProgramResult run_program(const Program& program);

/// A program that is still running, for tests that interrupt it.
class RunningProgram {
 public:
  explicit RunningProgram(const Program& program);
  ~RunningProgram();  ///< kills what is left of it
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  pid_t pid() const { return pid_; }
  void send(int signal) const;
  /// Waits until stdout and stderr together contain `text`; false when the program ends or the time is up
  /// first.
  bool wait_for_text(const std::string& text, std::chrono::seconds timeout = std::chrono::seconds(30));
  ProgramResult wait();

 private:
  bool pump(int milliseconds);  ///< false once both streams are closed

  Program program_;
  ProgramResult result_;
  pid_t pid_ = -1;
  int in_ = -1, out_ = -1, err_ = -1;
  std::size_t written_ = 0;
  bool reaped_ = false;
  std::chrono::steady_clock::time_point deadline_;
};

}  // namespace ktstr::testing
