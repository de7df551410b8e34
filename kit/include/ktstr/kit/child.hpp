// SPDX-License-Identifier: Apache-2.0
//
// The two ends of a child's life, for those who fork themselves; everybody else has `run` of
// ktstr/kit/process.hpp.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace ktstr::kit {

/// What a forked process becomes. Pointers and numbers only: after fork nothing may be allocated.
struct NewProgram {
  char* const* argv;         ///< argv[0] is searched in PATH
  char* const* environment;  ///< nullptr: ours
  const char* directory;     ///< nullptr: here
  pid_t parent;              ///< whose end ends it too
  int in, out, errors;       ///< become 0, 1 and 2
};

/// For a process that was just forked, of a parent with any number of threads: makes async-signal-safe calls
/// only. In a process group of its own, with all signals as they are by default. Returns errno when it cannot
/// become that program.
int become(const NewProgram& program);

/// For argv and environment; valid as long as the strings.
std::vector<char*> pointers_to(const std::vector<std::string>& strings);

struct Reaped {
  enum State {
    kRuns,
    kEnded,
    kLost,  ///< somebody else has reaped it, or nobody was to: it is gone, and how it ended with it
  } state = kRuns;
  int status = -1;  ///< valid for kEnded without a signal
  int signal = 0;   ///< that ended it, or 0
  std::chrono::nanoseconds cpu_time{};
};

/// `options` are those of waitpid(2).
Reaped reap(pid_t pid, int options);

}  // namespace ktstr::kit
