// SPDX-License-Identifier: Apache-2.0
//
// One plugin of each kind as a stranger writes it: the examples, built as their READMEs say against what
// `cmake --install` leaves, and a project that works with nothing else, as docs/writing-a-plugin.md says.
#include <gmock/gmock.h>

#include <algorithm>

#include "guide.hpp"
#include "project.hpp"

namespace ktstr::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kExamples[] = {"baseline-file-cpp", "gate-minimal-c",       "gate-minimal-cpp",
                                     "gate-minimal-rust", "reporter-minimal-cpp", "runner-process-cpp",
                                     "store-http-cpp"};

/// Why an example cannot be built on this machine; empty: it can.
std::string missing_for(const std::string& example) {
  const auto runs = [](const Arguments& argv) {
    return run_program({argv, {}, {}, false, {}, {}, std::chrono::seconds(60)}).exit_code == 0;
  };
  if (example == "gate-minimal-rust" && !runs({"rustc", "--version"})) return "there is no rustc";
  if (example == "store-http-cpp" && !runs({"curl-config", "--version"}))
    return "there is no libcurl to build with: tools/setup";
  return {};
}

/// An installed ktstr, and every example that this machine can build, built as its README says: NAME/build
/// has its plugin. Made once for all tests.
class Workshop {
 public:
  static const Workshop& instance() {
    static const Workshop workshop;
    return workshop;
  }
  std::string prefix() const { return (place / "prefix").string(); }
  ProgramResult shell(const std::string& commands, const fs::path& directory) const {
    Program program;
    program.argv = {"sh", "-e", "-c", commands};
    program.environment = {{"PATH", prefix() + "/bin:" + std::getenv("PATH")},
                           {"XDG_CONFIG_HOME", place.path().string()},
                           {"XDG_DATA_HOME", place.path().string()}};
    program.without = {"CXXFLAGS", "CFLAGS"};
    program.directory = directory.string();
    program.timeout = std::chrono::seconds(500);
    return run_program(program);
  }
  /// Copies an example to where nothing of this tree is near.
  fs::path copy(const std::string& example, const std::string& name) const {
    fs::copy(fs::path(KTSTR_EXAMPLES_DIR) / example, place / name, fs::copy_options::recursive);
    fs::permissions(place / name, fs::perms(0755));
    return place / name;
  }

  TempTree place;
  std::map<std::string, ProgramResult> built;  ///< without those that lack something

 private:
  Workshop() {
    Program install;
    install.argv = {KTSTR_CMAKE, "--install", KTSTR_BUILD_DIR, "--prefix", prefix()};
    install.timeout = std::chrono::seconds(300);
    if (const ProgramResult installed = run_program(install); installed.exit_code != 0)
      throw std::runtime_error(installed.err);
    for (const char* example : kExamples) {
      if (!missing_for(example).empty()) continue;
      const fs::path folder = copy(example, example);
      const auto commands = fenced_blocks(place.read(folder / "README.md"), "");
      if (commands.empty()) throw std::runtime_error(std::string(example) + ": its README has no commands");
      built[example] = shell(with_prefix(commands.front(), prefix()), folder);
    }
  }
};

class EachStranger : public ::testing::TestWithParam<const char*> {};

TEST_P(EachStranger, IsBuiltAsItsReadmeSays) {
  if (const std::string why = missing_for(GetParam()); !why.empty()) GTEST_SKIP() << why;
  const ProgramResult& result = Workshop::instance().built.at(GetParam());
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("com.example.")) << "the last command shows the plugin";
}

/// A baseline, a store or a runner that nobody told where its tree, its server or its tests are cannot be
/// tried whole, which is told.
int checked_code(const std::string& example) {
  return example.starts_with("gate") || example.starts_with("reporter") ? 0 : 5;
}

TEST_P(EachStranger, KeepsWhatTheHeadersPromise) {
  ASSERT_EQ(missing_for(GetParam()), "") << "tools/setup installs it";
  const Workshop& workshop = Workshop::instance();
  const ProgramResult result = workshop.shell("ktstr plugin check build/*.so", workshop.place / GetParam());
  EXPECT_EQ(result.exit_code, checked_code(GetParam())) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr(", 0 failed,"));
}

