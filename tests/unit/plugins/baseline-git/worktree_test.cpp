// SPDX-License-Identifier: Apache-2.0
//
// Work in progress: the tree as it lies there, with files that are large, closed to us, or repositories of
// their own.
#include <sys/stat.h>
#include <unistd.h>

#include "repository_fixture.hpp"
#include "worktree_copy.hpp"

namespace ktstr::git {
namespace {

class WorktreeCopy : public RepositoryTest {
 protected:
  std::uint64_t blocks_of(const fs::path& file) const {
    struct stat status {};
    EXPECT_EQ(::stat(file.c_str(), &status), 0);
    return static_cast<std::uint64_t>(status.st_blocks) * 512;
  }
};

TEST_F(WorktreeCopy, TrackedAndUntrackedButNotIgnored) {
  tree.write("p/.gitignore", "target/\n");
  tree.write("p/target/out", "x");
  tree.write("p/new/file", "n");
  fs::remove(tree / "p/docs/a");
  EXPECT_EQ(files(checkout("")), (Arguments{".gitignore", "new/file", "src.txt"}));
}

TEST_F(WorktreeCopy, HolesStayHolesAndLargeUntrackedFilesAreNamed) {
  const fs::path image = tree.write("p/disk.img", "head");
  fs::resize_file(image, 1ULL << 30);
  const std::string out = checkout("");
  EXPECT_EQ(fs::file_size(tree / out / "disk.img"), 1ULL << 30);
  EXPECT_LT(blocks_of(tree / out / "disk.img"), 1U << 20);
  std::ifstream copy(tree / out / "disk.img");
  std::string start(5, 'x');
  copy.read(start.data(), 5);
  EXPECT_EQ(start, std::string("head\0", 5));
  EXPECT_TRUE(warned_of("disk.img along, 1.0 GiB")) << warned();
}

TEST_F(WorktreeCopy, BytesAfterAHoleAndTheTimeOfChange) {
  const fs::path file = tree.write("p/holes", "head");
  fs::resize_file(file, 3 << 20);
  std::ofstream(file, std::ios::app) << "tail";
  const auto then = fs::file_time_type::clock::now() - std::chrono::hours(48);
  fs::last_write_time(file, then);
  const std::string out = checkout("");
  EXPECT_EQ(tree.read(out + "/holes"), tree.read("p/holes"));
  EXPECT_EQ(fs::last_write_time(tree / out / "holes"), fs::last_write_time(file));
}

TEST_F(WorktreeCopy, WhatMayNotBeReadIsLeftOutAndNamed) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  tree.write("p/closed", "x");
  tree.chmod("p/closed", 0);
  tree.write("p/vault/gold", "x");
  tree.chmod("p/vault", 0);
  const std::string out = checkout("");
  EXPECT_EQ(files(out), (Arguments{"docs/a", "src.txt"}));
  EXPECT_TRUE(warned_of("closed, which cannot be read")) << warned();
  tree.chmod("p/vault", 0755);
}

TEST_F(WorktreeCopy, SubmodulesAsTheyLieThere) {
  tree.directory("lib");
  git("lib", {"init", "-q", "-b", "main"});
  tree.write("lib/helper.h", "1\n");
  commit("lib", "one");
  git("p", {"submodule", "--quiet", "add", (tree / "lib").string(), "vendor"});
  commit("p", "with a library");
  tree.write("p/vendor/helper.h", "edited\n");
  tree.write("p/vendor/extra.h", "new\n");
  const std::string out = checkout("");
  EXPECT_EQ(tree.read(out + "/vendor/helper.h"), "edited\n");
  EXPECT_EQ(tree.read(out + "/vendor/extra.h"), "new\n");
  EXPECT_EQ(warned(), "");
}

TEST_F(WorktreeCopy, RepositoriesOfTheirOwnAreNamed) {
  tree.directory("p/clone");
  git("p/clone", {"init", "-q"});
  tree.write("p/clone/x", "x");
  commit("p/clone", "x");
  checkout("");
  EXPECT_TRUE(warned_of("clone, an untracked repository of its own")) << warned();
}

TEST_F(WorktreeCopy, StopsWhenAsked) {
  cancelled = true;
  EXPECT_THROW(checkout(""), sdk::Error);
}

}  // namespace
}  // namespace ktstr::git
