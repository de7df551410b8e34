// SPDX-License-Identifier: Apache-2.0
#include "support/output.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/temp_tree.hpp"

namespace ktstr {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::TempTree;

TEST(OutputObstacle, IsTheReasonThatWritingWouldGive) {
  const TempTree tree;
  EXPECT_EQ(output_obstacle(tree / "new"), "");
  tree.write("there", "");
  EXPECT_EQ(output_obstacle(tree / "there"), "");
  EXPECT_EQ(output_obstacle("/dev/null"), "");
  EXPECT_EQ(output_obstacle(tree.path()), "it is a directory");
  EXPECT_EQ(output_obstacle(tree / "no/f"), "there is no directory " + (tree / "no").string());
  EXPECT_EQ(output_obstacle(tree / "there/f"), "there is no directory " + (tree / "there").string());
  EXPECT_THAT(output_obstacle("/proc/new"),
              HasSubstr("the directory /proc: "));  // nobody may make files there, root included
  fs::create_symlink(tree / "there", tree / "link");
  EXPECT_EQ(output_obstacle(tree / "link"), "");
  EXPECT_EQ(std::distance(fs::directory_iterator(tree.path()), {}), 2) << "looking leaves nothing behind";
}

}  // namespace
}  // namespace ktstr
