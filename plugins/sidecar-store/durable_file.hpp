// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace ktstr::fs_store {

/// Ends the name of every file that is still being written; such a file is never a sidecar.
inline constexpr std::string_view kTemporarySuffix = ".ktstr-tmp";

/// Replaces directory/name by `bytes` so that at every instant, power cuts included, a reader finds the old file or the new one,
/// whole: temporary name, fsync, rename, fsync of the directory. Throws ktstr::sdk::Error (KTSTR_IO) naming path and reason.
void write_durably(const std::string& directory, std::string_view name, std::string_view bytes);

}  // namespace ktstr::fs_store
