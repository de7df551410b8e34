// SPDX-License-Identifier: Apache-2.0
//
// defaults < system < user < project < environment < flags, and what `config show` says about it.
#include "project.hpp"

namespace ktstr::testing {
namespace {

/// A ktstr under a prefix of its own, so that it has a system configuration: PREFIX/etc/ktstr/config.json.
class Layers : public ::testing::Test {
 protected:
  Layers() {
    fs::create_directories(prefix / "bin");
    fs::copy_file(KTSTR_BINARY, prefix / "bin/ktstr");
    fs::create_directories(prefix / "lib/ktstr/plugins");
    fs::copy(KTSTR_PLUGINS_DIR, prefix / "lib/ktstr/plugins/v1");
    project.write("ktstr.json", R"({"runner": "fake"})");
  }
  ProgramResult run(const Arguments& arguments, const Variables& more = {}) {
    Program program = project.program(arguments, more);
    program.argv.front() = (prefix / "bin/ktstr").string();
    return run_program(program);
  }
  json::value shown(const std::string& key, const Variables& more = {}) {
    return parsed(run({"config", "show", "--json"}, more)).at("values").at(key);
  }
  void expect(const std::string& key, const std::string& value, const std::string& from,
              const Variables& more = {}) {
    const json::value row = shown(key, more);
    EXPECT_EQ(row.at("value").as_string(), value) << key;
    EXPECT_TRUE(row.at("from").as_string().starts_with(from)) << row;
  }

  Project project;
  fs::path prefix = project.tree.directory("prefix");
};

TEST_F(Layers, TheNearestWins) {
  const fs::path user = project.tree.directory("home/.config/ktstr");
  expect("kernel", "", "default");
  expect("default_branch", "main", "default");
  project.tree.write("prefix/etc/ktstr/config.json", R"({"kernel": "6.1", "default_branch": "trunk"})");
  expect("kernel", "6.1", "system " + prefix.string());
  project.tree.write("home/.config/ktstr/config.json", R"({"kernel": "6.2"})");
  expect("kernel", "6.2", "user " + user.string());
  expect("default_branch", "trunk", "system ");
  project.write("ktstr.json", R"({"runner": "fake", "kernel": "6.3"})");
  expect("kernel", "6.3", "project " + project.directory().string());
  expect("kernel", "6.4", "environment KTSTR_KERNEL", {{"KTSTR_KERNEL", "6.4"}});
  expect("kernel", "6.5", "environment KTSTR_TEST_KERNEL",
         {{"KTSTR_KERNEL", "6.4"}, {"KTSTR_TEST_KERNEL", "6.5"}});

  // The same order decides which kernel a run uses; each of these is a version that is not there.
  expect_error(run({"test"}), 3, {"no kernel \"6.3\""});
  expect_error(run({"test"}, {{"KTSTR_KERNEL", "6.4"}}), 3, {"no kernel \"6.4\""});
  expect_error(run({"test", "--kernel", "6.6"}, {{"KTSTR_KERNEL", "6.4"}}), 3, {"no kernel \"6.6\""});
  EXPECT_EQ(run({"test", "--kernel", "6.18"}, {{"KTSTR_KERNEL", "6.4"}}).exit_code, 0);
}

TEST_F(Layers, ShowSaysValueAndOrigin) {
  project.write("ktstr.json",
                "{\n  // who decides\n  \"project\": \"demo\", \"runner\": {\"use\": \"fake\", \"options\": "
                "{\"ready\": true}},\n}\n");
  const ProgramResult result = run({"config", "show"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(matches_golden("integration/config-show.txt",
                             std::regex_replace(project.stable(result.out), std::regex(" +"), " ")));
}

TEST_F(Layers, CloningDecidesNotWhatCodeRuns) {
  for (const char* key : {"plugin_dirs", "trust", "cache_dir"}) {
    project.write("ktstr.json", "{\"" + std::string(key) + "\": []}");
    expect_error(run({"config", "show"}), 2, {std::string(key) + ": a project may not set this"});
  }
  project.write("ktstr.json", "{\"kernel\": 6}");
  expect_error(run({"config", "show"}), 2, {"ktstr.json", "kernel", "expected"});
  project.write("ktstr.json", "{\"kernel\": \"6\"\n\n");
  expect_error(run({"config", "show"}), 2, {"ktstr.json:"});
}

TEST_F(Layers, AProjectNamesNoPlaceOutsideOfItself) {
  project.two_commits();
  const fs::path victim = project.tree.write("victim", "mine");
  const std::string outside = victim.string();
  for (const std::string& keys :
       {R"("reporters": [{"use": "json", "out": ")" + outside + "\"}]",
        std::string(R"("reporters": [{"use": "json", "out": "../victim"}])"),
        std::string(R"("reporters": [{"use": "json", "out": "link"}])"),
        R"("store": {"use": "fs", "options": {"root": ")" + outside + "\"}}",
        R"("store": {"use": "fs", "options": {"dir": "../"}})" + std::string(),
        R"("gates": [{"use": "welch", "options": {"whatever": ")" + outside + "\"}}]"}) {
    fs::remove(project.directory() / "link");
    fs::create_symlink(victim, project.directory() / "link");
    project.write("ktstr.json", R"({"runner": "fake", )" + keys + "}");
    for (const Arguments& command :
         {Arguments{"perf-delta", "--base", "HEAD~1"}, Arguments{"config", "show"}}) {
      const ProgramResult result = run(command);
      EXPECT_EQ(result.exit_code, 2) << keys << result.out << result.err;
      const bool told = result.err.find("project") != std::string::npos ||
                        result.err.find("looks like a path") != std::string::npos;
      EXPECT_TRUE(told) << result.err;
    }
    EXPECT_EQ(project.tree.read("victim"), "mine") << keys;
  }
  project.write("ktstr.json",
                R"({"runner": "fake", "reporters": ["terminal", {"use": "json", "out": "delta.json"}]})");
  fs::create_directories(project.directory() / "a");
  run({"-C", "a", "perf-delta", "--base", "HEAD~1"});
  EXPECT_TRUE(project.tree.exists("project/delta.json"));  // counts from the project, wherever one stands
  project.tree.write("home/.config/ktstr/config.json",
                     R"({"reporters": ["terminal", {"use": "json", "out": ")" + outside + "\"}]}");
  project.write("ktstr.json", R"({"runner": "fake"})");
  run({"perf-delta", "--base", "HEAD~1"});
  EXPECT_NE(project.tree.read("victim"), "mine");  // the user may
}

