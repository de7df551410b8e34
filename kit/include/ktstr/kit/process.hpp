// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ktstr/kit/result.hpp"

namespace ktstr::kit {

using Variables = std::vector<std::pair<std::string, std::string>>;

struct Program {
  std::vector<std::string> argv;  ///< argv[0] is searched in PATH
  std::string directory{};        ///< where it runs; empty: here
  /// All its variables, as "NAME=value"; none given: ours.
  std::optional<std::vector<std::string>> environment{};
  std::chrono::seconds limit{3600};
  std::size_t keep = 1 << 20;          ///< bytes of its output that are kept: the last ones
  std::size_t keep_errors = 64 << 10;  ///< the same of stderr when that is told apart
  std::string input{};                 ///< for its standard input
  /// Whether stderr is told apart; otherwise it goes where stdout goes, in the order of writing.
  bool apart = false;
  /// Asked 20 times a second whether to end it; may be empty.
  std::function<bool()> cancelled{};
};

struct Ended {
  int status = 0;
  int signal = 0;  ///< that ended it, or 0
  std::string out, errors;
  bool succeeded() const { return status == 0 && signal == 0; }
};

/// Runs a program to its end. When the time is up or `cancelled` says so, also if it has closed its output,
/// it is killed with every process that descends from it; so it is when this process ends, even by SIGKILL.
/// What a program leaves behind lives until then. It inherits no descriptor and no ignored signal. A status
/// that nobody can tell is a failure (kLost), never a success. From any thread.
Outcome<Ended> run(const Program& program);

/// Our variables with some set and others left out.
std::vector<std::string> environment_with(const Variables& set, const std::vector<std::string>& without = {});

}  // namespace ktstr::kit
