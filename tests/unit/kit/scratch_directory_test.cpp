// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/scratch_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "framework/namespaces.hpp"
#include "framework/temp_tree.hpp"

namespace ktstr::kit {
namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;
using testing::TempTree;

constexpr std::string_view kPrefix = "ktstr-run-";

std::vector<std::string> entries(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory))
    names.push_back(entry.path().filename().string());
  return names;
}

TEST(ScratchDirectory, IsPrivateAndGoesWithItsOwner) {
  const TempTree tree;
  {
    ScratchDirectory a = *ScratchDirectory::make(tree.path(), kPrefix);
    const ScratchDirectory b = *ScratchDirectory::make(tree.path(), kPrefix);
    EXPECT_NE(a.path(), b.path());
    struct stat info {};
    ASSERT_EQ(::stat(a.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0700U);
    std::ofstream(a.path() / "file") << "x";
    const ScratchDirectory moved = std::move(a);
    EXPECT_TRUE(fs::exists(moved.path() / "file"));
  }
  EXPECT_THAT(entries(tree.path()), IsEmpty());
}

TEST(ScratchDirectory, ASweepLeavesTheLivingAlone) {
  const TempTree tree;
  const ScratchDirectory mine = *ScratchDirectory::make(tree.path(), kPrefix);
  ScratchDirectory::sweep(tree.path(), kPrefix);
  EXPECT_TRUE(fs::exists(mine.path()));
}

TEST(ScratchDirectory, ASweepLeavesTheLivingOfAnotherPidNamespaceAlone) {
  if (!testing::namespaces_permitted()) GTEST_SKIP() << "no permission to make namespaces";
  const TempTree tree;
  const ScratchDirectory mine = *ScratchDirectory::make(tree.path(), kPrefix);
  const pid_t other = testing::start_in_namespaces([&] {
    ScratchDirectory::sweep(tree.path(), kPrefix);
    return fs::exists(mine.path()) ? 0 : 1;
  });
  EXPECT_EQ(testing::exit_code_of(other), 0);
}

TEST(ScratchDirectory, WhatAKilledOwnerLeftIsSwept) {
  const TempTree tree;
  const pid_t owner = ::fork();
  if (owner == 0) {
    const ScratchDirectory left = *ScratchDirectory::make(tree.path(), kPrefix);
    std::ofstream(left.path() / "file") << "x";
    ::kill(::getpid(), SIGKILL);
  }
  EXPECT_EQ(testing::exit_code_of(owner), 128 + SIGKILL);
  EXPECT_EQ(entries(tree.path()).size(), 2U);
  ScratchDirectory::sweep(tree.path(), kPrefix);
  EXPECT_THAT(entries(tree.path()), IsEmpty());
}

TEST(ScratchDirectory, ASweepTouchesNothingElse) {
  const TempTree tree;
  tree.write("ktstr-run-abcdef/file", "no lock beside it");
  tree.write("other.lock", "");
  fs::create_symlink(tree.path() / "other.lock", tree.path() / "ktstr-run-symlnk.lock");
  tree.write("ktstr-run-symlnk/file", "");
  ASSERT_EQ(::mkfifo((tree.path() / "ktstr-run-fifo00.lock").c_str(), 0600), 0);
  if (::geteuid() == 0) {
    tree.write("ktstr-run-theirs/file", "");
    tree.write("ktstr-run-theirs.lock", "");
    ASSERT_EQ(::chown((tree.path() / "ktstr-run-theirs.lock").c_str(), 12345, 12345), 0);
  }
  ScratchDirectory::sweep(tree.path(), kPrefix);
  EXPECT_TRUE(tree.exists("ktstr-run-abcdef/file"));
  EXPECT_TRUE(tree.exists("ktstr-run-symlnk/file"));
  EXPECT_TRUE(tree.exists("other.lock"));
  EXPECT_EQ(tree.exists("ktstr-run-theirs/file"), ::geteuid() == 0);
}

TEST(ScratchDirectory, RemovesDirectoriesThatNobodyMayWrite) {
  const TempTree tree;
  fs::path shut;
  {
    const ScratchDirectory mine = *ScratchDirectory::make(tree.path(), kPrefix);
    fs::create_directories(mine.path() / "deep/er");
    shut = mine.path() / "deep";
    fs::permissions(shut, fs::perms::owner_read | fs::perms::owner_exec);
  }
  EXPECT_THAT(entries(tree.path()), IsEmpty());
}

TEST(ScratchDirectory, FailsWhereNoneCanBe) {
  const TempTree tree;
  const auto none = ScratchDirectory::make(tree / "none", kPrefix);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message(),
            "cannot make a directory in " + (tree / "none").string() + ": No such file or directory");
  ScratchDirectory::sweep(tree / "none", kPrefix);
}

TEST(ScratchDirectory, MakingAndSweepingAtOnceDoNotDisturbEachOther) {
  const TempTree tree;
  std::atomic<bool> done{false};
  std::thread sweeper([&] {
    while (!done) ScratchDirectory::sweep(tree.path(), kPrefix);
  });
  for (int i = 0; i < 300; ++i) {
    const auto made = ScratchDirectory::make(tree.path(), kPrefix);
    EXPECT_TRUE(made) << made.error().message();
    if (!made) break;
    EXPECT_TRUE(fs::is_directory(made->path()));
  }
  done = true;
  sweeper.join();
}

}  // namespace
}  // namespace ktstr::kit