INSTANTIATE_TEST_SUITE_P(Examples, EachStranger, ::testing::ValuesIn(kExamples), [](const auto& tested) {
  std::string name(tested.param);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

/// A project without git and without a kernel of its own. What a missing tool keeps from being built is
/// replaced by what is shipped.
class StrangersProject : public ::testing::Test {
 protected:
  static constexpr const char* kTests =
      R"({"tests": [{"name": "answers", "command": ["./serve"]}, {"name": "quiet", "command": ["true"]}]})";

  void SetUp() override {
    for (const auto& [example, result] : built) ASSERT_EQ(result.exit_code, 0) << example;
    for (const char* directory : {"home", "www", "project"})
      fs::permissions(tree.directory(directory), fs::perms(0755));
    json::array directories;
    for (const auto& [example, result] : built)
      directories.emplace_back((place / example / "build").string());
    tree.write("home/.config/ktstr/config.json", json::serialize(json::object{{"plugin_dirs", directories}}));
    json::object chosen = json::parse(configuration_of_the_guide()).as_object();
    if (built.contains("store-http-cpp")) {
      server =
          std::make_unique<RunningProgram>(Program{{"python3", (place / "store-http-cpp/server.py").string(),
                                                    (tree / "www").string(), (tree / "url").string()},
                                                   {},
                                                   {},
                                                   false,
                                                   {},
                                                   {},
                                                   std::chrono::seconds(500)});
      ASSERT_TRUE(server->wait_for_text("http://127.0.0.1"));
      chosen["store"].as_object()["options"].as_object()["url"] = tree.read("url");
    } else {
      chosen.erase("store");
    }
    if (!built.contains("gate-minimal-rust")) {
      for (const char* gates : {"gates", "cached_gates"}) chosen[gates] = json::array{"worst-case"};
    }
    configured = json::serialize(chosen);
  }
  void TearDown() override {
    if (server) server->send(SIGKILL);
  }

  static std::string guide() {
    std::ifstream file(fs::path(KTSTR_DOCS_DIR) / "writing-a-plugin.md");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static std::string configuration_of_the_guide() {
    for (const std::string& block : fenced_blocks(guide(), "json")) {
      if (block.find("\"builds\"") != std::string::npos) return block;
    }
    throw std::runtime_error("the guide shows no project of strangers");
  }

  /// Another build: its files in the project and in versions/ID, its line at the end of the list.
  void build(const std::string& id, const std::string& program, const std::string& summary) {
    for (const std::string& directory : {std::string("project"), "project/versions/" + id}) {
      tree.write(directory + "/ktstr.json", configured);
      tree.write(directory + "/tests/all.json", kTests);
      tree.write(directory + "/serve", "#!/bin/sh\n" + program);
      tree.chmod(directory + "/serve", 0755);
    }
    builds += id + " " + summary + "\n";
    tree.write("project/builds.txt", builds);
  }
  static std::string answers(const std::string& requests, const std::string& milliseconds) {
    return "echo metric requests_per_second " + requests + "\necho metric answer_ms " + milliseconds + "\n";
  }
  ProgramResult ktstr(const Arguments& arguments) {
    Program program{{workshop.prefix() + "/bin/ktstr"},
                    {{"HOME", (tree / "home").string()}, {"KTSTR_CACHE_DIR", (tree / "cache").string()}},
                    {},
                    true,
                    (tree / "project").string(),
                    {},
                    std::chrono::seconds(200)};
    program.argv.insert(program.argv.end(), arguments.begin(), arguments.end());
    return run_program(program);
  }
  /// What the guide's commands for this project say, by command.
  std::map<std::string, ProgramResult> run_the_guide() {
    std::map<std::string, ProgramResult> results;
    for (const std::string& block : fenced_blocks(guide(), "")) {
      if (block.find("ktstr runs list\n") == std::string::npos) continue;
      std::istringstream lines(block);
      for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string program;
        words >> program;
        EXPECT_EQ(program, "ktstr");
        results[line] = ktstr({std::istream_iterator<std::string>(words), {}});
      }
    }
    return results;
  }
  /// Of every file on the server: "RUN/NAME", with the kernel and what is random taken out.
  std::vector<std::string> stored() const {
    std::vector<std::string> names;
    const fs::path root = tree / (server ? "www" : "project/target/ktstr");
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      const std::string name = entry.path().lexically_relative(root).string();
      if (entry.is_regular_file() && name.front() != '.' && name.find("/.") == std::string::npos)
        names.push_back(std::regex_replace(name, std::regex("^[0-9.]+|[0-9a-f]{16}"), "#"));
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  const Workshop& workshop = Workshop::instance();
  const TempTree& place = workshop.place;
  const std::map<std::string, ProgramResult>& built = workshop.built;
  TempTree tree;
  std::string configured, builds;
  std::unique_ptr<RunningProgram> server;
};

TEST_F(StrangersProject, MeasuresStoresComparesAndLooksAfterItsRuns) {
  build("1041", answers("1000", "2.5"), "first");
  const ProgramResult first = ktstr({"test"});
  ASSERT_EQ(first.exit_code, 0) << first.out << first.err;
  EXPECT_THAT(first.out, HasSubstr("2 passed"));
  EXPECT_THAT(first.err, Not(HasSubstr("warn"))) << first.err;
  EXPECT_THAT(tree.read("project/results.tsv"), HasSubstr("answers\tpassed\t"));
  EXPECT_EQ(stored(), (std::vector<std::string>{"#-1041/#.run-manifest.json", "#-1041/answers-#.ktstr.json",
                                                "#-1041/quiet-#.ktstr.json"}));

  build("1042", answers("1000", "2.5"), "nothing of importance");
  ASSERT_EQ(ktstr({"test"}).exit_code, 0);
  const ProgramResult green = ktstr({"perf-delta", "--fail-threshold", "1"});
  EXPECT_EQ(green.exit_code, 0) << green.out << green.err;
  EXPECT_THAT(green.out, HasSubstr("the build before"));

  build("1043", answers("500", "5"), "wait for the disk");
  const std::map<std::string, ProgramResult> results = run_the_guide();
  EXPECT_EQ(results.at("ktstr test").exit_code, 0);
  const ProgramResult& red = results.at("ktstr perf-delta --fail-threshold 1");
  EXPECT_EQ(red.exit_code, 1) << red.out << red.err;
  EXPECT_THAT(red.out, HasSubstr("diff -ru versions/1042 versions/1043"));
  for (const std::string& text : {red.out, red.err}) EXPECT_THAT(text, Not(HasSubstr("git")));
  const std::string table = tree.read("project/results.tsv");
  EXPECT_THAT(table, HasSubstr("regressed\tyes\tanswers\tanswer_ms\tms\t2.5\t5\t1\tworst-case: regressed"));
  EXPECT_EQ(table.find(", rust-median: regressed") != std::string::npos, built.contains("gate-minimal-rust"));
  EXPECT_THAT(table, HasSubstr("# complete, exit code 1"));
  EXPECT_EQ(ktstr({"perf-delta", "--last", "--reporter", "tsv"}).exit_code, 1);

  const ProgramResult& list = results.at("ktstr stats list");
  for (const char* build : {"-1041 ", "-1042 ", "-1043 "}) EXPECT_THAT(list.out, HasSubstr(build));
  const std::string key =
      list.out.substr(list.out.find('\n') + 1, list.out.find("-1043") + 5 - list.out.find('\n') - 1);
  EXPECT_THAT(results.at("ktstr runs list").out, HasSubstr(key));
  const ProgramResult shown = ktstr({"runs", "show", key});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr("answers"));
  EXPECT_EQ(ktstr({"runs", "rm", key}).exit_code, 0);
  for (const std::string& name : stored()) EXPECT_THAT(name, Not(HasSubstr("1043")));
  EXPECT_EQ(ktstr({"runs", "prune", "--keep", "0", "--only", "sessions"}).exit_code, 0);
}

TEST_F(StrangersProject, ReplacesItsResultsAndRunsNothingOnceTheServerIsGone) {
  if (!server) GTEST_SKIP() << "there is no store behind HTTP";
  build("1041", answers("1000", "2.5") + "touch ran\n", "first");
  ASSERT_EQ(ktstr({"test"}).exit_code, 0);
  const std::vector<std::string> before = stored();
  ASSERT_EQ(ktstr({"test"}).exit_code, 0);
  EXPECT_EQ(stored(), before) << "each in the place of its predecessor";
  ASSERT_TRUE(fs::remove(tree / "project/ran"));
  server->send(SIGKILL);
  server->wait();
  server.reset();
  const ProgramResult gone = ktstr({"test"});
  EXPECT_EQ(gone.exit_code, 3) << gone.out << gone.err;
  EXPECT_THAT(gone.err, HasSubstr("is the server running"));
  EXPECT_FALSE(fs::exists(tree / "project/ran"));
}

TEST_F(StrangersProject, MeasuresBuildsFromTheirDirectories) {
  build("1041", answers("1000", "2.5"), "first");
  build("1042", answers("500", "5"), "wait for the disk");
  build("1043", answers("500", "5"), "nothing of importance");
  const ProgramResult red =
      ktstr({"perf-delta", "--noise-adjust", "3", "--base", "1041", "--fail-threshold", "1"});
  EXPECT_EQ(red.exit_code, 1) << red.out << red.err;
  EXPECT_THAT(red.out, HasSubstr("answer_ms"));
  const ProgramResult green =
      ktstr({"perf-delta", "--noise-adjust", "3", "--base", "1042", "--fail-threshold", "1"});
  EXPECT_EQ(green.exit_code, 0) << green.out << green.err;
  const ProgramResult culprit = ktstr({"bisect", "--good", "1041", "--bad", "1043", "-E", "answers"});
  EXPECT_THAT(culprit.out, HasSubstr("first bad commit: 1042")) << culprit.err;
  EXPECT_THAT(culprit.out + culprit.err, Not(HasSubstr("git ")));
}

TEST_F(StrangersProject, TellsHowAProgramFailed) {
  build("1041", "echo something is wrong here\nexit 3\n", "first");
  const ProgramResult failed = ktstr({"test"});
  EXPECT_EQ(failed.exit_code, 1) << failed.out << failed.err;
  EXPECT_THAT(failed.out, HasSubstr("exit status 3"));
  EXPECT_THAT(failed.out, HasSubstr("something is wrong here"));
  EXPECT_THAT(stored(), ::testing::Contains("#-1041/answers-#.failure-output.txt"));
  build("1042", "echo metric answer_ms many\n", "second");
  const ProgramResult wrong = ktstr({"test"});
  EXPECT_EQ(wrong.exit_code, 3) << wrong.out << wrong.err;
  EXPECT_THAT(wrong.out, HasSubstr("metric answer_ms many"));
}

/// Another standard library than the host's: nothing of either crosses the boundary.
TEST(Strangers, AreBuiltByClangWithItsOwnLibraryToo) {
  const Workshop& workshop = Workshop::instance();
  const std::string compiler = "-DCMAKE_CXX_COMPILER=" KTSTR_CLANG " -DCMAKE_CXX_FLAGS=-stdlib=libc++";
  for (const char* example : {"gate-minimal-cpp", "reporter-minimal-cpp",
                              "baseline-file-cpp"}) {  // not Boost's, which has the other
    SCOPED_TRACE(example);
    const fs::path folder = workshop.copy(example, std::string(example) + "-libcxx");
    const ProgramResult result =
        workshop.shell("cmake -S . -B build -DCMAKE_PREFIX_PATH='" + workshop.prefix() + "' " + compiler +
                           "\ncmake --build build\nreadelf -d build/*.so\n"
                           "ktstr plugin check build/*.so",
                       folder);
    EXPECT_EQ(result.exit_code, checked_code(example)) << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr("libc++.so.1"));
    EXPECT_THAT(result.out, Not(HasSubstr("libstdc++")));
    EXPECT_THAT(result.out, HasSubstr(", 0 failed,"));
  }
}

TEST(Strangers, CargoBuildsTheRustOneWithoutANetwork) {
  ASSERT_EQ(missing_for("gate-minimal-rust"), "") << "tools/setup installs it";
  const Workshop& workshop = Workshop::instance();
  const fs::path folder = workshop.copy("gate-minimal-rust", "by-cargo");
  const auto commands = fenced_blocks(workshop.place.read(folder / "README.md"), "");
  ASSERT_EQ(commands.size(), 2U);
  const ProgramResult result =
      workshop.shell(commands.back() + "\nktstr plugin check made/gate-minimal-rust.so", folder);
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr(", 0 failed,"));
}

TEST(Strangers, RustThatDisagreesWithAHeaderIsNotBuilt) {
  if (const std::string why = missing_for("gate-minimal-rust"); !why.empty()) GTEST_SKIP() << why;
  const Workshop& workshop = Workshop::instance();
  const fs::path folder = workshop.copy("gate-minimal-rust", "wrong");
  std::string bindings = workshop.place.read("wrong/bindings.rs");
  const std::string right = "        abs_gate: f64,\n        rel_gate: f64,\n";
  const std::size_t at = bindings.find(right);
  ASSERT_NE(at, std::string::npos);
  workshop.place.write(
      "wrong/bindings.rs",
      bindings.replace(at, right.size(), "        rel_gate: f64,\n        abs_gate: f64,\n"));
  const std::string commands = "cmake -S . -B build -DCMAKE_PREFIX_PATH=PREFIX \ncmake --build build";
  const ProgramResult result = workshop.shell(with_prefix(commands, workshop.prefix()), folder);
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.out + result.err, HasSubstr("ktstr/abi/gate.h: place of ktstr_comparison.abs_gate"));
}

}  // namespace
}  // namespace ktstr::testing
