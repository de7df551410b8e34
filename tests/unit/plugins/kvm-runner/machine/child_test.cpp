// SPDX-License-Identifier: Apache-2.0
#include "machine/child.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include <fstream>
#include <thread>

#include "framework/namespaces.hpp"
#include "framework/temp_tree.hpp"
#include "machine/guest_memory.hpp"

namespace ktstr::kvm {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using testing::TempTree;

const std::atomic<bool> never{false};

TEST(Child, TellsHowItEnded) {
  const TempTree tree;
  Child child({"sh", "-c", "echo out; exit 3"}, tree / "log");
  while (!child.wait_for(milliseconds(50))) {
  }
  EXPECT_EQ(child.exit_status(), 3);
  EXPECT_EQ(child.signal(), 0);
  EXPECT_EQ(tree.read("log"), "out\n");
  EXPECT_THROW(Child({"/no/such/program"}, tree / "log"), FileError);
}

TEST(Child, AStatusThatNobodyCanTellIsNoSuccess) {
  const TempTree tree;
  ::signal(SIGCHLD, SIG_IGN);  // as some parents leave it to their children: statuses are thrown away
  {
    Child child({"true"}, tree / "log");
    while (!child.wait_for(milliseconds(50))) {
    }
    EXPECT_EQ(child.signal(), 0);
    EXPECT_EQ(child.exit_status(), -1);
    EXPECT_EQ(run_command({"echo", "told"}, seconds(60), never), "told\n") << "its warden tells";
    EXPECT_THROW(run_command({"false"}, seconds(60), never), FileError);
  }
  ::signal(SIGCHLD, SIG_DFL);
}

// What two invocations with deterministic guests may do to each other on one CPU.
TEST(Child, EndsWhenKilledThoughAnotherHasItsCpuBeforeIt) {
  const TempTree tree;
  cpu_set_t all, one;
  CPU_ZERO(&one);
  ASSERT_EQ(::sched_getaffinity(0, sizeof all, &all), 0);
  for (int cpu = 0; CPU_COUNT(&one) == 0; ++cpu) {
    if (CPU_ISSET(cpu, &all)) CPU_SET(cpu, &one);
  }
  ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
  Child victim({"sleep", "1000"}, tree / "log", Placement::kOneCpu);
  victim.calm_main_thread();  // where that is not permitted neither is real-time, and the kill has it easy
  {
    Child hog({"sh", "-c", "while :; do :; done"}, tree / "log", Placement::kOneCpu);
    ::sched_setaffinity(0, sizeof all, &all);
    std::this_thread::sleep_for(milliseconds(200));
    const auto begin = std::chrono::steady_clock::now();
    victim.kill();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(20));
  }
  EXPECT_EQ(victim.signal(), SIGKILL);
}

TEST(Child, InheritsOnlyWhatItIsGiven) {
  const TempTree tree;
  const GuestMemory memory({4096});
  Child child({"sh", "-c", "echo hello 1<> " + memory.path(0).string()}, tree / "log", Placement::kAnywhere,
              memory.descriptors());
  while (!child.wait_for(milliseconds(50))) {
  }
  EXPECT_EQ(child.exit_status(), 0) << tree.read("log");
  char text[5];
  ASSERT_EQ(::pread(memory.node(0).fd, text, 5, 0), 5);
  EXPECT_EQ(std::string_view(text, 5), "hello");
  Child other({"sh", "-c", "echo hello 1<> " + memory.path(0).string()}, tree / "other");
  while (!other.wait_for(milliseconds(50))) {
  }
  EXPECT_NE(other.exit_status(), 0);
}

TEST(Child, EndsWithAKilledParent) {
  const TempTree tree;
  const pid_t parent = ::fork();
  if (parent == 0) {
    const Child child({"sleep", "300"}, tree / "log");
    std::ofstream(tree / "child") << child.pid() << "\n" << std::flush;
    ::pause();
  }
  while (!tree.exists("child") || tree.read("child").empty()) std::this_thread::sleep_for(milliseconds(10));
  ::kill(parent, SIGKILL);
  testing::exit_code_of(parent);
  const std::string stat = "/proc/" + std::to_string(std::stoi(tree.read("child"))) + "/stat";
  bool gone = false;
  for (int i = 0; i < 1000 && !gone; ++i) {
    std::ifstream file(stat);
    std::string word;
    file >> word >> word >> word;
    gone = !file || word == "Z";
    std::this_thread::sleep_for(milliseconds(10));
  }
  EXPECT_TRUE(gone);
}

TEST(RunCommand, StopsOnRequestAndInTime) {
  std::atomic<bool> cancel{false};
  std::jthread stopper([&] {
    std::this_thread::sleep_for(milliseconds(100));
    cancel = true;
  });
  EXPECT_THROW(run_command({"sleep", "300"}, seconds(300), cancel), Cancelled);
  try {
    run_command({"sleep", "300"}, milliseconds(1000), never);
    FAIL();
  } catch (const FileError& failure) {
    EXPECT_STREQ(failure.what(), "sleep did not end within 1 s");
  }
  EXPECT_EQ(run_command({"echo", "x"}, seconds(60), never), "x\n");
}

}  // namespace
}  // namespace ktstr::kvm
