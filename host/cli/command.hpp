// SPDX-License-Identifier: Apache-2.0
//
// A command is one function that defines its options on a CLI11 subcommand and, when that subcommand is
// chosen, leaves an action behind. main runs the action; nobody else exits.
#pragma once
#include <functional>

#include "cli/session.hpp"

namespace CLI {
class App;
}

namespace ktstr {

using CommandAction = std::function<ExitCode(Session&)>;

void define_test(CLI::App& root, CommandAction& chosen);
void define_perf_delta(CLI::App& root, CommandAction& chosen);
void define_gate(CLI::App& root, CommandAction& chosen);
void define_calibrate(CLI::App& root, CommandAction& chosen);
void define_bisect(CLI::App& root, CommandAction& chosen);
void define_stats(CLI::App& root, CommandAction& chosen);
void define_runs(CLI::App& root, CommandAction& chosen);
void define_kernel(CLI::App& root, CommandAction& chosen);
void define_plugin(CLI::App& root, CommandAction& chosen);
void define_config(CLI::App& root, CommandAction& chosen);
void define_help(CLI::App& root, CommandAction& chosen);

}  // namespace ktstr
