// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/read_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "framework/temp_tree.hpp"

namespace ktstr::kit {
namespace {

using testing::TempTree;
using Kind = Failure::Kind;

TEST(ReadFileOfKit, ReadsWhatHasNoSize) {
  const auto stat = read_file("/proc/self/stat", 4096);
  ASSERT_TRUE(stat);
  EXPECT_TRUE(stat->starts_with(std::to_string(::getpid()) + " ("));
  EXPECT_EQ(read_file("/proc/self/maps", 8).error().kind, Kind::kLimit);
}

TEST(ReadFileOfKit, ReadsUpToTheLimitAndNoFurther) {
  const TempTree tree;
  tree.write("a", std::string(200'000, 'x'));
  EXPECT_EQ(read_file(tree / "a", 200'000)->size(), 200'000U);
  EXPECT_EQ(read_file(tree / "a", 199'999).error().message(),
            (tree / "a").string() + " is larger than 199999 bytes");
  tree.write("empty", "");
  EXPECT_EQ(*read_file(tree / "empty", 0), "");
}

TEST(ReadFileOfKit, TakesRegularFilesOnlyAndNeverWaits) {
  const TempTree tree;
  ASSERT_EQ(::mkfifo((tree / "pipe").c_str(), 0600), 0);
  for (const std::filesystem::path& path : {tree / "pipe", tree.path(), std::filesystem::path("/dev/zero")}) {
    const auto refused = read_file(path, 9);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Kind::kInvalid);
    EXPECT_EQ(refused.error().message(), "cannot read " + path.string() + ": not a regular file");
    EXPECT_EQ(read_tail(path, 9), "");
    EXPECT_EQ(text_of(path), "");
  }
  EXPECT_EQ(read_file(tree / "none", 9).error().error, ENOENT);
}

TEST(ReadFileOfKit, RefusesLinksWhenAsked) {
  const TempTree tree;
  tree.write("a", "1\n2");
  std::filesystem::create_symlink("a", tree / "link");
  EXPECT_EQ(first_line(tree / "link"), "1");
  EXPECT_EQ(read_file(tree / "link", 9, O_NOFOLLOW).error().error, ELOOP);
}

TEST(ReadFileOfKit, GivesTheTail) {
  const TempTree tree;
  tree.write("a", "0123456789");
  EXPECT_EQ(read_tail(tree / "a", 3), "789");
  EXPECT_EQ(read_tail(tree / "a", 30), "0123456789");
  EXPECT_EQ(read_tail(tree / "none", 3), "");
}

}  // namespace
}  // namespace ktstr::kit
