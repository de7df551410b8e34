// SPDX-License-Identifier: Apache-2.0
#include "kernels/image_size.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>

namespace ktstr {
namespace {

/// A little-endian number of `width` bytes; 0 beyond the end.
std::uint64_t number_at(std::string_view bytes, std::uint64_t at, unsigned width) {
  KTSTR_ASSERT(width > 0 && width <= sizeof(std::uint64_t));
  if (at > bytes.size() || bytes.size() - at < width) return 0;
  std::uint64_t value = 0;
  for (unsigned i = 0; i < width; ++i)
    value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return value;
}

bool is_bzimage(std::string_view bytes) { return bytes.size() > 0x260 && bytes.substr(0x202, 4) == "HdrS"; }

std::uint64_t setup_bytes(std::string_view bytes) {
  const std::uint64_t sectors = number_at(bytes, 0x1f1, 1);
  return ((sectors == 0 ? 4 : sectors) + 1) * 512;  // 0 means 4, and the boot sector comes on top
}

// Documentation/arch/x86/boot.rst: setup_sects at 0x1f1, syssize (in units of 16 bytes) at 0x1f4.
std::uint64_t size_of_bzimage(std::string_view bytes) {
  const std::uint64_t units = number_at(bytes, 0x1f4, number_at(bytes, 0x206, 2) < 0x204 ? 2 : 4);
  return units == 0 ? 0 : setup_bytes(bytes) + units * 16;
}

// The System V ABI's 64-bit ELF header: program headers with their contents, and the table of sections, which
// a linker puts last.
std::uint64_t size_of_elf(std::string_view bytes) {
  constexpr std::uint64_t kAbsurd = 1ULL << 40;
  if (bytes.size() < 64 || bytes[4] != 2 || bytes[5] != 1) return 0;
  const std::uint64_t programs = number_at(bytes, 0x20, 8), sections = number_at(bytes, 0x28, 8);
  if (programs > kAbsurd || sections > kAbsurd) return 0;
  const std::uint64_t count = number_at(bytes, 0x38, 2), each = number_at(bytes, 0x36, 2);
  std::uint64_t end = sections == 0 ? 0 : sections + number_at(bytes, 0x3a, 2) * number_at(bytes, 0x3c, 2);
  end = std::max(end, programs + each * count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t offset = number_at(bytes, programs + i * each + 8, 8),
                        size = number_at(bytes, programs + i * each + 0x20, 8);
    if (offset < kAbsurd && size < kAbsurd) end = std::max(end, offset + size);
  }
  return end;
}

}  // namespace

std::uint64_t size_by_header(std::string_view bytes) {
  if (is_bzimage(bytes)) return size_of_bzimage(bytes);
  return bytes.starts_with("\177ELF") ? size_of_elf(bytes) : 0;
}

// payload_offset and payload_length (boot protocol 2.08) at 0x248 and 0x24c, counted from the code after the
// setup sectors.
std::string_view payload_of_bzimage(std::string_view bytes) {
  if (!is_bzimage(bytes) || number_at(bytes, 0x206, 2) < 0x208) return {};
  const std::uint64_t begin = setup_bytes(bytes) + number_at(bytes, 0x248, 4),
                      length = number_at(bytes, 0x24c, 4);
  if (begin > bytes.size() || length > bytes.size() - begin) return {};
  return bytes.substr(begin, length);
}

}  // namespace ktstr
