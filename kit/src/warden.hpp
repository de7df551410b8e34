// SPDX-License-Identifier: Apache-2.0
//
// A warden stands between us and a program that we start: a process of its own that adopts whatever the
// program leaves behind, and ends all of it when we say so or are gone, however it went.
#pragma once
#include <cstdint>

namespace ktstr::kit {

/// What the warden writes to `status`: whom it started, then how that went.
struct WardenReport {
  enum Kind : std::int32_t { kStarted, kNotStarted, kEnded } kind = kNotStarted;
  std::int32_t value = 0;  ///< the program's pid, errno of the failed exec, or the status as waitpid tells it
};

struct WardenTask {
  char* const* argv;  ///< argv[0] is searched in PATH
  char* const* environment;
  const char* directory;  ///< nullptr: here
  int in, out, errors;    ///< become 0, 1 and 2; two of them may be one
  int lifeline;           ///< read end: end of file is the order to end everything
  int status;             ///< write end for WardenReports; closed when no process of the program is left
};

/// For a process that was just forked, of a parent with any number of threads: makes async-signal-safe calls
/// only.
[[noreturn]] void be_warden(const WardenTask& task);

}  // namespace ktstr::kit
