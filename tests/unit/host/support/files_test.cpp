// SPDX-License-Identifier: Apache-2.0
#include "support/files.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "framework/temp_tree.hpp"

namespace ktstr {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::TempTree;

std::size_t entries_in(const fs::path& directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), {}));
}

TEST(ReadFile, ReadsUpToTheLimit) {
  const TempTree tree;
  tree.write("a", std::string("1\0"
                              "34",
                              4));
  EXPECT_EQ(*read_file(tree / "a", 4), std::string("1\0"
                                                   "34",
                                                   4));
  EXPECT_THAT(read_file(tree / "a", 3).error().message, HasSubstr("is larger than 3 bytes"));
  EXPECT_THAT(read_file(tree / "none", 9).error().message, HasSubstr("No such file"));
}

TEST(ReadFile, TakesRegularFilesOnlyAndDoesNotHang) {
  const TempTree tree;
  ASSERT_EQ(::mkfifo((tree / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(read_file(tree / "pipe", 9).error().message, HasSubstr("not a regular file"));
  EXPECT_THAT(read_file(tree.path(), 9).error().message, HasSubstr("not a regular file"));
  EXPECT_THAT(read_file("/dev/zero", 9).error().message, HasSubstr("not a regular file"));
}

TEST(ReadFile, EscapesNames) {
  const TempTree tree;
  EXPECT_THAT(read_file(tree / "a\x1b[1m", 9).error().message, HasSubstr("a\\x1b[1m"));
}

TEST(WriteFileAtomically, ReplacesTheWholeFile) {
  const TempTree tree;
  ASSERT_TRUE(write_file_atomically(tree / "f", "a long first text"));
  ASSERT_TRUE(write_file_atomically(tree / "f", "short"));
  EXPECT_EQ(tree.read("f"), "short");
  EXPECT_EQ(entries_in(tree.path()), 1U);
}

TEST(WriteFileAtomically, ReplacesALinkInsteadOfFollowingIt) {
  const TempTree tree;
  tree.write("victim", "old");
  fs::create_symlink("victim", tree / "f");
  ASSERT_TRUE(write_file_atomically(tree / "f", "new"));
  EXPECT_EQ(tree.read("victim"), "old");
  EXPECT_EQ(tree.read("f"), "new");
}

TEST(WriteOutput, WritesToADeviceAndReplacesAFile) {
  const testing::TempTree tree;
  std::filesystem::create_symlink("/dev/full", tree / "full");
  const Status full = write_output(tree / "full", "x");
  ASSERT_FALSE(full);
  EXPECT_NE(full.error().message.find("No space left on device"), std::string::npos) << full.error().message;
  EXPECT_TRUE(std::filesystem::is_symlink(tree / "full"));
  ASSERT_TRUE(write_output(tree / "new", "1"));
  std::filesystem::create_symlink("new", tree / "link");
  ASSERT_TRUE(write_output(tree / "link", "2"));
  EXPECT_TRUE(std::filesystem::is_symlink(tree / "link"));
  EXPECT_EQ(tree.read("new"), "2");
}

TEST(WriteFileAtomically, FailsCleanly) {
  const TempTree tree;
  EXPECT_FALSE(write_file_atomically(tree / "no/f", "x"));
  tree.write("dir/inside", "x");
  const Status status = write_file_atomically(tree / "dir", "x");
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("cannot replace"));
  EXPECT_EQ(entries_in(tree.path()), 1U);
  EXPECT_FALSE(write_file_atomically("/dev/full/x", "x"));
}

TEST(WriteFileAtomically, AReaderNeverSeesAPart) {
  const TempTree tree;
  const std::string a(200'000, 'a'), b(100'000, 'b');
  ASSERT_TRUE(write_file_atomically(tree / "f", a));
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(write_file_atomically(tree / "f", i % 2 == 0 ? b : a));
    done = true;
  });
  do {
    const auto text = read_file(tree / "f", 1 << 20);
    EXPECT_TRUE(text);
    EXPECT_TRUE(text && (*text == a || *text == b));
  } while (!done);
  writer.join();
}

TEST(Sha256OfFile, DoesNotWaitForAPipe) {
  const TempTree tree;
  ASSERT_EQ(::mkfifo((tree / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(sha256_of_file(tree / "pipe").error().message, HasSubstr("not a regular file"));
}

TEST(Sha256OfFile, KnownVectors) {
  const TempTree tree;
  tree.write("empty", "");
  tree.write("abc", "abc");
  EXPECT_EQ(*sha256_of_file(tree / "empty"),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(*sha256_of_file(tree / "abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_FALSE(sha256_of_file(tree / "none"));
  EXPECT_FALSE(sha256_of_file(tree.path()));
}

TEST(MakeDirectories, MakesAllOrSaysWhy) {
  const TempTree tree;
  EXPECT_TRUE(make_directories(tree / "a/b/c"));
  EXPECT_TRUE(make_directories(tree / "a/b/c"));
  tree.write("file", "");
  EXPECT_FALSE(make_directories(tree / "file/x"));
}

}  // namespace
}  // namespace ktstr
