// SPDX-License-Identifier: Apache-2.0
#include "machine/files.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "framework/namespaces.hpp"
#include "framework/temp_tree.hpp"
#include "machine/guest_memory.hpp"
#include "machine/sealed_file.hpp"

namespace ktstr::kvm {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::TempTree;

template <typename Work>
FileError error_of(Work work) {
  try {
    work();
  } catch (const FileError& failure) {
    return failure;
  }
  return FileError("nothing was thrown");
}

TEST(WriteFileAtomically, WhatAKilledWriterLeftIsInNobodysWayAndSwept) {
  const TempTree tree;
  tree.write("file", "old");
  for (int i = 0; i < 3; ++i) tree.write(".000000000000000" + std::to_string(i) + ".ktstr-tmp", "half");
  write_file_atomically(tree / "file", "new");
  EXPECT_EQ(tree.read("file"), "new");
  kit::sweep_temporaries(tree.path());
  EXPECT_EQ(std::distance(fs::directory_iterator(tree.path()), fs::directory_iterator()), 1);
}

TEST(WriteFileAtomically, AFileSizeLimitIsAnErrorWithItsFix) {
  const TempTree tree;
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, [](int) {});
    const rlimit small{1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &small);
    const FileError failure = error_of([&] { write_file_atomically(tree / "file", std::string(5000, 'x')); });
    ::_exit(std::string(failure.what()).find("File too large") != std::string::npos &&
                    failure.hint.find("ulimit -f") != std::string::npos
                ? 0
                : 1);
  }
  EXPECT_EQ(testing::exit_code_of(child), 0);
  EXPECT_TRUE(fs::is_empty(tree.path()));
}

