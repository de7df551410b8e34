// SPDX-License-Identifier: Apache-2.0
//
// Every work type of the table in real processes of this machine for a few milliseconds.
#include "agent/work.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>

#include "agent/result.hpp"
#include "protocol/cpu_list.hpp"
#include "work_run.hpp"

namespace ktstr::agent {
namespace {

// Where a default is slow or large for a test.
const Settings kQuick = {{"units", 64},        {"busy_us", 300},      {"sleep_us", 200}, {"stay_us", 300},
                         {"interval_us", 300}, {"cache_kib", 16},     {"operations", 1}, {"file_mib", 1},
                         {"region_kib", 64},   {"touches", 16},       {"children", 4},   {"hold_units", 256},
                         {"hot_units", 256},   {"cold_accesses", 64}, {"hit_pct", 50},   {"items", 256}};

std::size_t files_in(const std::string& directory) {
  std::error_code gone;
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(directory, gone),
                                                std::filesystem::directory_iterator()));
}
std::size_t descriptors_of(pid_t pid) { return files_in("/proc/" + std::to_string(pid) + "/fd"); }

/// Whether a counter counts what always happens, not what should not.
bool counts_work(std::string_view name) {
  return !name.empty() && name != "refused" && name != "lost" && name != "missed";
}

bool has_seen_all(const WorkRun& run) {
  for (const Workers::View& view : run.views()) {
    if (view.report->numbers.iterations < 2) return false;
  }
  for (std::size_t d = 0; d < run.type().samples.size(); ++d) {
    if (!run.type().samples[d].empty() && run.sampled(d) == 0) return false;
  }
  return std::all_of(run.type().counts.begin(), run.type().counts.end(), [&](std::string_view name) {
    return !counts_work(name) || run.counted(name) + run.counted("refused") > 0;
  });
}

std::vector<std::string> all_types() {
  std::vector<std::string> names;
  for (const kvm::WorkType& type : kvm::kWorkTypes) names.emplace_back(type.name);
  return names;
}

class EveryWorkType : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryWorkType, WorksMeasuresCountsAndLeavesNothingBehind) {
  const std::size_t own_descriptors = descriptors_of(::getpid());
  {
    WorkRun run(GetParam(), kQuick);
    EXPECT_TRUE(run.until([&] { return has_seen_all(run); }));
    for (const auto& [pid, index] : run.workers().running(0))
      EXPECT_LE(descriptors_of(pid), descriptors_of(::getpid()) + 3) << index;
    run.workers().note_waiting(now_ns());
    run.stop();

    std::set<std::int64_t> tids;
    for (const Workers::View& view : run.views()) {
      EXPECT_TRUE(view.report->completed.load());
      EXPECT_EQ(view.exit, "");
      EXPECT_GT(view.numbers.iterations, 0U);
      EXPECT_GT(view.numbers.cpu_time_ns, 0U);
      tids.insert(view.report->tid);
      for (std::size_t d = 0; d < view.samples.size(); ++d) {
        EXPECT_LE(view.samples[d].size(), kReservoir);
        for (const std::uint64_t sample : view.samples[d]) EXPECT_LT(sample, 60'000'000'000U) << d;
      }
    }
    EXPECT_EQ(tids.size(), run.views().size()) << "a process each";
    EXPECT_GT(run.units(), 0U);
    for (std::size_t d = 0; d < run.type().samples.size(); ++d)
      EXPECT_EQ(run.sampled(d) > 0, !run.type().samples[d].empty()) << d;
    for (std::size_t i = 0; i < run.type().counts.size(); ++i) {
      if (run.type().counts[i].empty()) {
        EXPECT_EQ(run.report(0).counts[i], 0U) << i;
      }
    }
  }
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child of a worker lives on";
  EXPECT_EQ(errno, ECHILD);
  EXPECT_EQ(descriptors_of(::getpid()), own_descriptors);
}

// Several groups share a set, and one that has just begun ends as well.
TEST_P(EveryWorkType, EndsWhenAskedWhateverItHasDoneByThen) {
  WorkRun run(GetParam(), kQuick, 2);
  run.stop();
  for (const Workers::View& view : run.views()) EXPECT_TRUE(view.report->completed.load());
}

INSTANTIATE_TEST_SUITE_P(Work, EveryWorkType, ::testing::ValuesIn(all_types()),
                         [](const auto& row) { return row.param; });

TEST(WorkTypes, EachHasAFunctionAndAnotherName) {
  std::set<std::string_view> names;
  for (const kvm::WorkType& type : kvm::kWorkTypes) {
    EXPECT_NE(work_function(type.name), nullptr) << type.name;
    EXPECT_TRUE(names.insert(type.name).second) << type.name;
  }
  EXPECT_EQ(work_function("Spin"), nullptr);
}

TEST(WorkTypes, DefaultsAreWithinTheirBoundsAndGroupsAreNotTooLarge) {
  for (const kvm::WorkType& type : kvm::kWorkTypes) {
    std::uint32_t largest = type.group.fixed;
    for (const kvm::Parameter& parameter : type.parameters) {
      if (parameter.kind == kvm::ParameterKind::kCount) {
        EXPECT_LE(parameter.min, parameter.default_value) << type.name << "." << parameter.name;
        EXPECT_LE(parameter.default_value, parameter.max) << type.name << "." << parameter.name;
      }
      for (const std::string_view more : type.group.plus) {
        if (more == parameter.name) largest += static_cast<std::uint32_t>(parameter.max);
      }
    }
    EXPECT_LE(largest, kvm::kLargestGroup) << type.name;
  }
}

TEST(Workers, WhoIsKilledHasStillReported) {
  WorkRun run("SpinWait");
  sleep_ms(40);
  run.workers().note_waiting(now_ns());
  run.workers().kill();
  for (const Workers::View& view : run.views()) {
    EXPECT_EQ(view.exit, "killed by signal 9");
    EXPECT_FALSE(view.report->completed.load());
    EXPECT_GT(view.numbers.wall_time_ns, 0U);
  }
}

TEST(Workers, OneThatCannotBePlacedEndsTheStart) {
  const kvm::Scenario scenario = scenario_of("SpinWait", {});
  Workers workers(scenario, 7, 0);
  std::string error;
  EXPECT_FALSE(workers.start(
      0,
      [](pid_t, std::uint32_t, std::string& why) {
        why = "no such cgroup";
        return false;
      },
      error));
  EXPECT_EQ(error, "no such cgroup");
}

TEST(CpuList, IsReadAsFarAsItIsOne) {
  using ::testing::ElementsAre;
  EXPECT_THAT(kvm::parse_cpu_list("0-3,8\n"), ElementsAre(0U, 1U, 2U, 3U, 8U));
  EXPECT_THAT(kvm::parse_cpu_list("5"), ElementsAre(5U));
  EXPECT_THAT(kvm::parse_cpu_list("1,x"), ElementsAre(1U));
  EXPECT_TRUE(kvm::parse_cpu_list("").empty());
  EXPECT_LE(kvm::parse_cpu_list("0-99999999999").size(), 65536U);
}

}  // namespace
}  // namespace ktstr::agent
