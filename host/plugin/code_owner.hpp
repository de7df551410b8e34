// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace ktstr {

/// From now on `owner_of` gives `what` for every address of the library that `inside` lies in, a plugin's
/// entry say. The dynamic linker's own name does not tell: a library that is trusted by its hash is loaded
/// from a copy in memory.
void remember_code(const void* inside, const std::string& what);

/// Whose code lies there; null when it is no plugin's. Async-signal-safe.
const char* owner_of(const void* address) noexcept;

}  // namespace ktstr
