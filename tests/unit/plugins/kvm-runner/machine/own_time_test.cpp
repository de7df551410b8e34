// SPDX-License-Identifier: Apache-2.0
#include "machine/own_time.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

namespace ktstr::kvm {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// A child on the first CPU that spins, or sleeps for ever.
class Child {
 public:
  explicit Child(bool spins) : pid_(::fork()) {
    if (pid_ != 0) return;
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    ::sched_setaffinity(0, sizeof first, &first);
    for (;;) {
      if (!spins) ::pause();
    }
  }
  ~Child() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

/// What of a second is its own.
std::chrono::nanoseconds own_second(pid_t process) {
  const auto begin = Clock::now();
  OwnTime own(process, begin);
  std::chrono::nanoseconds last{};
  while (Clock::now() - begin < milliseconds(1000)) {
    std::this_thread::sleep_for(milliseconds(10));
    last = own.look(Clock::now());
  }
  return last;
}

TEST(OwnTime, WhileItWantsACpuOnlyWhatItRan) {
  EXPECT_EQ(own_part(milliseconds(100), milliseconds(10), true), milliseconds(10));
  EXPECT_EQ(own_part(milliseconds(100), milliseconds(0), true), milliseconds(0));
  EXPECT_EQ(own_part(milliseconds(100), milliseconds(150), true), milliseconds(100)) << "two threads at once";
  EXPECT_EQ(own_part(milliseconds(100), milliseconds(10), false), milliseconds(100)) << "nobody held it up";
}

TEST(OwnTime, OneThatIsKeptFromItsCpuGrowsOldSlowly) {
  const Child crowd[] = {Child(true), Child(true), Child(true), Child(true)};
  EXPECT_TRUE(wants_cpu(crowd[0].pid()));
  EXPECT_LT(own_second(crowd[0].pid()), milliseconds(700));
}

TEST(OwnTime, OneThatSleepsGrowsOldWithTheClock) {
  const Child sleeper(false);
  while (wants_cpu(sleeper.pid())) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_GT(own_second(sleeper.pid()), milliseconds(850));
}

TEST(OwnTime, WithoutAProcessItIsTheHostsClock) {
  const auto begin = Clock::now();
  OwnTime own(std::nullopt, begin);
  EXPECT_EQ(own.look(begin + milliseconds(7)), milliseconds(7));
}

TEST(OwnTime, OneThatIsGoneWantsNothing) {
  const pid_t gone = [] { return Child(true).pid(); }();
  EXPECT_FALSE(wants_cpu(gone));
}

}  // namespace
}  // namespace ktstr::kvm
