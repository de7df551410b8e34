// SPDX-License-Identifier: Apache-2.0
//
// What containers, CI machines and impatient people do to a running ktstr.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <thread>

#include "framework/namespaces.hpp"
#include "project.hpp"

namespace ktstr::testing {
namespace {

using ::testing::HasSubstr;

/// True once the process whose number is in a file of the project runs no more.
bool ended(const Project& project, const std::string& file) {
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    std::getline(std::ifstream(project.directory() / file) >> std::ws, text);
    if (!text.empty()) {
      std::ifstream stat("/proc/" + text + "/stat");
      std::string word;
      stat >> word >> word >> word;
      if (!stat || word == "Z" || word == "X") return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

bool appears(const fs::path& file) {
  for (int i = 0; i < 3000; ++i) {
    std::error_code error;
    if (fs::exists(file, error) && fs::file_size(file, error) > 0) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

/// A build that leaves its process group, closes its output and never ends.
constexpr const char* kStubborn = R"({"project": "demo", "runner": "fake", "build":
  "exec >/dev/null 2>&1; setsid sh -c 'echo $$ > far.pid; exec sleep 600' & sleep 601 & echo $! > near.pid; wait"})";

TEST(Build, CtrlCEndsItWithEverythingThatItStarted) {
  const Project project;
  project.write("ktstr.json", kStubborn);
  RunningProgram running(project.program({"test"}));
  ASSERT_TRUE(appears(project.directory() / "far.pid") && appears(project.directory() / "near.pid"));
  running.send(SIGINT);
  EXPECT_EQ(running.wait().exit_code, 130);
  EXPECT_TRUE(ended(project, "far.pid"));
  EXPECT_TRUE(ended(project, "near.pid"));
}

TEST(Build, SigkillOfKtstrEndsItWithEverythingThatItStarted) {
  const Project project;
  project.write("ktstr.json", kStubborn);
  RunningProgram running(project.program({"test"}));
  ASSERT_TRUE(appears(project.directory() / "far.pid") && appears(project.directory() / "near.pid"));
  ::kill(running.pid(), SIGKILL);
  running.wait();
  EXPECT_TRUE(ended(project, "far.pid"));
  EXPECT_TRUE(ended(project, "near.pid"));
}

/// ktstr as a shell command line, after `prelude`.
ProgramResult after(const Project& project, const std::string& prelude, const std::string& arguments) {
  Program program = project.program({});
  program.argv = {"bash", "-c", prelude + "; exec " KTSTR_BINARY " " + arguments};
  return run_program(program);
}

TEST(Build, FailsAlsoWhenTheParentIgnoresSigchld) {
  const Project project;
  project.write("ktstr.json", R"({"project": "demo", "runner": "fake", "build": "exit 9"})");
  const ProgramResult result = after(project, "trap '' CHLD", "test");
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.err, HasSubstr("the build failed with status 9"));
}

TEST(Limits, EndInOneLineThatNamesThem) {
  const Project project;
  project.write("ktstr.json", R"({"project": "demo", "runner": "fake", "build": "true"})");
  for (const char* prelude :
       {"ulimit -n 12", "ulimit -n 16", "ulimit -f 0", "exec 0<&- 1>&2 2>&1", "exec 0<&-"}) {
    const ProgramResult result = after(project, prelude, "test");
    EXPECT_LT(result.exit_code, 128) << prelude << ": a signal ended it\n" << result.err;
    EXPECT_EQ(result.err.find("terminate called"), std::string::npos) << prelude << "\n" << result.err;
    EXPECT_TRUE(result.exit_code == 0 || result.err.find("cannot ") != std::string::npos) << prelude << "\n"
                                                                                          << result.err;
  }
  const ProgramResult good = project.ktstr({"test"});
  EXPECT_EQ(good.exit_code, 0) << good.err;
}

TEST(Cache, OfAUserWithoutAHomeIsNeitherSharedNorTrusted) {
  const Project project;
  const ProgramResult shown = after(project, "unset HOME XDG_CACHE_HOME KTSTR_CACHE_DIR", "config show");
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
}

TEST(Cache, ThatMayNotBeWrittenToIsNamedWithReasonAndVariable) {
  const Project project;
  project.tree.write("shut", "a file");
  const ProgramResult added = project.ktstr({"kernel", "add", "../bzImage"},
                                            {{"KTSTR_CACHE_DIR", (project.tree / "shut/cache").string()}});
  expect_error(added, 3,
               {"cannot make the directory " + (project.tree / "shut/cache").string() + ": Not a directory",
                "XDG_CACHE_HOME"});
}

}  // namespace
}  // namespace ktstr::testing
