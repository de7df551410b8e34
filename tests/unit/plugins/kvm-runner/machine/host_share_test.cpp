// SPDX-License-Identifier: Apache-2.0
#include "machine/host_share.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

namespace ktstr::kvm {
namespace {

using std::chrono::milliseconds;

TEST(HostShare, CountsWhatAThreadRan) {
  const HostShare before = host_share(::getpid());
  std::thread spinner([] {
    const auto end = std::chrono::steady_clock::now() + milliseconds(30);
    while (std::chrono::steady_clock::now() < end) {
    }
  });
  const HostShare during = host_share(::getpid());
  spinner.join();
  EXPECT_GT(during.ran.count(), 0);
  EXPECT_GE(since(before, during).ran.count(), 0);
  EXPECT_EQ(since(during, {}).ran.count(), 0);  // threads that ended took theirs along
}

TEST(HostShare, TwoOnOneCpuWaitForEachOther) {
  pid_t children[2];
  for (pid_t& child : children) {
    child = ::fork();
    if (child == 0) {
      cpu_set_t first;
      CPU_ZERO(&first);
      CPU_SET(0, &first);
      ::sched_setaffinity(0, sizeof first, &first);
      for (;;) {
      }
    }
  }
  HostShare share;
  while (share.waited == std::chrono::nanoseconds::zero() || share.ran == std::chrono::nanoseconds::zero()) {
    std::this_thread::sleep_for(milliseconds(10));
    share = host_share(children[0]);
  }
  for (const pid_t child : children) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
  EXPECT_EQ(host_share(children[0]).ran.count(), 0);  // gone
}

TEST(ScenarioShare, IsThatOfTheScenarioOnly) {
  ScenarioShare none(::getpid());
  none.look(Stage::kReady);
  EXPECT_EQ(none.finish().ran.count(), 0);
  ScenarioShare open(::getpid());
  open.look(Stage::kScenarioStarted);
  const HostShare begin = host_share(::getpid());
  while (since(begin, host_share(::getpid())).ran.count() == 0) {  // counted at the kernel's next tick
  }
  const HostShare until_now = open.finish();
  EXPECT_GT(until_now.ran.count(), 0);
  EXPECT_EQ(open.finish().ran.count(), until_now.ran.count());
}

}  // namespace
}  // namespace ktstr::kvm
