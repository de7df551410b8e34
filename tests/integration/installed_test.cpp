// SPDX-License-Identifier: Apache-2.0
//
// What `cmake --install` leaves: a ktstr that runs from there, and an SDK that is enough to build a plugin
// against, outside the tree.
#include <algorithm>

#include "guide.hpp"
#include "project.hpp"

namespace ktstr::testing {
namespace {

class Installed : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    place = std::make_unique<TempTree>();
    must({KTSTR_CMAKE, "--install", KTSTR_BUILD_DIR, "--prefix", (*place / "prefix").string()}, {});
  }
  static void TearDownTestSuite() { place.reset(); }

  static void must(const Arguments& argv, const Variables& more) {
    const ProgramResult result =
        run_program({argv, more, {"CXXFLAGS", "CFLAGS"}, false, {}, {}, std::chrono::seconds(300)});
    ASSERT_EQ(result.exit_code, 0) << ::testing::PrintToString(argv) << "\n" << result.out << result.err;
  }
  static std::string prefix() { return (*place / "prefix").string(); }
  /// Configures and builds as docs/writing-a-plugin.md says, with nothing of this tree but the installed SDK.
  static void build(const std::string& name) {
    const std::string source = (*place / name).string(), out = (*place / (name + "-build")).string();
    must({KTSTR_CMAKE, "-S", source, "-B", out, "-DCMAKE_PREFIX_PATH=" + prefix()}, {});
    must({KTSTR_CMAKE, "--build", out}, {});
  }
  ProgramResult run(const Arguments& arguments) {
    Program program = project.program(arguments);
    program.argv.front() = prefix() + "/bin/ktstr";
    return run_program(program);
  }
  /// The user's configuration names the folder, the project's names the gate.
  void choose(const std::string& directory, const std::string& gate) {
    project.tree.write("home/.config/ktstr/config.json",
                       "{\"plugin_dirs\": [\"" + (*place / directory).string() + "\"]}");
    project.write("ktstr.json",
                  "{\"project\": \"demo\", \"runner\": \"fake\", \"cached_gates\": [\"" + gate + "\"]}");
    project.commit("another gate");
  }

  static std::unique_ptr<TempTree> place;
  Project project;
};

std::unique_ptr<TempTree> Installed::place;

TEST_F(Installed, IsWhole) {
  std::vector<std::string> missing;
  for (const char* file : {"bin/ktstr", "bin/cargo-ktstr", "share/ktstr/schema/ktstr.schema.json",
                           "lib/cmake/ktstr-sdk/ktstr-sdkConfig.cmake", "lib/cmake/ktstr-sdk/plugin.map",
                           "include/ktstr/sdk.h", "include/ktstr/sdk.hpp"}) {
    if (!place->exists("prefix/" + std::string(file))) missing.emplace_back(file);
  }
  for (const auto& entry : fs::recursive_directory_iterator(KTSTR_SDK_INCLUDE)) {
    const std::string file = "include/" + fs::relative(entry.path(), KTSTR_SDK_INCLUDE).string();
    if (!place->exists("prefix/" + file)) missing.push_back(file);
  }
  for (const auto& entry : fs::directory_iterator(KTSTR_DOCUMENT_SCHEMAS)) {
    const std::string file = "share/ktstr/schema/" + entry.path().filename().string();
    if (!place->exists("prefix/" + file)) missing.push_back(file);
  }
  // Every plugin of the build tree, with its manifest and what lies beside it (kvm-runner's agent).
  for (const auto& entry : fs::directory_iterator(KTSTR_PLUGINS_DIR)) {
    const std::string file = "lib/ktstr/plugins/v1/" + entry.path().filename().string();
    if (!place->exists("prefix/" + file)) missing.push_back(file);
  }
  if (place->exists("prefix/lib/ktstr/plugins/v1/kvm-runner.so") &&
      !place->exists("prefix/share/ktstr/schema/test-manifest.schema.json")) {
    missing.emplace_back("share/ktstr/schema/test-manifest.schema.json");
  }
  EXPECT_EQ(missing, std::vector<std::string>{});
}

TEST_F(Installed, RunsFromThere) {
  const ProgramResult list = run({"plugin", "list"});
  EXPECT_EQ(list.exit_code, 0) << list.err;
  for (const char* name :
       {"org.ktstr.baseline-git", "org.ktstr.gate-welch", "org.ktstr.reporters", "org.ktstr.sidecar-store"}) {
    EXPECT_NE(list.out.find(name), std::string::npos) << list.out;
  }
  const json::value all = parsed(run({"plugin", "list", "--json"}));
  for (const json::value& plugin : all.at("plugins").as_array()) {
    if (plugin.at("id") != "org.ktstr.reporters") continue;
    EXPECT_TRUE(std::string(plugin.at("library").as_string()).starts_with(prefix())) << plugin;
  }
  EXPECT_EQ(run({"test"}).exit_code, 0);
  Program cargo = project.program({"ktstr", "plugin", "info", "welch"});
  cargo.argv.front() = prefix() + "/bin/cargo-ktstr";
  EXPECT_EQ(run_program(cargo).exit_code, 0);
  EXPECT_TRUE(fs::read_symlink(prefix() + "/bin/cargo-ktstr").is_relative()) << "the tree can be moved";
}

