// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/process.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "framework/temp_tree.hpp"

namespace ktstr::kit {
namespace {

using ::testing::HasSubstr;
using testing::TempTree;

Program shell(const std::string& script) {
  Program request;
  request.argv = {"sh", "-c", script};
  request.limit = std::chrono::seconds(60);
  return request;
}

Program stopped_by(Program program, const std::atomic<bool>& cancel) {
  program.cancelled = [&cancel] { return cancel.load(); };
  return program;
}

/// True once no such process runs any more; a zombie that nobody has reaped yet does not run.
bool ends(pid_t pid) {
  for (int i = 0; i < 1000; ++i) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string word;
    stat >> word >> word >> word;
    if (!stat || word == "Z" || word == "X") return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

/// The number in a file that a child writes.
pid_t pid_in(const TempTree& tree, const std::string& name) {
  for (int i = 0; i < 1000; ++i) {
    if (tree.exists(name) && tree.read(name).find('\n') != std::string::npos)
      return std::stoi(tree.read(name));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ADD_FAILURE() << name << " was never written";
  return -1;
}

TEST(Run, TellsOutputAndStatus) {
  const auto result = run(shell("echo out; echo err >&2; exit 3"));
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->out, "out\nerr\n");
  EXPECT_EQ(result->status, 3);
  EXPECT_FALSE(result->succeeded());
  EXPECT_TRUE(run(shell("true"))->succeeded());
}

TEST(Run, TellsTheSignal) {
  const auto result = run(shell("kill -TERM $$"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->signal, SIGTERM);
  EXPECT_FALSE(result->succeeded());
}

TEST(Run, SetsDirectoryAndEnvironment) {
  const TempTree tree;
  auto request = shell("pwd; echo $KTSTR_X; cat");  // stdin is empty
  request.directory = tree.path().string();
  request.environment = environment_with({{"KTSTR_X", "a=b"}});
  EXPECT_EQ(run(request)->out, tree.path().string() + "\na=b\n");
  ::setenv("KTSTR_X", "old", 1);
  EXPECT_EQ(run(request)->out, tree.path().string() + "\na=b\n");
  ::unsetenv("KTSTR_X");
}

TEST(Run, SaysWhatCannotBeRun) {
  Program request;
  request.argv = {"no-such-program-at-all"};
  const auto result = run(request);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(), "cannot run no-such-program-at-all: No such file or directory");
  EXPECT_EQ(result.error().kind, Failure::Kind::kNotStarted);
  auto elsewhere = shell("true");
  elsewhere.directory = "/no/such/directory";
  EXPECT_THAT(run(elsewhere).error().message(), HasSubstr("(in /no/such/directory)"));
}

TEST(Run, TellsErrorsApartAndTakesInput) {
  auto request = shell("cat; echo err >&2");
  request.apart = true;
  request.input = std::string(300'000, 'i') + "\n";
  const auto result = run(request);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->out, request.input);
  EXPECT_EQ(result->errors, "err\n");
}

TEST(Run, AllOfALargeOutputIsThereAtTheEnd) {
  auto request = shell("head -c 20000000 /dev/zero; printf end");
  request.keep = SIZE_MAX;
  const auto result = run(request);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->out.size(), 20'000'003U);
  EXPECT_TRUE(result->out.ends_with("end"));
}

TEST(Run, KeepsTheLastBytes) {
  auto request = shell("head -c 3000000 /dev/zero | tr '\\0' a; printf end");
  request.keep = 10;
  const auto result = run(request);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->out, "aaaaaaaend");
}

TEST(Run, EndsWhatTakesTooLongWithItsChildren) {
  const TempTree tree;
  auto request = shell("sleep 300 & echo $! > pid; wait");
  request.directory = tree.path().string();
  request.limit = std::chrono::seconds(1);
  const auto result = run(request);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(), "sh did not end within 1 s");
  EXPECT_TRUE(ends(std::stoi(tree.read("pid"))));
}

TEST(Run, StopsOnRequest) {
  std::atomic<bool> cancel{false};
  std::thread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    cancel = true;
  });
  const auto result = run(stopped_by(shell("sleep 300"), cancel));
  stopper.join();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Failure::Kind::kCancelled);
}

constexpr const char* kTree =
    "setsid sh -c 'sleep 301 & echo $! > grandchild; wait' & sleep 302 & echo $! > child; ";

TEST(Run, StopsOnRequestWhenTheOutputIsClosed) {
  std::atomic<bool> cancel{false};
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    cancel = true;
  });
  const auto begin = std::chrono::steady_clock::now();
  const auto result = run(stopped_by(shell("exec >/dev/null 2>&1; sleep 300"), cancel));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Failure::Kind::kCancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
}

TEST(Run, StoppingEndsTheWholeTreeAlsoWhatLeftTheGroup) {
  const TempTree tree;
  std::atomic<bool> cancel{false};
  auto request = shell(std::string(kTree) + "wait");
  request.directory = tree.path().string();
  std::jthread stopper([&] {
    pid_in(tree, "grandchild");
    cancel = true;
  });
  EXPECT_FALSE(run(stopped_by(request, cancel)));
  EXPECT_TRUE(ends(pid_in(tree, "child")));
  EXPECT_TRUE(ends(pid_in(tree, "grandchild")));
}

