// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string_view>

#include "ktstr/kit/result.hpp"

namespace ktstr::kit {

/// Ends the names of files that are not finished: ".0123456789abcdef.ktstr-tmp".
inline constexpr std::string_view kTemporarySuffix = ".ktstr-tmp";

enum class Sync {
  kNone,          ///< after a power cut a reader may find anything: for what is checked when it is read
  kFile,          ///< what a reader finds is whole, also after a power cut; the old file may be back then
  kAndDirectory,  ///< once it returns, the new file outlives a power cut
};

/// Replaces a file (a link, not what it leads to) so that a reader finds the old one or the new one, whole:
/// temporary file beside it, fsync, rename. Its mode follows the umask. The temporary file has a name that is
/// drawn and short, and is locked while it is written: what a killed writer leaves is in nobody's way and
/// known to be nobody's.
Done replace_file(const std::filesystem::path& path, std::string_view bytes, Sync sync);

/// Removes what killed writers of `replace_file` left in a directory. On a file system without locks nothing
/// is removed.
void sweep_temporaries(const std::filesystem::path& directory);

}  // namespace ktstr::kit
