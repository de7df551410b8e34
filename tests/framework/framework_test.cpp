// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

#include "golden.hpp"
#include "json_difference.hpp"
#include "run_program.hpp"
#include "temp_tree.hpp"

namespace ktstr::testing {
namespace {

TEST(TempTree, HoldsFilesAndGoesAway) {
  std::filesystem::path root;
  {
    const TempTree tree;
    root = tree.path();
    EXPECT_EQ(tree.write("a/b/c.txt", std::string_view("x\0y", 3)), root / "a/b/c.txt");
    EXPECT_EQ(tree.read("a/b/c.txt"), std::string("x\0y", 3));
    EXPECT_TRUE(tree.exists("a/b"));
    EXPECT_FALSE(tree.exists("a/c"));
  }
  EXPECT_FALSE(std::filesystem::exists(root));
}

TEST(Golden, SaysWhatDiffers) {
  EXPECT_TRUE(matches_golden("framework/sample.txt", "first\nsecond\n"));
  if (const char* bless = std::getenv("KTSTR_BLESS"); bless != nullptr && std::string_view(bless) == "1")
    return;
  const auto differs = matches_golden("framework/sample.txt", "first\nsecund\n");
  EXPECT_FALSE(differs);
  EXPECT_NE(std::string(differs.message()).find("sample.txt\":2 differs"), std::string::npos)
      << differs.message();
  EXPECT_FALSE(matches_golden("framework/sample.txt", "first\nsecond\nthird\n"));
  EXPECT_FALSE(matches_golden("framework/sample.txt", ""));
  EXPECT_FALSE(matches_golden("framework/missing.txt", ""));
}

TEST(JsonDifference, NamesEachPlace) {
  EXPECT_EQ(differences(R"({"a": [1, {"b": 2}]})", R"({"a": [1, {"b": 2}]})"), differences("x", "x"));
  EXPECT_EQ(differences(R"({"a": [1, {"b": 2}], "c": 1})", R"({"a": [1, {"b": 3}], "d": 1})"),
            ".a[1].b: 2 and 3\n.c: only the first has it\n.d: only the second has it\n");
  EXPECT_EQ(differences("[1]", "[1, 2]"), ": [1] and [1,2]\n");
  EXPECT_EQ(differences("{}", ""), "no documents: '{}' and ''");
  EXPECT_EQ(differences("[1,2]", "[1, 2]"), "the same values, written another way\n");
}

TEST(RunProgram, KeepsStreamsApartAndTellsTheExitCode) {
  const TempTree tree;
  const auto result = run_program({{"sh", "-c", "pwd; echo \"$A\" >&2; cat; exit 7"},
                                   {{"A", "b c"}},
                                   {},
                                   false,
                                   tree.path().string(),
                                   "typed",
                                   std::chrono::seconds(60)});
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_EQ(result.out, tree.path().string() + "\ntyped");
  EXPECT_EQ(result.err, "b c\n");
  EXPECT_FALSE(result.timed_out);
}

TEST(RunProgram, TakesVariablesAway) {
  Program program{{"sh", "-c", "echo \"${HOME-none} ${X-none}\""},
                  {{"X", "1"}},
                  {"HOME"},
                  false,
                  {},
                  {},
                  std::chrono::seconds(60)};
  EXPECT_EQ(run_program(program).out, "none 1\n");
  program.clean_environment = true;
  program.environment.clear();
  EXPECT_EQ(run_program(program).out, "none none\n");
}

TEST(RunProgram, ReadsMuchOutputOfBothStreams) {
  const auto result = run_program({{"sh", "-c", "head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2"},
                                   {},
                                   {},
                                   false,
                                   {},
                                   {},
                                   std::chrono::seconds(60)});
  EXPECT_EQ(result.out.size(), 300000U);
  EXPECT_EQ(result.err.size(), 300000U);
}

TEST(RunProgram, EndsWhatHangs) {
  const auto result = run_program(
      {{"sh", "-c", "sleep 100 & echo $!; wait"}, {}, {}, false, {}, {}, std::chrono::seconds(1)});
  EXPECT_TRUE(result.timed_out);
  EXPECT_EQ(result.exit_code, 128 + SIGKILL);
}

TEST(RunProgram, TellsAProgramThatDoesNotExist) {
  EXPECT_EQ(run_program({{"/no/such/program"}, {}, {}, false, {}, {}, std::chrono::seconds(60)}).exit_code,
            127);
}

TEST(RunningProgram, CanBeInterrupted) {
  RunningProgram program(
      {{"sh", "-c", "trap 'echo caught; exit 130' INT; echo ready; while :; do sleep 0.02; done"},
       {},
       {},
       false,
       {},
       {},
       std::chrono::seconds(60)});
  ASSERT_TRUE(program.wait_for_text("ready"));
  program.send(SIGINT);
  const auto result = program.wait();
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_EQ(result.out, "ready\ncaught\n");
}

}  // namespace
}  // namespace ktstr::testing
