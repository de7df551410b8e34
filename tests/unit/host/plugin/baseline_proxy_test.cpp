// SPDX-License-Identifier: Apache-2.0
//
// Commits that are no git commits, and labels that would end up in file names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixture_plugins.hpp"
#include "plugin/commit_names.hpp"

namespace ktstr {
namespace {

using ::testing::HasSubstr;

class Numbers : public ::testing::Test, protected FixturePlugins {
 protected:
  Numbers() { install("numbers"); }
  void builds(const std::string& lines) const { tree.write("p/builds.txt", lines); }
  std::string path() const { return (tree / "p").string(); }
};

TEST_F(Numbers, BuildsAreCommitsToo) {
  builds("1001 b1001 first\n1002 b1002 second\n1003 b1003 third\n");
  auto all = catalogue();
  auto baseline = all.make_baseline("numbers", "{}");
  ASSERT_TRUE(baseline) << baseline.error().message;
  const auto state = (*baseline)->describe(path());
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state->commit, "1003");
  EXPECT_EQ(state->label, "b1003");
  const auto resolved = (*baseline)->resolve({path(), "1001", {}, {}, "main"});
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->label, "b1001");
  const auto range = (*baseline)->range(path(), "1001", "1003");
  ASSERT_TRUE(range) << range.error().message;
  ASSERT_EQ(range->size(), 3U);
  EXPECT_EQ((*range)[1].label, "b1002");
  EXPECT_EQ((*range)[1].time_s, 1);
  EXPECT_EQ((*baseline)->diff_command(path(), "1001", "1003"), "builds compare 1001 1003");
}

TEST_F(Numbers, LabelsAreCheckedAndUnique) {
  auto all = catalogue();
  auto baseline = all.make_baseline("numbers", "{}");
  builds("1 ../x evil\n");
  const auto evil = (*baseline)->describe(path());
  ASSERT_FALSE(evil);
  EXPECT_EQ(evil.error().code, ExitCode::kPlugin);
  EXPECT_THAT(evil.error().message, HasSubstr("the label \"../x\", which cannot be a part of names"));
  builds("1 same a\n2 same b\n");
  EXPECT_THAT((*baseline)->range(path(), "1", "2").error().message,
              HasSubstr("two commits the label \"same\""));
  builds("");
  EXPECT_EQ((*baseline)->describe(path())->commit, "");
}

TEST(CommitLabels, AreParts) {
  for (const char* good : {"abc1234", "v1.2.3", "r1042", "a_b+c-d"})
    EXPECT_TRUE(is_commit_label(good)) << good;
  for (const char* bad : {"", ".", "..", "-x", "a/b", "a b", "abc-dirty", "a\n"})
    EXPECT_FALSE(is_commit_label(bad)) << bad;
}

}  // namespace
}  // namespace ktstr
