// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace ktstr::kit {

/// 16 hex digits that no other process has drawn: for names of files and sessions, where a pid or a clock
/// would meet its like in another pid namespace. No secret.
std::string random_name();

}  // namespace ktstr::kit