TEST_F(Layers, AStrangersKtstrJsonAboveIsNotLookedFor) {
  project.tree.write("ktstr.json", R"({"kernel": "planted"})");
  expect("kernel", "", "default");
  EXPECT_EQ(shown("project_file").at("value").as_string(), (project.directory() / "ktstr.json").string());
  fs::remove(project.directory() / "ktstr.json");
  expect("kernel", "", "default");
  EXPECT_EQ(shown("project_file").at("value").as_string(), "");
}

TEST_F(Layers, AWorkTreeElsewhereIsRefused) {
  project.tree.write("private/secret", "1");
  project.git({"config", "core.worktree", (project.tree / "private").string()});
  const ProgramResult result = run({"perf-delta", "--base", "HEAD"});
  EXPECT_NE(result.exit_code, 0) << result.out;
  EXPECT_NE(result.err.find("core.worktree"), std::string::npos) << result.err;
}

TEST_F(Layers, TheProjectIsFoundFromBelow) {
  fs::create_directories(project.directory() / "a/b");
  Program program = project.program({"test", "alpha"});
  program.directory = (project.directory() / "a/b").string();
  EXPECT_EQ(run_program(program).exit_code, 0);
  EXPECT_TRUE(project.tree.exists("project/target/ktstr"));
  EXPECT_EQ(project.ktstr({"-C", "a", "test", "alpha"}).exit_code, 0);
  EXPECT_NE(project.ktstr({"-v", "-C", "a", "test", "alpha"})
                .err.find("project: " + (project.directory() / "ktstr.json").string()),
            std::string::npos);
}

}  // namespace
}  // namespace ktstr::testing
