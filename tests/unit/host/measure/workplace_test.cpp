// SPDX-License-Identifier: Apache-2.0
#include "measure/workplace.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <optional>

#include "framework/temp_tree.hpp"
#include "measure/build_environment.hpp"

namespace ktstr {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& file) {
  std::ifstream stream(file);
  std::string word;
  stream >> word;
  return word;
}

TEST(Workplace, ShowsOneSideAtATimeAtOnePath) {
  testing::TempTree tree;
  fs::path root;
  {
    auto place = Workplace::open(tree.path(), "/home/me/project");
    ASSERT_TRUE(place) << place.error().message;
    EXPECT_EQ(place->elsewhere(), "");
    root = place->tree().parent_path();
    for (const char* side : {"base", "head"}) {
      ASSERT_TRUE(place->show(side));
      ASSERT_TRUE(fs::is_empty(place->tree()));
      std::ofstream(place->tree() / "name") << side;
    }
    EXPECT_EQ(read(place->waiting("base") / "name"), "base");
    ASSERT_TRUE(place->show("base"));
    EXPECT_EQ(read(place->tree() / "name"), "base");
    EXPECT_EQ(read(place->waiting("head") / "name"), "head");
  }
  EXPECT_FALSE(fs::exists(root));
}

TEST(Workplace, IsKnownByTheProjectAndHeldByOne) {
  testing::TempTree tree;
  std::optional<Workplace> first;
  auto opened = Workplace::open(tree.path(), "one");
  ASSERT_TRUE(opened);
  const fs::path path = opened->tree();
  first.emplace(std::move(*opened));
  const auto beside = Workplace::open(tree.path(), "one");
  ASSERT_TRUE(beside);
  EXPECT_NE(beside->tree(), path);
  EXPECT_NE(beside->elsewhere().find("another session has"), std::string::npos) << beside->elsewhere();
  const auto other = Workplace::open(tree.path(), "two");
  ASSERT_TRUE(other);
  EXPECT_NE(other->tree(), path);
  EXPECT_EQ(other->elsewhere(), "");
  first.reset();
  const auto again = Workplace::open(tree.path(), "one");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->tree(), path);
}

TEST(Workplace, ClearsWhatAKilledSessionLeft) {
  testing::TempTree tree;
  fs::path path;
  {
    const auto place = Workplace::open(tree.path(), "one");
    ASSERT_TRUE(place);
    path = place->tree().parent_path();
  }
  fs::create_directories(path / "src/closed/inner");
  std::ofstream(path / "src/closed/inner/file") << "x";
  fs::permissions(path / "src/closed/inner", fs::perms::owner_read | fs::perms::owner_exec);
  fs::permissions(path / "src/closed", fs::perms::owner_read | fs::perms::owner_exec);
  const auto other = Workplace::open(tree.path(), "two");
  ASSERT_TRUE(other);
  EXPECT_FALSE(fs::exists(path));
}

TEST(Workplace, DoesNotTakeALinkForItsPlace) {
  testing::TempTree tree;
  fs::path path;
  {
    const auto place = Workplace::open(tree.path(), "one");
    ASSERT_TRUE(place);
    path = place->tree().parent_path();
  }
  const fs::path precious = tree.write("precious/file", "x").parent_path();
  fs::create_directory_symlink(precious, path);
  const auto place = Workplace::open(tree.path(), "one");
  ASSERT_TRUE(place) << place.error().message;
  EXPECT_NE(place->elsewhere(), "");
  EXPECT_TRUE(fs::exists(precious / "file"));
}

TEST(BuildEnvironment, KeepsResultsInTheirCheckout) {
  Environment environment;
  environment.build_outputs = {{"CARGO_TARGET_DIR", "/big/target"},
                               {"KBUILD_OUTPUT", "/big/linux"},
                               {"BUILD_DIR", "out"},
                               {"OBJDIR", "../../out"},
                               {"OUTPUT", "../out"}};
  const SideVariables variables = side_variables(environment, "/co/src", "/co/src/tool");
  EXPECT_EQ(variables.set,
            (std::vector<std::pair<std::string, std::string>>{{"CARGO_TARGET_DIR", "/co/src/tool/target"},
                                                              {"SOURCE_DATE_EPOCH", "1577836800"}}));
  EXPECT_EQ(variables.unset, (std::vector<std::string>{"KBUILD_OUTPUT", "OBJDIR"}));
  EXPECT_EQ(variables.leaks, (std::vector<std::string>{"CARGO_TARGET_DIR=/big/target",
                                                       "KBUILD_OUTPUT=/big/linux", "OBJDIR=../../out"}));
  environment.has_source_date = true;
  environment.build_outputs.clear();
  EXPECT_TRUE(side_variables(environment, "/co/src", "/co/src").set.empty());
}

}  // namespace
}  // namespace ktstr