TEST(MakePrivateDirectory, NamesTheDirectoryThatCouldNotBeMade) {
  const TempTree tree;
  make_private_directory(tree / "a/b/c");
  struct stat info {};
  ASSERT_EQ(::stat((tree / "a/b").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
  tree.write("file", "");
  EXPECT_EQ(error_of([&] { make_private_directory(tree / "file/b"); }).what(),
            "cannot make the directory " + (tree / "file/b").string() + ": Not a directory");
  if (::geteuid() == 0) {
    tree.directory("shut");
    tree.chmod("shut", 0555);
    const pid_t child = ::fork();
    if (child == 0) {
      tree.chmod("", 0755);
      if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(2);
      const std::string what = error_of([&] { make_private_directory(tree / "shut/b/c"); }).what();
      ::_exit(what == "cannot make the directory " + (tree / "shut/b").string() + ": Permission denied" ? 0
                                                                                                        : 1);
    }
    EXPECT_EQ(testing::exit_code_of(child), 0);
  }
}

TEST(SealedFile, TellsDamageFromAbsence) {
  const TempTree tree;
  EXPECT_EQ(read_sealed(tree / "none").state, SealedText::kMissing);
  write_sealed(tree / "file", "two\nlines");
  EXPECT_EQ(read_sealed(tree / "file").state, SealedText::kWhole);
  EXPECT_EQ(read_sealed(tree / "file").text, "two\nlines");
  const std::string whole = tree.read("file");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string bent = whole;
    bent[i] = static_cast<char>(bent[i] ^ 1);
    tree.write("file", bent);
    EXPECT_EQ(read_sealed(tree / "file").state, SealedText::kDamaged) << i;
    tree.write("file", whole.substr(0, i));
    EXPECT_EQ(read_sealed(tree / "file").state, SealedText::kDamaged) << i;
  }
  fs::remove(tree / "file");
  tree.directory("file");
  EXPECT_EQ(read_sealed(tree / "file").state, SealedText::kDamaged);
}

TEST(CachedFileHash, IsTakenAnewWhenItsNoteIsDamaged) {
  const TempTree tree;
  tree.write("kernel", "abc");
  const std::string hash = cached_file_hash(tree / "kernel", tree / "cache");
  EXPECT_EQ(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  for (const auto& entry : fs::directory_iterator(tree / "cache/hashes"))
    tree.write(entry.path().lexically_relative(tree.path()), std::string(64, '0'));
  EXPECT_EQ(cached_file_hash(tree / "kernel", tree / "cache"), hash);
}

TEST(GuestMemory, HasAFixedSizeAndCanBeCleared) {
  GuestMemory memory({1 << 20, 2 << 20});
  ASSERT_EQ(memory.nodes(), 2U);
  EXPECT_NE(::ftruncate(memory.node(0).fd, 4096), 0) << "a mapping of it would end in SIGBUS";
  EXPECT_NE(::ftruncate(memory.node(0).fd, 4 << 20), 0);
  const kit::Fd again(::open(memory.path(1).c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_TRUE(again.open());
  ASSERT_EQ(::pwrite(again.get(), "x", 1, 5000), 1);
  char byte = 0;
  ASSERT_EQ(::pread(memory.node(1).fd, &byte, 1, 5000), 1);
  EXPECT_EQ(byte, 'x');
  memory.clear();
  ASSERT_EQ(::pread(memory.node(1).fd, &byte, 1, 5000), 1);
  EXPECT_EQ(byte, '\0');
}

TEST(GuestMemory, NeedsNoRoomInDevShm) {
  if (!testing::namespaces_permitted()) GTEST_SKIP() << "no permission to make namespaces";
  const pid_t child = testing::start_in_namespaces([] {
    if (!testing::mount_small("/dev/shm", "64k")) return 2;
    const GuestMemory memory({4 << 20});
    void* mapped = ::mmap(nullptr, 4 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, memory.node(0).fd, 0);
    if (mapped == MAP_FAILED) return 3;
    std::memset(mapped, 1, 4 << 20);
    return 0;
  });
  EXPECT_EQ(testing::exit_code_of(child), 0);
}

TEST(CopySparse, GivesTheSameChecksumForTheSameBytes) {
  const TempTree tree;
  GuestMemory memory({4 << 20}), other({4 << 20});
  ASSERT_EQ(::pwrite(memory.node(0).fd, "hello", 5, 1'000'000), 5);
  const kit::Fd file = create_file(tree / "ram");
  const std::uint64_t sum = copy_sparse(memory.node(0), {file.get(), tree / "ram"});
  EXPECT_EQ(copy_sparse({file.get(), tree / "ram"}, other.node(0)), sum);
  char text[5];
  ASSERT_EQ(::pread(other.node(0).fd, text, 5, 1'000'000), 5);
  EXPECT_EQ(std::string_view(text, 5), "hello");
  struct stat info {};
  ASSERT_EQ(::stat((tree / "ram").c_str(), &info), 0);
  EXPECT_EQ(info.st_size, 4 << 20);
  EXPECT_LT(info.st_blocks * 512, 1 << 20) << "holes stay holes";
}

TEST(CopyToMemory, HasTheChecksumOfCopySparseAndTheSameBytes) {
  const TempTree tree;
  const GuestMemory memory({4 << 20}), copy({4 << 20}), bent({4 << 20});
  for (const off_t at : {0, 4095, 1 << 20, (2 << 20) + 12'288, (4 << 20) - 1})
    ASSERT_EQ(::pwrite(memory.node(0).fd, "x", 1, at), 1);
  ASSERT_EQ(::pwrite(memory.node(0).fd, "", 1, 3 << 20), 1);  // a page of nothing but zeros
  const kit::Fd file = create_file(tree / "ram");
  const std::uint64_t sum = copy_sparse(memory.node(0), {file.get(), tree / "ram"});
  EXPECT_EQ(copy_to_memory({file.get(), tree / "ram"}, copy.node(0)), sum);
  EXPECT_EQ(copy_to_memory(memory.node(0), bent.node(0)), sum) << "zeros do not count";
  std::string whole(4 << 20, '?'), copied = whole;
  ASSERT_EQ(::pread(memory.node(0).fd, whole.data(), whole.size(), 0), 4 << 20);
  ASSERT_EQ(::pread(copy.node(0).fd, copied.data(), copied.size(), 0), 4 << 20);
  EXPECT_TRUE(whole == copied);
  ASSERT_EQ(::pwrite(file.get(), "y", 1, 1 << 20), 1);
  EXPECT_NE(copy_to_memory({file.get(), tree / "ram"}, bent.node(0)), sum);
}

}  // namespace
}  // namespace ktstr::kvm
