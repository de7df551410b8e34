// SPDX-License-Identifier: Apache-2.0
#include "machine/places.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "framework/namespaces.hpp"
#include "framework/temp_tree.hpp"
#include "machine/machine_error.hpp"

namespace ktstr::kvm {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::TempTree;

constexpr std::uint64_t kMiB = 1 << 20, kTooMuch = std::uint64_t{1} << 60;

struct Places : ::testing::Test {
  TempTree tree;
  MachinePlaces::Wish wish;
  Places() {
    wish.cache = tree / "cache";
    wish.scratch_bytes = kMiB;
    wish.usual = {tree.directory("first"), tree.directory("second")};
  }
  FileError error() const {
    try {
      const MachinePlaces places(wish);
    } catch (const FileError& failure) {
      return failure;
    }
    return FileError("nothing was thrown");
  }
};

TEST_F(Places, AreTheUsualOnesWithoutAWord) {
  const MachinePlaces places(wish);
  EXPECT_EQ(places.scratch(), tree / "first");
  EXPECT_EQ(places.cache(), tree / "cache");
  EXPECT_THAT(places.news(), IsEmpty());
  EXPECT_TRUE(fs::is_empty(tree / "first"));
}

TEST_F(Places, AnUnusableOneIsPassedOverAndNamed) {
  wish.usual.front() = tree / "missing";
  const MachinePlaces places(wish);
  EXPECT_EQ(places.scratch(), tree / "second");
  EXPECT_THAT(places.news(),
              ElementsAre(AllOf(
                  HasSubstr("cannot make a directory in " + (tree / "missing").string() + ": No such file"),
                  HasSubstr("go to " + (tree / "second").string()), HasSubstr("--shm-size"))));
}

TEST_F(Places, ASmallOneIsPassedOver) {
  if (!testing::namespaces_permitted()) GTEST_SKIP() << "no permission to make namespaces";
  wish.scratch_bytes = 2 * kMiB;
  const pid_t child = testing::start_in_namespaces([&] {
    if (!testing::mount_small((tree / "first").string(), "1m")) return 2;
    const MachinePlaces places(wish);
    if (places.scratch() != tree / "second" || places.news().size() != 1) return 3;
    return places.news().front().find((tree / "first").string() + " has 1 MiB free") == 0 ? 0 : 4;
  });
  EXPECT_EQ(testing::exit_code_of(child), 0);
}

TEST_F(Places, WithoutRoomAnywhereTheErrorHasTheWaysOut) {
  wish.scratch_bytes = kTooMuch;
  const FileError failure = error();
  EXPECT_THAT(failure.what(), AllOf(HasSubstr("may need " + std::to_string(kTooMuch / kMiB) + " MiB"),
                                    HasSubstr((tree / "first").string() + " has "),
                                    HasSubstr((tree / "second").string() + " has ")));
  EXPECT_THAT(failure.hint, AllOf(HasSubstr("docker run --shm-size=1g"), HasSubstr("scratch_dir")));
}

TEST_F(Places, ANamedDirectoryIsTheOnlyOneTried) {
  wish.scratch = tree / "mine/deep";
  EXPECT_EQ(MachinePlaces(wish).scratch(), tree / "mine/deep");
  wish.scratch_bytes = kTooMuch;
  EXPECT_THAT(error().what(), HasSubstr("scratch_dir: " + (tree / "mine/deep").string() + " has "));
  tree.write("file", "");
  wish.scratch = tree / "file";
  EXPECT_THAT(error().what(), HasSubstr((tree / "file").string()));
  EXPECT_NE(error().hint, "");
}

TEST_F(Places, WhatAnotherUserMadeInASharedDirectoryBlocksNobody) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs two users";
  tree.directory("first/ktstr-" + std::to_string(::getuid()));
  ASSERT_EQ(::chown((tree / ("first/ktstr-" + std::to_string(::getuid()))).c_str(), 12345, 12345), 0);
  const MachinePlaces places(wish);
  EXPECT_EQ(places.scratch(), tree / "first");
  EXPECT_THAT(places.news(), IsEmpty());
}

TEST_F(Places, AFullCacheIsLeftOnce) {
  MachinePlaces places(wish);
  const fs::path full = places.cache();
  std::vector<std::string> told;
  const auto tell = [&](const std::string& line) { told.push_back(line); };
  EXPECT_TRUE(places.leave_cache(full, "cannot write vmlinux/1: No space left on device", tell));
  const fs::path other = places.cache();
  EXPECT_NE(other, full);
  EXPECT_TRUE(places.leave_cache(full, "the same from another thread", tell));
  EXPECT_EQ(places.cache(), other);
  EXPECT_THAT(told,
              ElementsAre(AllOf(HasSubstr("No space left on device; saved guests go to " + other.string()),
                                HasSubstr("XDG_CACHE_HOME"))));
  EXPECT_FALSE(places.leave_cache(other, "that one is full, too", tell));
}

TEST_F(Places, AFullDiskIsTheCachesOnlyBelowIt) {
  if (!testing::namespaces_permitted()) GTEST_SKIP() << "no permission to make namespaces";
  const pid_t child = testing::start_in_namespaces([&] {
    if (!testing::mount_small((tree / "first").string(), "64k")) return 2;
    try {
      write_file_atomically(tree / "first/vmlinux", std::string(1 << 20, 'x'));
    } catch (const FileError& failure) {
      MachineEnvironment environment;
      environment.cache_dir = tree / "first";
      if (!machine_error(failure, environment).cache_full) return 3;
      environment.cache_dir = tree / "second";
      return machine_error(failure, environment).cache_full ? 4 : 0;
    }
    return 5;
  });
  EXPECT_EQ(testing::exit_code_of(child), 0);
}

TEST_F(Places, ACacheThatCannotBeWrittenToIsReplacedForThisRun) {
  tree.write("file", "");
  wish.cache = tree / "file/cache";
  fs::path own;
  {
    const MachinePlaces places(wish);
    own = places.cache();
    EXPECT_TRUE(fs::is_directory(own));
    EXPECT_THAT(places.news(),
                ElementsAre(AllOf(HasSubstr("cannot make the directory " + (tree / "file/cache").string() +
                                            ": Not a directory"),
                                  HasSubstr(own.string()), HasSubstr("XDG_CACHE_HOME"))));
  }
  EXPECT_FALSE(fs::exists(own));
}

TEST_F(Places, WhatKilledRunsLeftIsSwept) {
  const pid_t child = ::fork();
  if (child == 0) {
    const kit::ScratchDirectory left = make_scratch_directory(tree / "first");
    ::kill(::getpid(), SIGKILL);
  }
  testing::exit_code_of(child);
  EXPECT_FALSE(fs::is_empty(tree / "first"));
  const MachinePlaces places(wish);
  EXPECT_TRUE(fs::is_empty(tree / "first"));
}

}  // namespace
}  // namespace ktstr::kvm
