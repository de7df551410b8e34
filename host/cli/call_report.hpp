// SPDX-License-Identifier: Apache-2.0
//
// What a command did, when it is over: the lines that -v tells and the file of --trace-plugins.
#pragma once
#include <chrono>

#include "cli/session.hpp"

namespace ktstr {

/// Made before the command's session and told after it, so that the last calls of plugins are in it.
class CallReport {
 public:
  /// Measures from now on what `flags` ask for. An error: the trace could not be written.
  static Result<CallReport> begin(const GlobalFlags& flags);
  /// The exit code, worse when the trace cannot be written after all.
  ExitCode end(ExitCode code) const;

 private:
  explicit CallReport(const GlobalFlags& flags) : flags_(flags) {}
  GlobalFlags flags_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace ktstr
