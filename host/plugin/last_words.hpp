// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace ktstr {

/// The last line that ktstr's own handlers have written to that file about the end of a process
/// (plugin/current_call.hpp); empty when there is none. A plugin may have written there too.
std::string last_words(int fd);

/// "SIGSEGV".
std::string signal_name(int number);

}  // namespace ktstr
