// SPDX-License-Identifier: Apache-2.0
//
// Cgroups on a directory tree that looks like cgroup2's: a cgroup's files appear when it is made, as the
// kernel's do.
#include "agent/cgroups.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "framework/temp_tree.hpp"

namespace ktstr::agent {
namespace {

using kvm::kCgroupAttributes, kvm::Values;
using ::testing::HasSubstr;

/// Attributes of which some are set, by name.
Values attributes(std::initializer_list<std::pair<std::string_view, std::int64_t>> numbers,
                  std::optional<std::vector<std::uint32_t>> cpus = std::nullopt) {
  Values values(kCgroupAttributes.size());
  if (cpus) values.at(0) = {*cpus};
  for (const auto& [name, number] : numbers) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (kCgroupAttributes[i].parameter.name == name) values[i] = {number};
    }
  }
  return values;
}

TEST(RootCgroup, IsMadeWithThoseThatItLiesInAndMayBeThere) {
  const testing::TempTree tree;
  for (const char* place :
       {"cgroup.subtree_control", "a/cgroup.subtree_control", "a/b/cgroup.subtree_control"})
    tree.write(place, "");
  EXPECT_EQ(make_root_cgroup(tree.path().string(), "a/b"), "");
  EXPECT_EQ(make_root_cgroup(tree.path().string(), "c"), "");
  EXPECT_TRUE(std::filesystem::is_directory(tree / "c"));
  tree.write("file", "");
  EXPECT_THAT(make_root_cgroup((tree / "file").string(), "x"), HasSubstr("cannot make the root cgroup x"));
}

struct FakeCgroups : ::testing::Test {
  testing::TempTree tree;
  kvm::Scenario scenario;

  FakeCgroups() {
    scenario.cgroups = {{"a", true, {}}, {"a/b", true, {}}, {"c", true, {}}};
    tree.write("cgroup.subtree_control", "");
  }
  Cgroups cgroups() { return Cgroups(scenario, tree.path().string()); }
  /// The files that the kernel makes in a cgroup's directory.
  void appear(const std::string& cgroup) {
    for (const char* file : {"cgroup.procs", "cgroup.subtree_control", "cgroup.freeze", "cgroup.events"})
      tree.write(cgroup + "/" + file, "");
    for (const kvm::CgroupAttribute& row : kCgroupAttributes)
      tree.write(cgroup + "/" + std::string(row.file), "");
  }
  std::string text(const std::string& file) const { return tree.read(file); }
};

TEST_F(FakeCgroups, WhatKilledWorkersLeftGoesWithTheCgroup) {
  Cgroups all = cgroups();
  const std::string mine = std::to_string(::getpid());
  for (const std::string& left :
       std::vector<std::string>{"beside.4194999", "a/beside.4194999", "beside." + mine})
    std::filesystem::create_directories(tree.path() / left);
  std::filesystem::create_directories(tree.path() / "c");
  EXPECT_EQ(all.remove(2), "");
  EXPECT_FALSE(tree.exists("c"));
  EXPECT_FALSE(tree.exists("beside.4194999")) << "nobody has this pid";
  EXPECT_TRUE(tree.exists("beside." + mine)) << "its worker is there";
  EXPECT_TRUE(tree.exists("a/beside.4194999"));
  EXPECT_EQ(all.remove(0), "");
  EXPECT_FALSE(tree.exists("a")) << "it was empty but for what was left";
}

TEST_F(FakeCgroups, EveryAttributeGoesIntoItsFile) {
  Cgroups all = cgroups();
  appear("a");
  EXPECT_EQ(all.change(0, attributes({{"weight", 50},
                                      {"burst_us", 7},
                                      {"idle", 1},
                                      {"uclamp_min_pct", 10},
                                      {"uclamp_max_pct", 90},
                                      {"memory_max_mib", 3},
                                      {"memory_high_mib", 2},
                                      {"pids_max", 9}},
                                     {{1, 3}})),
            "");
  EXPECT_EQ(text("a/cpuset.cpus"), "1,3");
  EXPECT_EQ(text("a/cpu.weight"), "50");
  EXPECT_EQ(text("a/cpu.max.burst"), "7");
  EXPECT_EQ(text("a/cpu.idle"), "1");
  EXPECT_EQ(text("a/cpu.uclamp.min"), "10");
  EXPECT_EQ(text("a/cpu.uclamp.max"), "90");
  EXPECT_EQ(text("a/memory.max"), "3145728");
  EXPECT_EQ(text("a/memory.high"), "2097152");
  EXPECT_EQ(text("a/pids.max"), "9");
  EXPECT_EQ(text("a/cpu.max"), "") << "what is not set is not written";
}

TEST_F(FakeCgroups, QuotaAndItsPeriodShareAFile) {
  Cgroups all = cgroups();
  appear("a");
  EXPECT_EQ(all.change(0, attributes({{"quota_us", 5000}})), "");
  EXPECT_EQ(text("a/cpu.max"), "5000");
  EXPECT_EQ(all.change(0, attributes({{"quota_period_us", 20000}})), "");
  EXPECT_EQ(text("a/cpu.max"), "5000 20000") << "the quota that it had";
  appear("c");
  EXPECT_EQ(all.change(2, attributes({{"quota_period_us", 20000}})), "");
  EXPECT_EQ(text("c/cpu.max"), "max 20000");
}

