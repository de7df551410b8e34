// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/read_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

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

TEST(ReadStream, ReadsAPipeToItsEndOrTheLimit) {
  for (const std::uint64_t most : {std::uint64_t{70'000}, std::uint64_t{69'999}}) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const Fd reader(ends[0]);
    std::thread writer([to = ends[1]] {
      const std::string bytes(70'000, 'x');  // more than a pipe holds
      for (std::size_t at = 0; at < bytes.size();) {
        const ssize_t n = ::write(to, bytes.data() + at, bytes.size() - at);
        if (n <= 0) break;
        at += static_cast<std::size_t>(n);
      }
      ::close(to);
    });
    const auto read = read_stream(reader.get(), "stdin", most);
    writer.join();
    if (most == 70'000) {
      EXPECT_EQ(read->size(), 70'000U);
    } else {
      EXPECT_EQ(read.error().message(), "stdin is larger than 69999 bytes");
    }
    EXPECT_FALSE(read_file(reader.get(), "stdin", most)) << "a pipe is no regular file";
  }
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
