// SPDX-License-Identifier: Apache-2.0
#include "runner/cpu_locks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

namespace ktstr::kvm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(HostLlcs, AreWhatSysfsTellsOfTheCpusThatWeMayUse) {
  const auto sysfs = [](const std::string& file) -> std::string {
    if (file.ends_with("cache/index3/shared_cpu_list")) return file < "cpu2" ? "0-1" : "2-3";
    return "0-3";
  };
  EXPECT_THAT(group_by_llc({0, 1, 3}, sysfs), ElementsAre(ElementsAre(0, 1), ElementsAre(3)));
  const auto without_caches = [](const std::string& file) -> std::string {
    return file.ends_with("package_cpus_list") ? "0-3" : "";
  };
  EXPECT_THAT(group_by_llc({0, 2}, without_caches), ElementsAre(ElementsAre(0, 2)));
  EXPECT_THAT(group_by_llc({1, 2}, [](const std::string&) { return ""; }), ElementsAre(ElementsAre(1, 2)));
  EXPECT_FALSE(host_llcs().empty());
}

class CpuLocksOf : public ::testing::Test {
 protected:
  /// What can be had at once; nothing where somebody has to be waited for.
  CpuLocks take(LockTier tier, std::uint32_t cpus) {
    return locks.take(
        {tier, cpus}, [] { return true; }, [this](const std::string& line) { told.push_back(line); });
  }

  std::filesystem::path directory =
      std::filesystem::temp_directory_path() / ("ktstr-cpu-locks-" + std::to_string(::getpid()));
  HostLocks locks{directory, {{0, 1}, {2, 3}}};
  std::vector<std::string> told;
  void TearDown() override { std::filesystem::remove_all(directory); }
};

TEST_F(CpuLocksOf, PerformanceHasWholeLlcsForItself) {
  const CpuLocks first = take(LockTier::kPerformance, 1);
  EXPECT_THAT(first.cpus, ElementsAre(0));
  const CpuLocks second = take(LockTier::kPerformance, 2);
  EXPECT_THAT(second.cpus, ElementsAre(2, 3));
  for (const LockTier tier : {LockTier::kPerformance, LockTier::kDefault, LockTier::kShared})
    EXPECT_THAT(take(tier, 1).cpus, IsEmpty());
  EXPECT_EQ(told.size(), 3U);
  EXPECT_THAT(told.front(),
              HasSubstr("waits for host CPUs that others have: pid " + std::to_string(::getpid())));
}

TEST_F(CpuLocksOf, PerformanceGoesLlcByLlc) {
  const auto by_llc = [&](std::vector<std::uint32_t> llcs) {
    return locks.take(
        {LockTier::kPerformance, 2, std::move(llcs)}, [] { return true; }, [](const auto&) {});
  };
  {
    const CpuLocks both = by_llc({1, 1});
    EXPECT_THAT(both.cpus, ElementsAre(0, 2));
    EXPECT_THAT(take(LockTier::kShared, 1).cpus, IsEmpty());
  }
  const CpuLocks other = take(LockTier::kShared, 1);
  EXPECT_THAT(by_llc({1, 1}).cpus, IsEmpty()) << "one of them is in use";
  EXPECT_THAT(by_llc({2}).cpus, ElementsAre(2, 3)) << "and the other was given back";
}

TEST_F(CpuLocksOf, DefaultHasItsCpusAndSharesTheLlc) {
  const CpuLocks first = take(LockTier::kDefault, 1);
  EXPECT_THAT(first.cpus, ElementsAre(0));
  const CpuLocks second = take(LockTier::kDefault, 2);
  EXPECT_THAT(second.cpus, ElementsAre(1, 2)) << "what is free, of whichever LLC";
  EXPECT_THAT(take(LockTier::kDefault, 2).cpus, IsEmpty());
  EXPECT_THAT(take(LockTier::kShared, 4).cpus, ElementsAre(0, 1, 2, 3)) << "they have nothing for themselves";
  EXPECT_THAT(take(LockTier::kPerformance, 1).cpus, IsEmpty());
  EXPECT_THAT(take(LockTier::kDefault, 1).cpus, ElementsAre(3))
      << "what could not be had as a whole was given back";
}

TEST_F(CpuLocksOf, SharedKeepsPerformanceOutAndNobodyElse) {
  const CpuLocks shared = take(LockTier::kShared, 1);
  EXPECT_THAT(shared.cpus, ElementsAre(0));
  EXPECT_THAT(take(LockTier::kPerformance, 2).cpus, ElementsAre(2, 3)) << "on the other LLC";
  EXPECT_THAT(take(LockTier::kPerformance, 3).cpus, IsEmpty());
  EXPECT_THAT(take(LockTier::kDefault, 99).cpus, ElementsAre(0, 1, 2, 3))
      << "more than there are is all of them";
}

TEST_F(CpuLocksOf, AnotherProcessIsWaitedForAndItsEndIsEnough) {
  std::filesystem::create_directories(directory);
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t other = ::fork();
  if (other == 0) {
    const CpuLocks held = take(LockTier::kPerformance, 4);
    const char byte = held.cpus.size() == 4 ? 'y' : 'n';
    if (::write(ready[1], &byte, 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  ASSERT_GT(other, 0);
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');
  std::vector<std::string> lines;
  const CpuLocks mine = locks.take(
      {LockTier::kDefault, 2}, [] { return false; },
      [&](const std::string& line) {
        lines.push_back(line);
        ::kill(other, SIGKILL);  // no chance to give anything back
      });
  EXPECT_THAT(mine.cpus, ElementsAre(0, 1));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("pid " + std::to_string(other)))) << "told once";
  ::waitpid(other, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_F(CpuLocksOf, WhereNothingCanBeLockedThatIsSaid) {
  std::filesystem::create_directories(directory / "cpu0.lock");
  EXPECT_THAT(take(LockTier::kDefault, 1).cpus, IsEmpty());
  EXPECT_THAT(told, ElementsAre(HasSubstr("cannot lock " + (directory / "cpu0.lock").string())));
}

}  // namespace
}  // namespace ktstr::kvm
