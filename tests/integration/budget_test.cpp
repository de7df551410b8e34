// SPDX-License-Identifier: Apache-2.0
//
// `ktstr test --budget`: which tests fit into a time, and what is said of the others.
#include "project.hpp"

namespace ktstr::testing {
namespace {

TEST(Budget, RunsWhatFitsAndTellsTheRest) {
  const Project project;
  project.write("tests/all.json", R"({"tests": [{"name": "a", "scheduler": "scx_a"},
    {"name": "b", "scheduler": "scx_b", "duration_ms": 9000}, {"name": "c"}]})");
  project.commit("three tests");
  const ProgramResult guessed = project.ktstr({"test", "--budget", "30s", "--list"});
  EXPECT_EQ(guessed.exit_code, 0) << guessed.err;
  EXPECT_NE(guessed.err.find("--budget 30 s: 2 of 3 tests, expected to take 24 s (3 never ran: guessed)"),
            std::string::npos)
      << guessed.err;
  EXPECT_NE(guessed.err.find("--budget leaves out 1 test: b"), std::string::npos) << guessed.err;
  EXPECT_EQ(project.ktstr({"test"}).exit_code, 0);
  const ProgramResult known = project.ktstr({"test", "--budget", "5s"});
  EXPECT_EQ(known.exit_code, 0) << known.err;
  EXPECT_NE(known.err.find("2 of 3 tests, expected to take 0 s; they cover"), std::string::npos) << known.err;
  EXPECT_NE(known.out.find("2 tests run: 2 passed, 1 left out"), std::string::npos) << known.out;
  EXPECT_EQ(project.ktstr({"test", "--budget", "5s", "--strict"}).exit_code, 5);
  EXPECT_EQ(parsed(project.ktstr({"test", "--budget", "5s", "--json"})).at("left_out"), 1);
  EXPECT_EQ(project.ktstr({"test", "--budget", "1h", "--strict"}).exit_code, 0) << "everything fits";
  expect_error(project.ktstr({"test", "--budget", "5s", "-E", "=b"}), 2,
               {"no test fits; the shortest is expected to take 9 s"});
  expect_error(project.ktstr({"test", "--budget", "soon"}), 2, {"--budget \"soon\" is no duration"});
}

}  // namespace
}  // namespace ktstr::testing
