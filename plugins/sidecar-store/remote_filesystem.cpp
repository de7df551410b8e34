// SPDX-License-Identifier: Apache-2.0
#include "remote_filesystem.hpp"

#include <sys/vfs.h>

#include <filesystem>
#include <ktstr/cpp/error.hpp>

namespace ktstr::fs_store {

// Magic numbers from linux/magic.h and the file systems' own sources; not all of them are in the installed
// header.
const char* remote_filesystem_name(std::uint64_t magic) {
  switch (magic) {
    case 0x6969: return "NFS";
    case 0x517B: return "SMB";
    case 0xFF534D42: return "CIFS";
    case 0xFE534D42: return "SMB2";
    case 0x00C36400: return "CephFS";
    case 0x5346414F:
    case 0x6B414653: return "AFS";
    case 0x65735546: return "FUSE";
    default: return nullptr;
  }
}

std::optional<std::uint64_t> statfs_magic(const std::string& path) {
  struct statfs info {};
  if (::statfs(path.c_str(), &info) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(info.f_type) & 0xFFFFFFFFULL;
}

void refuse_remote_filesystem(const std::string& directory, const FilesystemMagic& magic_of) {
  std::filesystem::path path(directory);
  std::optional<std::uint64_t> magic = magic_of(path.string());
  while (!magic) {
    if (!path.has_relative_path()) return;  // nothing of it exists; making it will give the real error
    path = path.parent_path();
    magic = magic_of(path.string());
  }
  if (const char* name = remote_filesystem_name(*magic); name != nullptr) {
    throw sdk::Error(KTSTR_UNSUPPORTED,
                     "the runs root " + directory + " is on " + name + ", whose locks cannot be relied on",
                     "set CARGO_TARGET_DIR to a local directory (ext4, xfs, btrfs, tmpfs), or "
                     "KTSTR_SIDECAR_DIR to one that is written without a lock");
  }
}

}  // namespace ktstr::fs_store
