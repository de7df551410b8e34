// SPDX-License-Identifier: Apache-2.0
#include "machine/kernel_image.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <ktstr/kit/hash.hpp>

#include "framework/temp_tree.hpp"
#include "machine/files.hpp"

namespace ktstr::kvm {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::TempTree;

void put(std::string& bytes, std::size_t at, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
}

/// A bzImage (boot protocol 2.8) around a kernel packed with zstd.
std::string bzimage(const std::string& kernel) {
  std::string packed(ZSTD_compressBound(kernel.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), kernel.data(), kernel.size(), 1));
  std::string bytes(1024, '\0');
  bytes[0x1f1] = 1;
  bytes.replace(0x202, 4, "HdrS");
  bytes[0x206] = 0x08, bytes[0x207] = 0x02;
  put(bytes, 0x248, 0);
  put(bytes, 0x24c, static_cast<std::uint32_t>(packed.size() + 4));
  std::string size(4, '\0');
  put(size, 0, static_cast<std::uint32_t>(kernel.size()));
  return bytes + packed + size;
}

/// The note by which QEMU finds the entry of an ELF kernel.
std::string pvh_note() {
  std::string note(12, '\0');
  put(note, 0, 4), put(note, 4, 4), put(note, 8, 18);
  return note + std::string("Xen\0", 4) + std::string(4, '\1');
}

struct BootableKernel : ::testing::Test {
  TempTree tree;
  std::string kernel = "\177ELF" + std::string(60'000, 'k') + pvh_note() + std::string(40'000, 'k');
  fs::path image = tree.write("bzImage", bzimage(kernel));
  std::vector<std::string> notes;
  fs::path bootable() {
    return bootable_kernel(image, kit::sha256_of(tree.read("bzImage")), tree / "cache",
                           [this](const std::string& note) { notes.push_back(note); });
  }
};

TEST_F(BootableKernel, IsUnpackedOnce) {
  const fs::path first = bootable();
  EXPECT_EQ(first.parent_path(), tree / "cache/vmlinux");
  EXPECT_EQ(read_file(first, 1 << 20), kernel);
  const auto made = fs::last_write_time(first);
  EXPECT_EQ(bootable(), first);
  EXPECT_GE(fs::last_write_time(first), made) << "its use is noted";
  EXPECT_THAT(notes, ::testing::IsEmpty());
}

TEST_F(BootableKernel, ADamagedOneIsNamedAndMadeAgain) {
  const fs::path path = bootable();
  std::string bent = kernel;
  bent[50'000] = 'x';
  int expected = 0;
  for (const std::string& damage : {bent, kernel.substr(0, 5000), std::string()}) {
    tree.write(path.lexically_relative(tree.path()), damage);
    EXPECT_EQ(bootable(), path);
    EXPECT_EQ(read_file(path, 1 << 20), kernel);
    EXPECT_EQ(notes.size(), static_cast<std::size_t>(++expected));
    EXPECT_EQ(notes.back(), "the unpacked kernel " + path.string() + " is damaged; unpacking it anew");
  }
}

TEST_F(BootableKernel, StaysPackedWhenQemuCouldNotStartIt) {
  tree.write("bzImage", bzimage("\177ELF" + std::string(100'000, 'k')));
  EXPECT_EQ(bootable(), image);
}

TEST_F(BootableKernel, OldOnesAreEvictedWithWhatBelongsToThem) {
  const fs::path path = bootable();
  tree.write("cache/vmlinux/.0123456789abcdef.ktstr-tmp", "half");
  evict_kernels(tree / "cache", std::chrono::hours(24));
  EXPECT_TRUE(fs::exists(path));
  EXPECT_FALSE(tree.exists("cache/vmlinux/.0123456789abcdef.ktstr-tmp"));
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(48));
  evict_kernels(tree / "cache", std::chrono::hours(24));
  EXPECT_TRUE(fs::is_empty(tree / "cache/vmlinux"));
}

}  // namespace
}  // namespace ktstr::kvm
