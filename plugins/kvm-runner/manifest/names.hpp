// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/kit/json_reader.hpp>
#include <string>

namespace ktstr::kvm {

/// What names of tests, schedulers and cgroups are made of: letters, digits, '_', '-' and '.'.
bool is_name_character(char c);

/// A name of at most `longest` such characters that does not start with '.'.
std::string parse_name(const Located& located, std::size_t longest);

}  // namespace ktstr::kvm
