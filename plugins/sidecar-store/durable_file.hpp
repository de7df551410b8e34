// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace ktstr::fs_store {

/// Ends the name of every file that is still being written; such a file is never a sidecar.
inline constexpr std::string_view kTemporarySuffix = ".ktstr-tmp";

/// Replaces directory/name by `bytes` so that at every instant, power cuts included, a reader finds the old
/// file or the new one, whole: temporary name, fsync, rename, fsync of the directory. Throws
/// ktstr::sdk::Error (KTSTR_IO) naming path and reason.
void write_durably(const std::string& directory, std::string_view name, std::string_view bytes);

/// Makes a directory and its missing parents and syncs where each was entered. Throws KTSTR_IO.
void make_directories_durably(const std::string& directory);

void sync_directory(const std::string& directory);

/// Removes temporary files whose writers are gone: a living one holds the lock on its file.
void sweep_temporaries(const std::string& directory);

/// What to do about an errno value; may be empty.
const char* hint_of(int error);

}  // namespace ktstr::fs_store
