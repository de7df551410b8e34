// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/directories.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "framework/temp_tree.hpp"

namespace ktstr::kit {
namespace {

namespace fs = std::filesystem;
using testing::TempTree;

TEST(MakeDirectoriesOfKit, MakesAllOrNamesTheOneItCouldNot) {
  const TempTree tree;
  EXPECT_TRUE(make_directories(tree / "a/b/", 0700));
  EXPECT_TRUE(make_directories(tree / "a/b", 0700));
  EXPECT_TRUE(make_directories_durably(tree / "a/c/d"));
  struct stat info {};
  ASSERT_EQ(::stat((tree / "a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
  tree.write("file", "");
  for (const char* name : {"file", "file/x"}) {
    const Done done = make_directories(tree / name);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message(),
              "cannot make the directory " + (tree / name).string() + ": Not a directory");
  }
  fs::create_symlink("nowhere", tree / "dangling");
  EXPECT_FALSE(make_directories(tree / "dangling"));
}

TEST(RemoveTree, RemovesWhatNobodyMayWriteAndNothingBehindLinks) {
  const TempTree tree;
  tree.write("precious/file", "x");
  tree.write("t/shut/file", "x");
  fs::create_symlink(tree / "precious", tree / "t/link");
  tree.chmod("t/shut", 0555);
  EXPECT_TRUE(remove_tree(tree / "t"));
  EXPECT_FALSE(tree.exists("t"));
  EXPECT_TRUE(tree.exists("precious/file"));
  EXPECT_TRUE(remove_tree(tree / "none"));
}

}  // namespace
}  // namespace ktstr::kit
