// SPDX-License-Identifier: Apache-2.0
//
// `ktstr cost` with a runner that has counted already what its manifest says.
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "project.hpp"

namespace ktstr::testing {
namespace {

using ::testing::HasSubstr;

class CostCommand : public ::testing::Test {
 protected:
  CostCommand() {
    project.write("tests/all.json", R"({"tests": [
      {"name": "wakeups", "metrics_file": "numbers.json", "artifacts": ["cost.folded"], "scheduler": "mine"},
      {"name": "wakeups_late", "metrics": {"worst_gap_ms": 3}}]})");
    project.write("numbers.json", R"({"cost.insns": 1000000})");
    project.commit("counted");
    project.write("numbers.json", R"({"cost.insns": 1000017})");
    project.commit("seventeen more");
  }
  static ProgramResult fine(ProgramResult result) {
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    return result;
  }
  std::string text_of(const std::string& name) const {
    std::ifstream file(project.directory() / name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  Project project;
};

TEST_F(CostCommand, CountsTheTreeAsItIs) {
  const ProgramResult result = fine(project.ktstr({"cost", "wakeups"}));
  EXPECT_THAT(result.out, HasSubstr("wakeups (1n1l2c1t, mine), "));
  EXPECT_THAT(result.out, HasSubstr("1,000,017 instructions of the kernel"));
  EXPECT_EQ(result.out.find("PASS"), std::string::npos) << "the table is the report";
}

TEST_F(CostCommand, ComparesTwoCommitsToTheInstruction) {
  const ProgramResult result = fine(project.ktstr({"cost", "wakeups", "--base", "HEAD~1"}));
  EXPECT_THAT(result.out, HasSubstr("1,000,000 and 1,000,017 instructions of the kernel, +17"));
  const json::value document =
      json::parse(fine(project.ktstr({"cost", "wakeups", "--base", "HEAD~1", "--json"})).out);
  EXPECT_EQ(document.at("schema_version"), 1);
  EXPECT_EQ(
      document.at("head").at("insns").to_number<int>() - document.at("base").at("insns").to_number<int>(),
      17);
}

TEST_F(CostCommand, WritesStacksAndAPicture) {
  fine(project.ktstr({"cost", "wakeups", "--folded", "stacks.txt", "--svg", "cost.svg"}));
  EXPECT_EQ(text_of("stacks.txt"), "part 0 of cost.folded\npart 1 of cost.folded\npart 2 of cost.folded\n");
  EXPECT_THAT(text_of("cost.svg"), HasSubstr("</svg>"));
  const ProgramResult refused = project.ktstr({"cost", "wakeups", "--svg", "no/such/place.svg"});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(refused.err, HasSubstr("place.svg"));
}

TEST_F(CostCommand, SaysWhatIsWrong) {
  const ProgramResult unknown = project.ktstr({"cost", "wakeup_"});
  EXPECT_EQ(unknown.exit_code, 2) << unknown.err;
  const ProgramResult several = project.ktstr({"cost", "wake"});
  EXPECT_EQ(several.exit_code, 2);
  EXPECT_THAT(several.err, HasSubstr("names 2 tests: wakeups, wakeups_late"));
  const ProgramResult nothing = project.ktstr({"cost", "wakeups_late"});
  EXPECT_EQ(nothing.exit_code, 5);
  EXPECT_THAT(nothing.err, HasSubstr("nothing was counted of wakeups_late"));
  const ProgramResult commit = project.ktstr({"cost", "wakeups", "--base", "nowhere"});
  EXPECT_EQ(commit.exit_code, 3);
  EXPECT_NE(commit.err.find("--base"), std::string::npos) << commit.err;
  EXPECT_EQ(project.ktstr({"cost"}).exit_code, 2);
  const ProgramResult real = project.ktstr({"test", "--cost"});
  EXPECT_EQ(real.exit_code, 2);
  EXPECT_THAT(real.err, HasSubstr("--deterministic"));
}

}  // namespace
}  // namespace ktstr::testing