TEST(Run, TheTreeEndsWithAKilledCaller) {
  const TempTree tree;
  const pid_t caller = ::fork();
  if (caller == 0) {
    auto request = shell(std::string(kTree) + "wait");
    request.directory = tree.path().string();
    ::_exit(run(request) ? 0 : 1);
  }
  const pid_t child = pid_in(tree, "child"), grandchild = pid_in(tree, "grandchild");
  ::kill(caller, SIGKILL);
  ::waitpid(caller, nullptr, 0);
  EXPECT_TRUE(ends(child));
  EXPECT_TRUE(ends(grandchild));
}

/// The child of this process that watches over what `run` started.
pid_t warden_of_ours() {
  for (int i = 0; i < 500; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      const std::string name = entry.path().filename().string();
      if (name.find_first_not_of("0123456789") != std::string::npos) continue;
      std::ifstream stat("/proc/" + name + "/stat");
      std::string pid, comm, state, parent;
      stat >> pid >> comm >> state >> parent;
      if (parent == std::to_string(::getpid()) && comm == "(ktstr-warden)" && state != "Z")
        return std::stoi(pid);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return -1;
}

TEST(Run, SignalsDoNotEndTheWarden) {
  const TempTree tree;
  std::thread killer([&] {
    pid_in(tree, "started");
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) ::kill(warden_of_ours(), number);
    tree.write("go", "");
  });
  const std::string in = "cd " + tree.path().string();
  const auto result =
      run(shell(in + "; echo $$ > started; while [ ! -e go ]; do sleep 0.02; done; echo told"));
  killer.join();
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->out, "told\n");
}

TEST(Run, WithoutItsWardenTheProgramsGroupEndsToo) {
  const TempTree tree;
  std::thread killer([&] {
    pid_in(tree, "child");
    ::kill(warden_of_ours(), SIGKILL);
  });
  const auto result = run(shell("sleep 300 & echo $! > " + tree.path().string() + "/child; wait"));
  killer.join();
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message().find("the process that watched it was killed"), std::string::npos)
      << result.error().message();
  EXPECT_TRUE(ends(pid_in(tree, "child")));
}

TEST(Run, WhatAFinishedProgramLeavesEndsWithItsCaller) {
  const TempTree tree;
  const pid_t caller = ::fork();
  if (caller == 0) {
    auto request = shell(std::string(kTree) + "exit 0");
    request.directory = tree.path().string();
    ::_exit(run(request) && pid_in(tree, "grandchild") > 0 && ::kill(pid_in(tree, "child"), 0) == 0 ? 0 : 1);
  }
  int status = -1;
  ::waitpid(caller, &status, 0);
  EXPECT_EQ(status, 0) << "it lives until then";
  EXPECT_TRUE(ends(pid_in(tree, "child")));
  EXPECT_TRUE(ends(pid_in(tree, "grandchild")));
}

TEST(Run, AFailureIsAFailureWhenTheCallersParentIgnoredSIGCHLD) {
  ::signal(SIGCHLD, SIG_IGN);
  const auto result = run(shell("exit 7"));
  ::signal(SIGCHLD, SIG_DFL);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->status, 7);
}

TEST(Run, HandsNothingOfTheCallerOn) {
  const int fd = ::open("/dev/null", O_RDONLY);  // not closed on exec
  ASSERT_GE(fd, 0);
  const auto result = run(shell("ls /proc/self/fd | tr '\\n' ' '"));
  ::close(fd);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->out, "0 1 2 3 ");  // the last is the listing's own
}

TEST(Run, SaysThatThereAreNoMoreDescriptors) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit few{8, 8};
    ::setrlimit(RLIMIT_NOFILE, &few);
    while (::dup(0) >= 0) {
    }
    const auto result = run(shell("true"));
    const bool told = !result && result.error().message() == "cannot run sh: Too many open files" &&
                      hint_for(result.error().error).find("ulimit -n") != std::string::npos;
    ::_exit(told ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(Run, IsNotHeldUpByAChildThatLeftTheGroupOnceStopped) {
  std::atomic<bool> cancel{true};
  const TempTree tree;
  auto request = shell("setsid sh -c 'echo $$ > pid; exec sleep 20' & sleep 300");
  request.directory = tree.path().string();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(run(stopped_by(request, cancel)));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(15));
  if (tree.exists("pid") && !tree.read("pid").empty()) ::kill(std::stoi(tree.read("pid")), SIGKILL);
}

TEST(Run, ADaemonThatKeepsTheOutputOpenDoesNotDelayTheEnd) {
  auto request = shell("sleep 30 & echo $!");
  request.limit = std::chrono::seconds(20);
  const auto result = run(request);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_TRUE(result->succeeded());
  ::kill(std::stoi(result->out), SIGKILL);
}

}  // namespace
}  // namespace ktstr::kit
