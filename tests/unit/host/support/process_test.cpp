// SPDX-License-Identifier: Apache-2.0
#include "support/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "framework/temp_tree.hpp"

namespace ktstr {
namespace {

using ::testing::HasSubstr;
using testing::TempTree;

const std::atomic<bool> never{false};

ProcessRequest shell(const std::string& script) {
  ProcessRequest request;
  request.argv = {"sh", "-c", script};
  request.timeout = std::chrono::seconds(60);
  return request;
}

TEST(RunProcess, TellsOutputAndStatus) {
  const auto result = run_process(shell("echo out; echo err >&2; exit 3"), never);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->output, "out\nerr\n");
  EXPECT_EQ(result->exit_status, 3);
  EXPECT_FALSE(result->succeeded());
  EXPECT_TRUE(run_process(shell("true"), never)->succeeded());
}

TEST(RunProcess, TellsTheSignal) {
  const auto result = run_process(shell("kill -TERM $$"), never);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->signal, SIGTERM);
  EXPECT_FALSE(result->succeeded());
}

TEST(RunProcess, SetsDirectoryAndEnvironment) {
  const TempTree tree;
  auto request = shell("pwd; echo $KTSTR_X; cat");  // stdin is empty
  request.directory = tree.path().string();
  request.environment = {{"KTSTR_X", "a=b"}};
  EXPECT_EQ(run_process(request, never)->output, tree.path().string() + "\na=b\n");
  ::setenv("KTSTR_X", "old", 1);
  EXPECT_EQ(run_process(request, never)->output, tree.path().string() + "\na=b\n");
  ::unsetenv("KTSTR_X");
}

TEST(RunProcess, SaysWhatCannotBeRun) {
  ProcessRequest request;
  request.argv = {"no-such-program-at-all"};
  const auto result = run_process(request, never);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "cannot run no-such-program-at-all: No such file or directory");
  EXPECT_EQ(result.error().code, ExitCode::kEnvironment);
  auto elsewhere = shell("true");
  elsewhere.directory = "/no/such/directory";
  EXPECT_THAT(run_process(elsewhere, never).error().message, HasSubstr("(in /no/such/directory)"));
}

TEST(RunProcess, KeepsTheLastBytes) {
  auto request = shell("head -c 3000000 /dev/zero | tr '\\0' a; printf end");
  request.output_limit = 10;
  const auto result = run_process(request, never);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "aaaaaaaend");
}

TEST(RunProcess, EndsWhatTakesTooLongWithItsChildren) {
  const TempTree tree;
  auto request = shell("sleep 300 & echo $! > pid; wait");
  request.directory = tree.path().string();
  request.timeout = std::chrono::seconds(1);
  const auto result = run_process(request, never);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "sh did not end within 1 s");
  const pid_t child = std::stoi(tree.read("pid"));
  for (int i = 0; i < 500 && ::kill(child, 0) == 0; ++i) {
    std::ifstream stat("/proc/" + std::to_string(child) + "/stat");  // nobody may have reaped it
    std::string word;
    stat >> word >> word >> word;
    if (word == "Z") break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ASSERT_LT(i, 499) << "the child lives";
  }
}

TEST(RunProcess, StopsOnRequest) {
  std::atomic<bool> cancel{false};
  std::thread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    cancel = true;
  });
  const auto result = run_process(shell("sleep 300"), cancel);
  stopper.join();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ExitCode::kInterrupted);
}

TEST(RunProcess, IsNotHeldUpByAChildThatLeftTheGroupOnceStopped) {
  std::atomic<bool> cancel{true};
  const TempTree tree;
  auto request = shell("setsid sh -c 'echo $$ > pid; exec sleep 20' & sleep 300");
  request.directory = tree.path().string();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(run_process(request, cancel));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(15));
  if (tree.exists("pid") && !tree.read("pid").empty()) ::kill(std::stoi(tree.read("pid")), SIGKILL);
}

TEST(RunProcess, ADaemonThatKeepsTheOutputOpenDoesNotDelayTheEnd) {
  auto request = shell("sleep 30 & echo $!");
  request.timeout = std::chrono::seconds(20);
  const auto result = run_process(request, never);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->succeeded());
  ::kill(std::stoi(result->output), SIGKILL);
}

}  // namespace
}  // namespace ktstr
