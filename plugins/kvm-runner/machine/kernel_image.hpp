// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ktstr::kvm {

/// The uncompressed kernel inside a bzImage, or nothing when the image is none or is packed with something
/// else than zstd. It is an ELF file that QEMU boots through its PVH entry, without firmware and without
/// unpacking in the (slow) guest.
std::optional<std::string> unpack_bzimage(std::string_view image);

/// What to hand to QEMU's -kernel: the unpacked kernel, kept in cache_dir/vmlinux by the image's hash, or the
/// image itself when it is an ELF file already or cannot be unpacked. A kept one that was damaged is unpacked
/// again, and `note` (may be empty) told. Throws FileError when `image` is not a kernel.
std::filesystem::path bootable_kernel(const std::filesystem::path& image, const std::string& image_hash,
                                      const std::filesystem::path& cache_dir,
                                      const std::function<void(const std::string&)>& note);

/// Removes unpacked kernels and remembered hashes that nobody used for so long, and what killed writers left
/// beside them.
void evict_kernels(const std::filesystem::path& cache_dir, std::chrono::hours max_age);

}  // namespace ktstr::kvm
