// SPDX-License-Identifier: Apache-2.0
#include "agent/output_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace ktstr::agent {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Output : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(file_.open(path_)); }
  void TearDown() override { ::unlink(path_.c_str()); }
  void print(const std::string& text) {
    ASSERT_EQ(::write(file_.fd(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }

  std::string path_ =
      (std::filesystem::temp_directory_path() / ("ktstr-output-" + std::to_string(::getpid()))).string();
  OutputFile file_;
};

TEST_F(Output, LittleIsKeptWhole) {
  print("one\n");
  file_.trim();
  print("two");
  EXPECT_EQ(file_.text(), "one\ntwo");
}

TEST_F(Output, OfMuchTheBeginningAndTheEndAreKept) {
  print("starting\n");
  const std::string line(64 << 10, 'x');
  for (int i = 0; i < 160; ++i) {
    print(line);
    file_.trim();
  }
  print("\nthe reason");
  file_.trim();
  const std::string text = file_.text();
  EXPECT_THAT(text, StartsWith("starting\nxxx"));
  EXPECT_THAT(text, EndsWith("xxx\nthe reason"));
  EXPECT_THAT(text, HasSubstr(" bytes left out]\n"));
  EXPECT_LT(text.size(), OutputFile::kHead + OutputFile::kTail + 100);
  EXPECT_GT(file_.size(), 10U << 20U);
}

TEST_F(Output, OneLongLineEndsWithItsEnd) {
  print(std::string(4 << 20, '.') + "that was all");
  EXPECT_THAT(file_.text(), EndsWith("...that was all"));
}

TEST_F(Output, MuchAtOnceAsksForMoreCare) {
  print(std::string(5 << 20, '.'));
  EXPECT_TRUE(file_.trim());
  EXPECT_FALSE(file_.trim());
}

}  // namespace
}  // namespace ktstr::agent
