// SPDX-License-Identifier: Apache-2.0
#include "node_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "framework/temp_tree.hpp"

namespace ktstr::slurm {
namespace {

constexpr std::size_t kMiB = 1U << 20U;

class NodeFile : public ::testing::Test {
 protected:
  /// Whether it was read, or why not.
  std::string read(const std::string& name, std::uint64_t most) {
    bytes_.clear();
    largest_ = 0;
    const kit::Done done = read_pieces(tree_ / name, most, [&](std::string_view piece) {
      bytes_ += piece;
      largest_ = std::max(largest_, piece.size());
      return bytes_.size() < enough_;
    });
    return done ? "read" : done.error().message();
  }

  testing::TempTree tree_;
  std::string bytes_;
  std::size_t largest_ = 0, enough_ = SIZE_MAX;
};

TEST_F(NodeFile, ComesInPiecesThatAreNeverLarge) {
  std::string text(3 * kMiB + 17, 'x');
  text[2 * kMiB] = 'y';
  tree_.write("large", text);
  EXPECT_EQ(read("large", 4 * kMiB), "read");
  EXPECT_TRUE(bytes_ == text);
  EXPECT_LE(largest_, kMiB);
  tree_.write("empty", "");
  EXPECT_EQ(read("empty", 1), "read");
  EXPECT_EQ(bytes_, "");
}

TEST_F(NodeFile, OneThatIsTooLargeIsRefusedBeforeItsFirstPiece) {
  tree_.write("large", std::string(11, 'x'));
  EXPECT_EQ(read("large", 11), "read");
  EXPECT_NE(read("large", 10).find("is larger than 10 bytes"), std::string::npos);
  EXPECT_EQ(bytes_, "");
}

TEST_F(NodeFile, IsLeftWhenNobodyWantsMore) {
  tree_.write("large", std::string(5 * kMiB, 'x'));
  enough_ = kMiB;
  EXPECT_EQ(read("large", 5 * kMiB), "read");
  EXPECT_EQ(bytes_.size(), kMiB);
}

TEST_F(NodeFile, IsAFileAndNoLinkToOne) {
  tree_.write("secret", "of this machine");
  std::filesystem::create_symlink(tree_ / "secret", tree_ / "link");
  ASSERT_EQ(::mkfifo((tree_ / "pipe").c_str(), 0600), 0);
  for (const char* name : {"link", "pipe", "nowhere"}) EXPECT_NE(read(name, kMiB), "read") << name;
  EXPECT_EQ(bytes_, "");
}

}  // namespace
}  // namespace ktstr::slurm
