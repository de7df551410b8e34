// SPDX-License-Identifier: Apache-2.0
//
// `ktstr plugin new`: every example under another name, and gates that were made so decide after the commands
// that it prints, with nothing but an installed ktstr.
#include <gmock/gmock.h>

#include "project.hpp"

namespace ktstr::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class PluginKit : public ::testing::Test {
 protected:
  static json::value read_json(const fs::path& file) {
    std::ifstream in(file);
    return json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
  }
  /// Of the examples of this tree: what plugin-new.json says.
  static std::vector<json::value> pairs() {
    std::vector<json::value> found;
    for (const auto& entry : fs::directory_iterator(KTSTR_EXAMPLES_DIR)) {
      if (!fs::exists(entry.path() / "plugin-new.json")) continue;
      found.push_back(read_json(entry.path() / "plugin-new.json"));
      found.back().as_object()["folder"] = entry.path().string();
    }
    return found;
  }
  /// All files of a directory, each with its name in front.
  static std::string everything_in(const fs::path& directory) {
    std::string all;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path());
      all += "\n" + entry.path().lexically_relative(directory).string() + "\n" +
             std::string(std::istreambuf_iterator<char>(in), {});
    }
    return all;
  }
  static bool has(const std::string& all, const std::string& part) {
    return all.find(part) != std::string::npos;
  }
  static std::string text(const json::value& value) { return std::string(value.as_string()); }

  Project project;
};

TEST_F(PluginKit, CopiesEveryExampleUnderTheNameAndNothingOfTheOldOneStays) {
  const std::vector<json::value> all = pairs();
  ASSERT_GE(all.size(), 7U);
  for (const json::value& pair : all) {
    const std::string kind = text(pair.at("kind")), lang = text(pair.at("lang")), folder = kind + "-" + lang;
    const ProgramResult made =
        project.ktstr({"plugin", "new", kind, "lock-step9", "--lang", lang, "--dir", "../made/" + folder});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    const std::string before = everything_in(text(pair.at("folder")));
    const std::string after = everything_in(project.tree / "made" / folder);
    for (const json::value& replacement : pair.at("replace").as_array()) {
      const std::string old = text(replacement.at(0));
      EXPECT_TRUE(has(before, old)) << folder << ": replaces " << old << ", which is nowhere";
      EXPECT_FALSE(has(after, old)) << folder << ": " << old;
    }
    EXPECT_TRUE(has(after, "com.example." + kind + "-lock-step9")) << folder;
    for (const char* mark : {"@NAME@", "@KIND@", "minimal", "plugin-new"})
      EXPECT_FALSE(has(after, mark)) << folder << ": " << mark;
    for (const char* file :
         {"CMakeLists.txt", "README.md", "tests/run", ".gitignore", ".github/workflows/plugin.yml"}) {
      EXPECT_TRUE(project.tree.exists("made/" + folder + "/" + file)) << folder << " lacks " << file;
      EXPECT_THAT(made.out, HasSubstr("wrote " + std::string(file) + "\n"));
    }
    EXPECT_NE(::access((project.tree / "made" / folder / "tests/run").c_str(), X_OK), -1);
  }
  for (const auto& entry : fs::directory_iterator(project.tree / "made"))
    EXPECT_THAT(entry.path().filename().string(), Not(HasSubstr(".ktstr-plugin"))) << "left behind";
}