TEST_F(FakeCgroups, CpusetsAreClearedAndSwapped) {
  Cgroups all = cgroups();
  appear("a"), appear("c");
  EXPECT_EQ(all.change(0, attributes({}, {{0, 1}})), "");
  EXPECT_EQ(all.change(2, attributes({}, {{2}})), "");
  appear("a"), appear("c");  // a file of the kernel's has only what is written last
  EXPECT_EQ(all.swap_cpusets(0, 2), "");
  EXPECT_EQ(text("a/cpuset.cpus"), "2");
  EXPECT_EQ(text("c/cpuset.cpus"), "0,1");
  appear("a"), appear("c");
  EXPECT_EQ(all.clear_cpuset(2), "");
  EXPECT_EQ(text("c/cpuset.cpus"), "\n");
  appear("a"), appear("c");
  EXPECT_EQ(all.swap_cpusets(0, 2), "") << "with one that has none";
  EXPECT_EQ(text("a/cpuset.cpus"), "\n");
  EXPECT_EQ(text("c/cpuset.cpus"), "2");
  EXPECT_EQ(all.change(0, attributes({}, {std::vector<std::uint32_t>{}})), "");
  EXPECT_EQ(text("a/cpuset.cpus"), "\n") << "no CPUs are all CPUs";
}

TEST_F(FakeCgroups, MakingOneHandsItsControllersDown) {
  Cgroups all = cgroups();
  EXPECT_EQ(all.make(0), "");
  EXPECT_TRUE(std::filesystem::is_directory(tree.path() / "a"));
  EXPECT_EQ(text("cgroup.subtree_control"), "+cpu +cpuset");
  appear("a");
  EXPECT_EQ(all.make(1), "");
  EXPECT_EQ(text("a/cgroup.subtree_control"), "+cpu +cpuset");
  EXPECT_TRUE(std::filesystem::is_directory(tree.path() / "a/b"));
  EXPECT_THAT(all.make(0), HasSubstr("cannot make the cgroup a: File exists"));
  EXPECT_EQ(all.remove(1), "");
  EXPECT_FALSE(std::filesystem::exists(tree.path() / "a/b"));
  EXPECT_THAT(all.remove(1), HasSubstr("cannot remove the cgroup a/b: No such file"));
}

TEST_F(FakeCgroups, RarerControllersAreEnabledWhereATestUsesThem) {
  scenario.cgroups[2].attributes = attributes({{"memory_max_mib", 3}});
  kvm::Operation limit{kvm::find_operation("set_cgroup"),
                       {{std::int64_t{0}}, {attributes({{"pids_max", 3}})}}};
  scenario.steps.push_back({"x", {limit}, 0, 0});
  Cgroups all = cgroups();
  EXPECT_EQ(all.make(0), "");
  EXPECT_EQ(text("cgroup.subtree_control"), "+cpu +cpuset +memory +pids");
}

TEST_F(FakeCgroups, WhatTheKernelLacksIsTold) {
  scenario.cgroups[0].attributes = attributes({{"uclamp_min_pct", 5}});
  Cgroups all = cgroups();
  EXPECT_THAT(all.make(0), HasSubstr("cpu.uclamp.min of cgroups"));
}

TEST_F(FakeCgroups, TasksMove) {
  Cgroups all = cgroups();
  appear("a"), appear("c");
  EXPECT_EQ(all.add(77, 0), "");
  EXPECT_EQ(text("a/cgroup.procs"), "77");
  tree.write("cgroup.procs", "");
  EXPECT_EQ(all.add(78, kvm::kRootCgroup), "");
  EXPECT_EQ(text("cgroup.procs"), "78");
  const std::string self = std::to_string(::getpid());
  tree.write("a/cgroup.procs", self + "\n");
  EXPECT_EQ(all.move_all(0, 2), "");
  EXPECT_EQ(text("c/cgroup.procs"), self);
  std::filesystem::remove_all(tree.path() / "c");
  EXPECT_THAT(all.move_all(0, 2), HasSubstr("cannot move a task to"));
  tree.write("a/cgroup.procs", "4194999\n");  // there is no such process any more
  EXPECT_EQ(all.move_all(0, 2), "");
}

TEST_F(FakeCgroups, FreezingIsAwaited) {
  Cgroups all = cgroups();
  appear("a");
  std::thread kernel([&] {
    ::usleep(20'000);
    tree.write("a/cgroup.events", "populated 1\nfrozen 1\n");
  });
  EXPECT_EQ(all.freeze(0, true), "");
  kernel.join();
  EXPECT_EQ(text("a/cgroup.freeze"), "1");
  EXPECT_EQ(text("a/cgroup.events"), "populated 1\nfrozen 1\n");
  EXPECT_THAT(all.freeze(0, false), HasSubstr("cgroup a was not thawed within 2000 ms"));
}

}  // namespace
}  // namespace ktstr::agent
