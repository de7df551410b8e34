// SPDX-License-Identifier: Apache-2.0
#include "git_program.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <ktstr/sdk.hpp>
#include <thread>

#include "framework/temp_tree.hpp"

namespace ktstr::git {
namespace {

using testing::TempTree;

const std::function<bool()> kGoOn = [] { return false; };

/// Puts a program in git's place for as long as it lives.
class Instead {
 public:
  explicit Instead(const std::string& script) : path_(std::getenv("PATH")) {
    tree.write("git", "#!/bin/sh\n" + script + "\n");
    tree.chmod("git", 0755);
    ::setenv("PATH", (tree.path().string() + ":" + path_).c_str(), 1);
  }
  ~Instead() { ::setenv("PATH", path_.c_str(), 1); }
  TempTree tree;

 private:
  std::string path_;
};

GitCall call(std::vector<std::string> arguments, std::string input = {}) {
  GitCall made;
  made.arguments = std::move(arguments);
  made.input = std::move(input);
  return made;
}

TEST(RunGit, TellsBothOutputsAndTheStatus) {
  const GitAnswer hash = run_git(call({"hash-object", "--stdin"}, "hello\n"), kGoOn);
  EXPECT_TRUE(hash.ok()) << hash.err;
  EXPECT_EQ(hash.out, "ce013625030ba8dba906f756967f9e9ca394464a\n");
  const GitAnswer wrong = run_git(call({"no-such-command"}), kGoOn);
  EXPECT_EQ(wrong.status, 1);
  EXPECT_NE(wrong.complaint().find("no-such-command"), std::string::npos) << wrong.complaint();
}

TEST(RunGit, AFailureIsAFailureWhenOurParentIgnoredSIGCHLD) {
  ::signal(SIGCHLD, SIG_IGN);
  const GitAnswer wrong = run_git(call({"no-such-command"}), kGoOn);
  ::signal(SIGCHLD, SIG_DFL);
  EXPECT_EQ(wrong.status, 1);
}

TEST(RunGit, StopsOnRequestThoughAChildKeepsTheOutputOpen) {
  const Instead git("setsid sleep 300 & exec sleep 300");
  EXPECT_THROW(run_git(call({"status"}), [] { return true; }), sdk::Error);
}

TEST(RunGit, EndsWithAKilledCaller) {
  const Instead git("echo $$ > $(dirname $0)/pid; exec sleep 300");
  const pid_t caller = ::fork();
  if (caller == 0) {
    run_git(call({"status"}), kGoOn);
    ::_exit(0);
  }
  while (!git.tree.exists("pid") || git.tree.read("pid").empty())
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  ::kill(caller, SIGKILL);
  ::waitpid(caller, nullptr, 0);
  const std::string stat = "/proc/" + std::to_string(std::stoi(git.tree.read("pid"))) + "/stat";
  bool gone = false;
  for (int i = 0; i < 1000 && !gone; ++i) {
    std::ifstream file(stat);
    std::string word;
    file >> word >> word >> word;
    gone = !file || word == "Z" || word == "X";
    if (!gone) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(gone);
}

}  // namespace
}  // namespace ktstr::git
