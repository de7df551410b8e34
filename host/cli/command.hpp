// SPDX-License-Identifier: Apache-2.0
//
// A command is one row of command_table.cpp and one function, which defines its options on a CLI11 subcommand
// and, when that subcommand is chosen, leaves an action behind. main runs the action; nobody else exits.
#pragma once
#include <functional>
#include <span>
#include <string_view>

#include "cli/session.hpp"

namespace CLI {
class App;
}

namespace ktstr {

using CommandAction = std::function<ExitCode(Session&)>;

/// One row of command_table.cpp.
struct Command {
  std::string_view words;  ///< "stats list"
  /// Adds options to `command`; its callback leaves the action behind.
  void (*define)(CLI::App* command, CommandAction& chosen);
  std::string_view summary;
  std::string_view example;  ///< lines that people may copy
};

/// In the order of help; a group stands before its members.
std::span<const Command> commands();

}  // namespace ktstr
