// SPDX-License-Identifier: Apache-2.0
//
// What a change can touch: `ktstr affected`, and `ktstr test --relevant`.
#include <set>

#include "project.hpp"

namespace ktstr::testing {
namespace {

class Affected : public ::testing::Test {
 protected:
  using Names = std::set<std::string>;

  Affected() {
    project.write("ktstr.json", R"({"project": "demo", "runner": "fake", "sources": {"mine": ["src/mine*"]},
      "irrelevant": ["*.md", "notes/"]})");
    project.write("tests/all.json", R"js({"tests": [
      {"name": "a", "inputs": "{\"files\": [\"numbers.json\"], \"schedulers\": [\"mine\"]}"},
      {"name": "b", "inputs": "{\"files\": [\"../beside.txt\"]}"}]})js");
    project.write("src/mine.c", "1");
    first = project.commit("first");
  }
  json::value told(Arguments more = {}) const {
    more.insert(more.begin(), {"affected", "--json", "--base", first});
    const ProgramResult result = project.ktstr(more);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return parsed(result);
  }
  Names touched() const {
    Names names;
    const json::value answer = told();
    for (const json::value& test : answer.at("tests").as_array())
      if (test.at("affected").as_bool()) names.emplace(test.at("test").as_string());
    return names;
  }

  Project project;
  std::string first;
};

TEST_F(Affected, CommittedChangedAndNewFilesCount) {
  EXPECT_EQ(touched(), Names{});
  project.write("README.md", "new");
  project.write("notes/x.c", "new");
  EXPECT_EQ(touched(), Names{});
  project.write("src/mine.c", "2");
  EXPECT_EQ(touched(), Names{"a"});
  project.commit("second");
  EXPECT_EQ(touched(), Names{"a"});
  const ProgramResult table = project.ktstr({"affected", "--base", first});
  EXPECT_EQ(table.out, "since " + first + " (--base " + first +
                           "): 3 files changed, 1 of 2 tests affected\n" +
                           "TEST  SCHEDULER  AFFECTED  WHY\n"
                           "a     eevdf      yes       src/mine.c: a source of mine\n"
                           "b     eevdf      -         nothing that changed is part of it\n");
  EXPECT_EQ(table.err, "");
  EXPECT_EQ(told().at("schedulers"), json::array{"mine"});
  project.write("strange.c", "x");
  EXPECT_EQ(touched(), (Names{"a", "b"}));
  const ProgramResult all = project.ktstr({"affected", "--base", first, "b"});
  EXPECT_NE(all.err.find("no test claims strange.c"), std::string::npos) << all.err;
  EXPECT_NE(all.out.find("b     eevdf      yes       strange.c: claimed by no test"), std::string::npos);
}

TEST_F(Affected, RenamedAndRemovedFilesAreChanges) {
  project.git({"mv", "src/mine.c", "src/mine2.c"});
  EXPECT_EQ(told().at("changed"), (json::array{"src/mine.c", "src/mine2.c"}));
  EXPECT_EQ(touched(), Names{"a"});
  project.git({"rm", "-q", "-f", "numbers.json"});
  EXPECT_EQ(touched(), Names{"a"});
  project.write("tests/more.json", R"({"tests": [{"name": "c", "inputs": "{}"}]})");
  EXPECT_EQ(touched(), (Names{"a", "c"})) << "a manifest is its tests'";
  const std::string second = project.commit("second");
  fs::remove(project.directory() / "tests/more.json");
  const json::value gone = parsed(project.ktstr({"affected", "--json", "--base", second}));
  EXPECT_EQ(gone.at("changed"), json::array{}) << "tests that are gone need not run";
}

TEST_F(Affected, WhatAnotherTestClaimsIsClaimed) {
  project.write("src/mine.c", "2");
  const ProgramResult one = project.ktstr({"affected", "--base", first, "b"});
  EXPECT_EQ(one.err, "") << "the scheduler and its source are a's";
  EXPECT_NE(one.out.find("0 of 1 test affected"), std::string::npos) << one.out;
  EXPECT_EQ(told({"b"}).at("unclaimed"), json::array{});
  EXPECT_EQ(told({"b"}).at("schedulers"), json::array{});
  EXPECT_EQ(told({"a"}).at("schedulers"), json::array{"mine"});
}

