// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "support/result.hpp"

namespace ktstr {

/// Whether code from this file may run: it, and every directory above it, is what it seems (no link leads elsewhere), belongs to root or to
/// this user, and nobody else can write to it. A library whose SHA-256 is in `trusted_sha256` needs no ownership.
Status check_trust(const std::filesystem::path& file, const std::vector<std::string>& trusted_sha256);

}  // namespace ktstr