TEST_F(PluginKit, GatesDecideAfterTheCommandsThatItPrints) {
  const std::string prefix = (project.tree / "prefix").string();
  Program install{{KTSTR_CMAKE, "--install", KTSTR_BUILD_DIR, "--prefix", prefix},
                  {},
                  {},
                  false,
                  {},
                  {},
                  std::chrono::seconds(300)};
  ASSERT_EQ(run_program(install).exit_code, 0);
  const auto run = [&](Program program) {
    program.environment["PATH"] = prefix + "/bin:" + std::getenv("PATH");
    program.without = {"CXXFLAGS", "CFLAGS"};
    program.timeout = std::chrono::seconds(300);
    return run_program(program);
  };
  project.two_commits();
  json::array directories;
  for (const char* lang : {"c", "cpp"}) {
    Program make = project.program({"plugin", "new", "gate", "house-" + std::string(lang), "--lang", lang});
    make.argv.front() = prefix + "/bin/ktstr";
    const ProgramResult made = run(make);
    ASSERT_EQ(made.exit_code, 0) << made.err;
    const std::size_t next = made.out.find("next:\n");
    ASSERT_NE(next, std::string::npos) << made.out;
    Program commands = project.program({});
    commands.argv = {"sh", "-e", "-c", made.out.substr(next + 6)};
    const ProgramResult built = run(commands);
    EXPECT_EQ(built.exit_code, 0) << built.out << built.err;
    EXPECT_THAT(built.out, HasSubstr("gate house-" + std::string(lang) + ": fine"));
    directories.emplace_back((project.directory() / ("gate-house-" + std::string(lang)) / "build").string());
  }
  project.tree.write("home/.config/ktstr/config.json",
                     json::serialize(json::object{{"plugin_dirs", directories}}));
  Program judge = project.program({"perf-delta", "--base", "HEAD~1", "--gate", "house-c", "--gate",
                                   "house-cpp", "--fail-threshold", "1", "--json"});
  judge.argv.front() = prefix + "/bin/ktstr";
  const ProgramResult judged = run(judge);
  EXPECT_EQ(judged.exit_code, 1) << judged.out << judged.err;
  EXPECT_EQ(parsed(judged).at("gates"), (json::array{"house-c", "house-cpp"}));
}

TEST_F(PluginKit, TheTestOfANewGateFailsWhenItsVerdictIsWrong) {
  const ProgramResult made = project.ktstr({"plugin", "new", "gate", "odd"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  // Not built: a shipped gate stands in.
  std::string judges = project.tree.read("project/gate-odd/tests/judges.sh");
  const std::string gate = "com.example.gate-odd/odd";
  judges.replace(judges.find(gate), gate.size(), "threshold");
  project.write("gate-odd/tests/judges.sh", judges);
  Program program = project.program({});
  program.directory = (project.directory() / "gate-odd/tests").string();
  program.environment["PATH"] = fs::path(KTSTR_BINARY).parent_path().string() + ":" + std::getenv("PATH");
  program.argv = {"sh", "-eu", "judges.sh", program.directory};
  const ProgramResult right = run_program(program);
  EXPECT_EQ(right.exit_code, 0) << right.err;
  judges.replace(judges.find("grew regressed"), 14, "grew unchanged");
  project.write("gate-odd/tests/judges.sh", judges);
  const ProgramResult wrong = run_program(program);
  EXPECT_NE(wrong.exit_code, 0);
  EXPECT_THAT(wrong.err, HasSubstr("metric grew is not judged unchanged"));
}

TEST_F(PluginKit, RefusesWhatItCannotMake) {
  expect_error(project.ktstr({"plugin", "new", "gates", "x"}), 2,
               {"did you mean \"gate\"", "gate --lang rust"});
  expect_error(project.ktstr({"plugin", "new", "gate", "x", "--lang", "rusty"}), 2,
               {"did you mean \"rust\""});
  expect_error(project.ktstr({"plugin", "new", "store", "x", "--lang", "c"}), 2,
               {"no example of a store in c", "store --lang cpp"});
  for (const char* name : {"Worst", "9th", "a--b", "a-", "../up", "a b", "a\x1b[31m",
                           "a234567890123456789012345678901234567890x"}) {
    expect_error(project.ktstr({"plugin", "new", "gate", name}), 2, {"is no name for a plugin"});
  }
  expect_error(project.ktstr({"plugin", "new", "gate", "welch"}), 2,
               {"the gate \"welch\" comes with ktstr: yours needs a name of its own", "taken: "});
  expect_error(project.ktstr({"plugin", "new", "gate", ""}), 2, {"the value is empty"});
  project.write("gate-here/file", "mine");
  expect_error(project.ktstr({"plugin", "new", "gate", "here"}), 2,
               {"gate-here is there already and not empty"});
  EXPECT_EQ(project.tree.read("project/gate-here/file"), "mine");
  fs::create_directory_symlink(project.tree / "tmp", project.directory() / "gate-link");
  expect_error(project.ktstr({"plugin", "new", "gate", "link"}), 2, {"gate-link is there already"});
  EXPECT_TRUE(fs::is_empty(project.tree / "tmp"));
  expect_error(project.ktstr({"plugin", "new", "gate", "x", "--dir", "../bzImage/x"}), 4, {"bzImage"});
  project.tree.directory("project/gate-empty");
  EXPECT_EQ(project.ktstr({"plugin", "new", "gate", "empty"}).exit_code, 0) << "nothing is lost there";
}

}  // namespace
}  // namespace ktstr::testing