TEST_F(Installed, AGateInPlainCDecides) {
  fs::copy(fs::path(KTSTR_EXAMPLES_DIR) / "gate-minimal-c", *place / "gate-minimal-c",
           fs::copy_options::recursive);
  ASSERT_NO_FATAL_FAILURE(build("gate-minimal-c"));
  choose("gate-minimal-c-build", "worst-case");
  project.two_commits(R"({"worst_gap_ms": 40, "total_iterations": 1000})");
  const json::value document =
      parsed(run({"perf-delta", "--base", "HEAD~1", "--fail-threshold", "1", "--json"}));
  EXPECT_EQ(document.at("gates"), json::array{"worst-case"});
  EXPECT_EQ(document.at("verdict"), "fail")
      << "20 ms more are below the absolute gate of the shipped gates, but not of this one";
  EXPECT_EQ(document.at("rows").at(0).at("metric"), "worst_gap_ms");
  const std::string text(document.at("rows").at(0).at("text").as_string());
  EXPECT_TRUE(text.starts_with("worst run ")) << text;
  EXPECT_EQ(run({"perf-delta", "--base", "HEAD~1", "--fail-threshold", "1", "--gate", "worst-case", "--gate",
                 "threshold"})
                .exit_code,
            0)
      << "a finding needs both";
}

// Who links with a kit that sanitizers are in has to have them as well.
#ifndef KTSTR_SANITIZED
TEST_F(Installed, KitIsForStrangersToo) {
  place->write("kit/CMakeLists.txt", R"(cmake_minimum_required(VERSION 3.25)
project(stranger CXX)
find_package(ktstr-kit REQUIRED)
add_executable(stranger main.cpp)
target_link_libraries(stranger PRIVATE ktstr::kit-process ktstr::kit-hash)
)");
  place->write("kit/main.cpp", R"(#include <cstdio>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/process.hpp>
int main() {
  ktstr::kit::Program echo;
  echo.argv = {"echo", "abc"};
  const auto ended = ktstr::kit::run(echo);
  std::puts(ended && ended->succeeded() ? ktstr::kit::sha256_of(ended->out).c_str() : "failed");
}
)");
  ASSERT_NO_FATAL_FAILURE(build("kit"));
  const ProgramResult result = run_program(
      {{(*place / "kit-build/stranger").string()}, {}, {}, false, {}, {}, std::chrono::seconds(60)});
  EXPECT_EQ(result.out, "edeaaff3f1774ad2888673770c6d64097e391bc362d7d6fb34982ddf0efd18cb\n") << result.err;
}
#endif

TEST_F(Installed, TheGuideBuildsAsPrinted) {
  std::ifstream file(fs::path(KTSTR_DOCS_DIR) / "writing-a-plugin.md");
  const std::string guide((std::istreambuf_iterator<char>(file)), {});
  const std::vector<std::string> code = fenced_blocks(guide, "cpp"), lists = fenced_blocks(guide, "cmake");
  ASSERT_EQ(code.size(), 2U);
  ASSERT_EQ(lists.size(), 2U);
  place->write("guide/median.cpp", code.front());
  place->write("guide/CMakeLists.txt", lists.front());
  ASSERT_NO_FATAL_FAILURE(build("guide"));
  const ProgramResult info =
      run({"--plugin-dir", (*place / "guide-build").string(), "plugin", "info", "median"});
  EXPECT_EQ(info.exit_code, 0) << info.err;
  EXPECT_NE(info.out.find("gate median: medians against the absolute gate"), std::string::npos) << info.out;
  choose("guide-build", "median");
  project.two_commits();
  EXPECT_EQ(run({"perf-delta", "--base", "HEAD~1", "--must-fail", "worst_gap_ms"}).exit_code, 1);

  // With options: kit, which lies beside the SDK.
  place->write("options/plain.cpp", code.back());
  place->write("options/CMakeLists.txt", lists.back());
  ASSERT_NO_FATAL_FAILURE(build("options"));
  const std::string directory = (*place / "options-build").string();
  const ProgramResult plain = run({"--plugin-dir", directory, "plugin", "info", "plain"});
  EXPECT_NE(plain.out.find("least change that counts, in percent"), std::string::npos)
      << plain.out << plain.err;
  const Arguments delta = {"--plugin-dir", directory,     "perf-delta",   "--base",
                           "HEAD~1",       "--must-fail", "worst_gap_ms", "--gate"};
  const auto judged_by = [&](const std::string& gate) {
    Arguments arguments = delta;
    arguments.push_back(gate);
    return run(arguments);
  };
  EXPECT_EQ(judged_by("plain::percent=5").exit_code, 1);
  const ProgramResult wrong = judged_by("plain::percnt=5");
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_NE(wrong.err.find("gate plain: unknown option \"percnt\" (did you mean \"percent\"?)"),
            std::string::npos)
      << wrong.err;
}

}  // namespace
}  // namespace ktstr::testing
