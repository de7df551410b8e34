// SPDX-License-Identifier: Apache-2.0
//
// What starting a program in the guest takes, whoever starts it.
#pragma once
#include <string>
#include <vector>

namespace ktstr::agent {

/// Variables ("NAME=value") with PATH, HOME and TERM where they are not among them.
std::vector<std::string> with_usual_environment(std::vector<std::string> variables);

/// For execve, as long as the texts live.
std::vector<char*> pointers_to(const std::vector<std::string>& texts);

}  // namespace ktstr::agent
