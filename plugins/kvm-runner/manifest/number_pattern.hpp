// SPDX-License-Identifier: Apache-2.0
//
// Numbers in the output of programs, by regular expression. The plugin's only user of RE2: expressions take
// time in proportion to the text, whatever both are.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace ktstr::kvm {

/// What is wrong with an expression that is to find a number with its first group; empty: nothing.
std::string pattern_problem(const std::string& expression);

/// The number in the first group of the expression's last match that has one.
std::optional<double> last_number(const std::string& expression, std::string_view text);

}  // namespace ktstr::kvm
