// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with a command line, in our words: the texts of the library that reads it never reach
// anybody.
#pragma once
#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "support/result.hpp"

namespace ktstr {

/// The command that was chosen as far as it was told: `ktstr`, or one below it.
const CLI::App& deepest(const CLI::App& root);
/// "ktstr stats list".
std::string full_name(const CLI::App& app);
std::vector<std::string> subcommand_names(const CLI::App& app);

/// What the library threw over the command line that `root` was to read.
Error parse_error(const CLI::App& root, const CLI::Error& thrown);

/// An option with an empty value: `--base "$BASE"` with BASE unset must not mean what leaving it out means.
std::optional<Error> empty_value(const CLI::App& root);
Error no_value(const std::string& option, const CLI::App& command);

/// No command, or a group of them.
Error no_command(const CLI::App& root);

/// For options that take a number: says which value is wrong, where CLI11 would wrap -1 around.
CLI::Validator whole_number();
CLI::Validator number_between(double least, double most);
/// For options that take a word of few.
CLI::Validator one_of(const std::vector<std::string>& names);

}  // namespace ktstr