TEST_F(Affected, RelevantTestsAloneRun) {
  const ProgramResult none = project.ktstr({"test", "--relevant", "--base", first});
  EXPECT_EQ(none.exit_code, 0) << none.err;
  EXPECT_EQ(none.out, "");
  EXPECT_NE(none.err.find("--relevant: 0 of 2 tests can be touched by what changed since " + first),
            std::string::npos)
      << none.err;
  project.write("src/mine.c", "2");
  const ProgramResult one = project.ktstr({"test", "--relevant", "--base", first, "--list", "--json"});
  EXPECT_EQ(one.exit_code, 0) << one.err;
  ASSERT_EQ(parsed(one).at("tests").as_array().size(), 1U);
  EXPECT_EQ(parsed(one).at("tests").at(0).at("test"), "a");
  const ProgramResult run = project.ktstr({"test", "--relevant", "--base", first});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.out.find("Running 1 test of demo on kernel 6.18.2 (1 test not selected)"), std::string::npos)
      << run.out;
  expect_error(project.ktstr({"test", "--base", first}), 2, {"say what --relevant compares with"});
  expect_error(project.ktstr({"affected", "--base", "nowhere"}), 3, {"nowhere"});
}

TEST_F(Affected, AProjectInADirectoryOfItsRepository) {
  fs::create_directories(project.directory() / "sub/tests");
  for (const char* name : {"ktstr.json", "tests/all.json", "numbers.json"})
    fs::copy_file(project.directory() / name, project.directory() / "sub" / name);
  const std::string base = project.commit("a project below");
  project.write("sub/numbers.json", Project::kBad);
  project.write("beside.txt", "2");
  const ProgramResult result = project.ktstr({"-C", "sub", "affected", "--json", "--base", base});
  EXPECT_EQ(parsed(result).at("changed"), (json::array{"../beside.txt", "numbers.json"})) << result.err;
  EXPECT_EQ(parsed(result).at("tests").at(0).at("file"), "numbers.json");
  EXPECT_EQ(parsed(result).at("tests").at(1).at("file"), "../beside.txt");
  EXPECT_EQ(parsed(result).at("unclaimed"), json::array{});
}

TEST_F(Affected, WhatPluginsCannotTellIsNoReasonToLeaveATestOut) {
  project.write("tests/all.json", R"({"tests": [{"name": "silent"}]})");
  const std::string base = project.commit("silent");
  project.write("src/mine.c", "2");
  const json::value told = parsed(project.ktstr({"affected", "--json", "--base", base}));
  EXPECT_EQ(told.at("tests").at(0).at("why"), "its runner does not say what it is made of");
  project.write("tests/all.json", R"({"tests": [{"name": "odd", "inputs": "[7]"}]})");
  expect_error(project.ktstr({"affected", "--base", base}), 4, {"what the runner says odd is made of"});
  install_plugin(fs::path(KTSTR_FIXTURES_DIR) / "numbers", project.tree / "data/ktstr/plugins/v1");
  project.write("builds.txt", "1001 b1001 first\n1002 b1002 second\n");
  project.write("tests/all.json", R"({"tests": [{"name": "a", "inputs": "{}"}]})");
  project.write("ktstr.json", R"({"project": "demo", "runner": "fake", "baseline": "numbers"})");
  const ProgramResult all = project.ktstr({"affected", "--base", "1001"});
  EXPECT_EQ(all.exit_code, 0);
  EXPECT_NE(all.err.find("cannot tell which files changed, so every test counts as affected"),
            std::string::npos)
      << all.err;
  EXPECT_NE(all.out.find("1 of 1 test affected"), std::string::npos) << all.out;
}

TEST_F(Affected, SourcesOfNobodyAreMentioned) {
  project.write("ktstr.json", R"({"project": "demo", "runner": "fake", "sources": {"mien": ["src/"]}})");
  const ProgramResult result = project.ktstr({"affected", "--base", first});
  EXPECT_NE(result.err.find("names the scheduler \"mien\", which no test uses (did you mean \"mine\"?)"),
            std::string::npos)
      << result.err;
  EXPECT_NE(result.out.find("ktstr.json: the project's configuration"), std::string::npos) << result.out;
}

}  // namespace
}  // namespace ktstr::testing
