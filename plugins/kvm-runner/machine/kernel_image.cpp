// SPDX-License-Identifier: Apache-2.0
#include "machine/kernel_image.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <zstd.h>

#include <cstdint>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <memory>
#include <vector>

#include "machine/files.hpp"
#include "machine/sealed_file.hpp"

namespace ktstr::kvm {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMaxImage = 256ULL << 20, kMaxUnpacked = 1ULL << 30;

std::uint32_t little_endian_32(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i)
    value |= std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return value;
}

// An ELF note of the owner "Xen" (name size 4, type 18, XEN_ELFNOTE_PHYS32_ENTRY) is the entry by which QEMU
// starts an ELF kernel; one that was built without CONFIG_PVH has none and boots as a bzImage only.
bool has_pvh_entry(std::string_view kernel) {
  static constexpr std::string_view kOwner("Xen\0", 4);
  for (std::size_t at = kernel.find(kOwner); at != std::string_view::npos; at = kernel.find(kOwner, at + 1)) {
    if (at >= 12 && little_endian_32(kernel, at - 12) == 4 && little_endian_32(kernel, at - 4) == 18)
      return true;
  }
  return false;
}

bool is_elf(std::string_view bytes) { return bytes.starts_with("\177ELF"); }
bool is_bzimage(std::string_view bytes) { return bytes.size() > 0x260 && bytes.substr(0x202, 4) == "HdrS"; }

}  // namespace

// Documentation/arch/x86/boot.rst: setup_sects at 0x1f1, payload_offset and payload_length (protocol 2.08) at
// 0x248 and 0x24c, counted from the protected-mode code that follows the setup sectors. The last four bytes
// of the payload are its unpacked size.
std::optional<std::string> unpack_bzimage(std::string_view image) {
  if (!is_bzimage(image)) return std::nullopt;
  const auto protocol = static_cast<unsigned>(static_cast<unsigned char>(image[0x206]) |
                                              static_cast<unsigned char>(image[0x207]) << 8);
  if (protocol < 0x208) return std::nullopt;
  const unsigned sectors =
      static_cast<unsigned char>(image[0x1f1]) == 0 ? 4U : static_cast<unsigned char>(image[0x1f1]);
  const std::uint64_t begin = (sectors + 1) * 512ULL + little_endian_32(image, 0x248);
  const std::uint64_t length = little_endian_32(image, 0x24c);
  if (length < 8 || begin > image.size() || length > image.size() - begin) return std::nullopt;
  const std::string_view payload = image.substr(begin, length - 4);
  if (!payload.starts_with("\x28\xb5\x2f\xfd")) return std::nullopt;

  const std::uint64_t expected = little_endian_32(image, begin + length - 4);
  if (expected == 0 || expected > kMaxUnpacked) return std::nullopt;
  std::string kernel;  // grows with what is really there: the size is only a claim
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, 31);  // the kernel's build packs with --ultra
  ZSTD_inBuffer in{payload.data(), payload.size(), 0};
  std::vector<char> chunk(ZSTD_DStreamOutSize());
  for (bool more = true; more;) {
    ZSTD_outBuffer out{chunk.data(), chunk.size(), 0};
    KTSTR_ASSERT(kernel.size() <= expected);
    const std::size_t before = in.pos, left = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(left) != 0 || out.pos > expected - kernel.size()) return std::nullopt;
    kernel.append(chunk.data(), out.pos);
    more = left != 0 && (out.pos > 0 || in.pos > before);
  }
  if (kernel.size() != expected || !is_elf(kernel)) return std::nullopt;
  return kernel;
}

std::filesystem::path bootable_kernel(const fs::path& image, const std::string& image_hash,
                                      const fs::path& cache_dir,
                                      const std::function<void(const std::string&)>& note) {
  KTSTR_ASSERT(!image_hash.empty() && image_hash.find('/') == std::string::npos);
  const fs::path unpacked = cache_dir / "vmlinux" / image_hash.substr(0, 32),
                 sum = unpacked.string() + ".sum";
  std::error_code error;
  if (fs::exists(unpacked, error)) {
    // Whole megabytes are read here, but only before a boot, which takes a hundred times as long.
    const SealedText wanted = read_sealed(sum);
    if (wanted.state == SealedText::kWhole &&
        checksum_hex(read_file(unpacked, kMaxUnpacked)) == wanted.text) {
      ::utimensat(AT_FDCWD, unpacked.c_str(), nullptr, 0);
      return unpacked;
    }
    if (note) note("the unpacked kernel " + unpacked.string() + " is damaged; unpacking it anew");
  }
  const std::string bytes = read_file(image, kMaxImage);
  if (is_elf(bytes)) return image;
  if (!is_bzimage(bytes))
    throw FileError(image.string() + " is not a kernel image (neither bzImage nor vmlinux)");
  const std::optional<std::string> kernel = unpack_bzimage(bytes);
  if (!kernel || !has_pvh_entry(*kernel)) return image;
  make_private_directory(unpacked.parent_path());
  write_sealed(sum, checksum_hex(*kernel));
  write_file_atomically(unpacked, *kernel);
  return unpacked;
}

void evict_kernels(const fs::path& cache_dir, std::chrono::hours max_age) {
  for (const char* name : {"vmlinux", "hashes", "qemu", ""}) kit::sweep_temporaries(cache_dir / name);
  std::error_code error;
  std::vector<fs::path> old;
  for (const char* name : {"vmlinux", "hashes", "qemu"}) {
    for (fs::directory_iterator it(cache_dir / name, error), end; !error && it != end; it.increment(error)) {
      std::error_code ignored;
      const bool aged = fs::file_time_type::clock::now() - it->last_write_time(ignored) > max_age;
      if (!ignored && aged && it->path().extension() != ".sum") old.push_back(it->path());
    }
  }
  for (const fs::path& path : old) {
    fs::remove(path, error);
    fs::remove(path.string() + ".sum", error);
  }
}

}  // namespace ktstr::kvm
