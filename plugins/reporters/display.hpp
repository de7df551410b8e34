// SPDX-License-Identifier: Apache-2.0
//
// Numbers for people. Independent of the locale.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace ktstr::reporters {

/// Four significant digits with thousands separated by spaces; "-" for what is no number.
std::string number(double value);
/// The same with a unit; times move to the unit that reads best: 60123 us is "60.12 ms".
std::string quantity(double value, std::string_view unit);
/// "+35 %", "-2.5 %", "x 12.3" from ten times on, "new" from a baseline of 0.
std::string relative_change(double fraction);
/// "0.013", "<0.001"; "-" for what is no number.
std::string probability(double p);
/// "12.345s"
std::string seconds(std::uint64_t nanoseconds);
/// "1 test", "2 tests"
std::string count_of(std::uint64_t count, const std::string& one, const std::string& many);

}  // namespace ktstr::reporters
