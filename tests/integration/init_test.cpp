// SPDX-License-Identifier: Apache-2.0
//
// `ktstr init`: what it writes is a project, and what was there stays.
#include "project.hpp"

namespace ktstr::testing {
namespace {

TEST(Init, WritesAProjectWhoseTestsCanRun) {
  const Project project;
  for (const auto& [ci, file] :
       std::initializer_list<std::pair<const char*, const char*>>{{"github", ".github/workflows/ktstr.yml"},
                                                                  {"gitlab", ".gitlab-ci.yml"},
                                                                  {"jenkins", "Jenkinsfile"},
                                                                  {"none", ".gitignore"}}) {
    const std::string place = "fresh-" + std::string(ci);
    const ProgramResult made = project.ktstr({"init", "../" + place, "--ci", ci});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    EXPECT_NE(made.out.find("wrote ktstr.json\n"), std::string::npos) << made.out;
    EXPECT_NE(made.out.find("next: cd ../" + place + " && ktstr kernel fetch"), std::string::npos)
        << made.out;
    EXPECT_TRUE(project.tree.exists(place + "/" + file));
    EXPECT_EQ(project.tree.read(place + "/.gitignore"), "/target/\n");
    const json::value shown =
        parsed(project.ktstr({"-C", "../" + place, "config", "show", "--json"})).at("values");
    EXPECT_EQ(shown.at("tests").at("value").at(0), "ktstr/*.json");
    if (!fs::exists(fs::path(KTSTR_PLUGINS_DIR) / "kvm-runner.so")) continue;
    const ProgramResult planned = project.ktstr({"-C", "../" + place, "test", "--dry-run", "--json"});
    EXPECT_EQ(planned.exit_code, 0) << planned.err;
    EXPECT_EQ(parsed(planned).at("tests").at(0).at("test"), "wakeups");
    EXPECT_EQ(parsed(planned).at("tests").at(0).at("scheduler"), "eevdf");
  }
}

TEST(Init, OverwritesNothing) {
  const Project project;
  expect_error(project.ktstr({"init"}), 2, {"ktstr.json is there already", "ktstr doctor"});
  project.tree.write("old/.gitignore", "*.o");
  project.tree.write("old/.gitlab-ci.yml", "mine");
  project.tree.write("old/ktstr/wakeups.json", "mine");
  const ProgramResult made = project.ktstr({"init", "--ci", "gitlab", "../old"});
  EXPECT_EQ(made.exit_code, 0) << made.err;
  EXPECT_NE(made.err.find(".gitlab-ci.yml is there already and was left alone"), std::string::npos)
      << made.err;
  EXPECT_EQ(project.tree.read("old/.gitlab-ci.yml"), "mine");
  EXPECT_EQ(project.tree.read("old/ktstr/wakeups.json"), "mine");
  EXPECT_EQ(project.tree.read("old/.gitignore"), "*.o\n/target/\n");
  expect_error(project.ktstr({"init", "../bzImage/under"}), 4, {"bzImage"});
  expect_error(project.ktstr({"init", "--ci", "travis", "../other"}), 2, {"--ci"});
  EXPECT_FALSE(project.tree.exists("other"));
}

}  // namespace
}  // namespace ktstr::testing
