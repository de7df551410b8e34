// SPDX-License-Identifier: Apache-2.0
//
// What runners offer besides running tests: a shell where they run, and schedulers loaded by themselves.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "session/context.hpp"

namespace ktstr {

struct ShellWish {
  const TestEntry* test = nullptr;     ///< whose machine and scheduler it has
  std::string topology;                ///< empty: the test's, or the runner's default
  std::optional<std::string> command;  ///< nothing: a shell on the terminal
  bool gdb = false, dry_run = false;
  bool as_test = false;  ///< with dry_run: the machine that the test itself gets
  bool deterministic = false;
};

struct ShellAnswer {
  std::vector<std::string> command_line;
  int exit_status = 0;
  std::string out, err;
};

/// Nothing: the runner has no shell.
Result<std::optional<ShellAnswer>> open_shell(const AppContext& context, RunnerPort& runner,
                                              const Kernel& kernel, const ShellWish& wish);

/// One scheduler on one kernel.
struct VerifiedScheduler {
  struct Program {
    std::string name;
    std::uint64_t verified_insns = 0;
  };
  std::string name;
  bool loaded = false;
  std::string message, log;  ///< why it was not; what was said then
  std::vector<Program> programs;
};

/// `schedulers` empty: all that the project declares. Nothing: the runner loads none by themselves.
Result<std::optional<std::vector<VerifiedScheduler>>> verify_schedulers(
    const AppContext& context, RunnerPort& runner, const Kernel& kernel,
    const std::vector<std::string>& schedulers);

}  // namespace ktstr
