// SPDX-License-Identifier: Apache-2.0
#include "kernels/image_size.hpp"

#include <gtest/gtest.h>

#include <string>

#include "images.hpp"

namespace ktstr {
namespace {

void put(std::string& bytes, std::size_t at, std::uint64_t value, unsigned width) {
  for (unsigned i = 0; i < width; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
}

/// A 64-bit ELF file with one program header.
std::string elf(std::uint64_t offset, std::uint64_t size, std::uint64_t sections = 0,
                std::uint64_t section_count = 0) {
  std::string bytes(120, '\0');
  bytes.replace(0, 6, "\177ELF\2\1");
  put(bytes, 0x20, 64, 8), put(bytes, 0x36, 56, 2), put(bytes, 0x38, 1, 2);
  put(bytes, 0x28, sections, 8), put(bytes, 0x3a, 64, 2), put(bytes, 0x3c, section_count, 2);
  put(bytes, 64 + 8, offset, 8), put(bytes, 64 + 0x20, size, 8);
  return bytes;
}

TEST(SizeByHeader, OfABzImage) {
  std::string bytes = fake_bzimage("6.18.1");
  EXPECT_EQ(size_by_header(bytes), 0U) << "no size, nothing to say";
  put(bytes, 0x206, 0x20f, 2), put(bytes, 0x1f1, 39, 1), put(bytes, 0x1f4, 0x10000, 4);
  EXPECT_EQ(size_by_header(bytes), 40U * 512 + 0x100000);
  put(bytes, 0x1f1, 0, 1);
  EXPECT_EQ(size_by_header(bytes), 5U * 512 + 0x100000) << "0 sectors mean 4";
}

TEST(SizeByHeader, OfAVmlinux) {
  EXPECT_EQ(size_by_header(elf(4096, 1000)), 5096U);
  EXPECT_EQ(size_by_header(elf(4096, 1000, 8192, 10)), 8192U + 640);
}

TEST(SizeByHeader, SurvivesHostileHeaders) {
  for (const std::uint64_t absurd : {~0ULL, 1ULL << 63, (1ULL << 40) - 1}) {
    size_by_header(elf(absurd, absurd, absurd, 0xffff));
    std::string bytes = elf(1, 1);
    put(bytes, 0x20, absurd, 8), put(bytes, 0x38, 0xffff, 2), put(bytes, 0x36, 0xffff, 2);
    size_by_header(bytes);
  }
  const std::string whole = elf(1, 1);
  for (std::size_t size = 0; size < whole.size(); ++size)
    size_by_header(std::string_view(whole).substr(0, size));
  EXPECT_EQ(size_by_header("text"), 0U);
}

TEST(PayloadOfBzImage, LiesWithinTheFileOrNowhere) {
  std::string bytes = fake_bzimage("6.18.1");
  put(bytes, 0x206, 0x20f, 2), put(bytes, 0x1f1, 1, 1), put(bytes, 0x248, 16, 4), put(bytes, 0x24c, 4, 4);
  bytes.replace(1024 + 16, 4, "load");
  EXPECT_EQ(payload_of_bzimage(bytes), "load");
  put(bytes, 0x24c, 5000, 4);
  EXPECT_EQ(payload_of_bzimage(bytes), "");
  put(bytes, 0x248, 0xffffffff, 4);
  EXPECT_EQ(payload_of_bzimage(bytes), "");
}

}  // namespace
}  // namespace ktstr
