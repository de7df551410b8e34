// SPDX-License-Identifier: Apache-2.0
#include "cost/counts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cost/cost_json.hpp"
#include "cost/cost_metrics.hpp"

namespace ktstr::kvm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// A scheduler that wakes somebody in its enqueue, which enqueues again: a call within a call.
constexpr const char* kText =
    "1 0 2 20 entry_SYSCALL_64\n"
    "2 1 4 100 __schedule\n"
    "3 2 4 40 pick_task_scx\n"
    "4 2 4 10 balance_scx\n"
    "7 4 4 8 bpf__sched_ext_ops_dispatch\n"
    "8 7 4 32 bpf_prog_0123456789abcdef_mine_dispatch\n"
    "9 0 1 5 try_to_wake_up\n"
    "10 9 1 2 bpf__sched_ext_ops_enqueue\n"
    "11 10 1 50 bpf_prog_fedcba9876543210_mine_enqueue\n"
    "12 11 1 7 try_to_wake_up\n"
    "13 12 1 3 bpf__sched_ext_ops_enqueue\n"
    "end 23\n";

Counts counts() {
  const auto parsed = parse_counts(kText);
  EXPECT_TRUE(parsed.has_value());
  return parsed.value_or(Counts{});
}

const CostRow* find(const std::vector<CostRow>& rows, CodeKind kind, std::string_view name) {
  for (const CostRow& row : rows) {
    if (row.code.kind == kind && row.code.name == name) return &row;
  }
  return nullptr;
}

TEST(Counts, OperationsAndProgramsHaveTheNamesOfTheirSource) {
  const std::vector<CostRow> rows = cost_rows(counts());
  EXPECT_NE(find(rows, CodeKind::kOperation, "dispatch"), nullptr);
  EXPECT_NE(find(rows, CodeKind::kProgram, "mine_dispatch"), nullptr);
  EXPECT_EQ(find(rows, CodeKind::kKernel, "bpf_prog_0123456789abcdef_mine_dispatch"), nullptr);
}

TEST(Counts, WhatWasCalledIsIncludedAndACallWithinACallCountsOnce) {
  const std::vector<CostRow> rows = cost_rows(counts());
  const CostRow* schedule = find(rows, CodeKind::kKernel, "__schedule");
  ASSERT_NE(schedule, nullptr);
  EXPECT_EQ(schedule->cost.calls, 4U);
  EXPECT_EQ(schedule->cost.self_insns, 100U);
  EXPECT_EQ(schedule->cost.insns, 190U);
  const CostRow* wake = find(rows, CodeKind::kKernel, "try_to_wake_up");
  ASSERT_NE(wake, nullptr);
  EXPECT_EQ(wake->cost.calls, 2U);
  EXPECT_EQ(wake->cost.self_insns, 12U);
  EXPECT_EQ(wake->cost.insns, 67U);
  EXPECT_EQ(counted_insns(counts()), 300U);
}

TEST(Counts, TheCostliestComesFirst) {
  std::vector<std::string> names;
  for (const CostRow& row : cost_rows(counts())) names.push_back(row.code.name);
  EXPECT_THAT(names,
              ElementsAre("entry_SYSCALL_64", "__schedule", "try_to_wake_up", "enqueue", "mine_enqueue",
                          "balance_scx", "pick_task_scx", "dispatch", "mine_dispatch"));
}

TEST(Counts, StacksAreFolded) {
  const std::string stacks = folded_stacks(counts());
  EXPECT_THAT(
      stacks,
      HasSubstr("\nentry_SYSCALL_64;__schedule;balance_scx;sched_ext dispatch;bpf mine_dispatch 32\n"));
  EXPECT_TRUE(stacks.starts_with("entry_SYSCALL_64 20\n"));
}

TEST(Counts, HostileNamesAreSafe) {
  const auto parsed = parse_counts("1 0 1 5 bpf_prog_0123456789abcdef_a;\x1b[2J\nend 0\n");
  ASSERT_TRUE(parsed.has_value());
  const std::string stacks = folded_stacks(*parsed);
  EXPECT_EQ(stacks.find('\x1b'), std::string::npos);
  EXPECT_EQ(stacks.find(';'), std::string::npos);
}

TEST(Counts, WhatIsNotWholeIsRefused) {
  const std::string whole = kText;
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(parse_counts(whole.substr(0, size)).has_value()) << size;
  for (const char* wrong :
       {"1 0 1 5\nend 0\n", "1 7 1 5 a\nend 0\n", "1 0 1 5 a\n1 0 1 5 b\nend 0\n", "x\nend 0\n",
        "1 0 1 99999999999999999999 a\nend 0\n", "end 0\nmore\n", "0 0 1 5 a\nend 0\n"})
    EXPECT_FALSE(parse_counts(wrong).has_value()) << wrong;
}

TEST(Counts, MoreWaysThanAreKeptAreTold) {
  ASSERT_TRUE(parse_counts("end 0 overflowed\n").has_value());
  EXPECT_TRUE(parse_counts("end 0 overflowed\n")->overflowed);
}

// Of the kernel's steps a call within a call is a part of the outer one.
TEST(CostMetrics, AreOfOperationsAndOfTheKernelsSteps) {
  std::map<std::string, double> metrics;
  add_cost_metrics(counts(), metrics);
  EXPECT_THAT(metrics,
              UnorderedElementsAre(
                  Pair("cost_dispatch_insns", 40), Pair("cost_dispatch_insns_per_call", 10),
                  Pair("cost_enqueue_insns", 62), Pair("cost_enqueue_insns_per_call", 31),
                  Pair("cost_operations_insns", 102), Pair("cost_schedule_insns", 190),
                  Pair("cost_schedule_insns_per_call", 48), Pair("cost_pick_next_task_insns", 90),
                  Pair("cost_pick_next_task_insns_per_call", 23), Pair("cost_try_to_wake_up_insns", 67),
                  Pair("cost_try_to_wake_up_insns_per_call", 67), Pair("cost_kernel_insns", 300)));
}

TEST(CostMetrics, WhatWasNotCalledHasNone) {
  std::map<std::string, double> metrics;
  add_cost_metrics(*parse_counts("1 0 1 5 a\nend 0\n"), metrics);
  EXPECT_THAT(metrics, UnorderedElementsAre(Pair("cost_kernel_insns", 5)));
}

TEST(CostJson, IsAnObjectOfTheSidecar) {
  JsonWriter json;
  write_cost(json, *parse_counts("1 0 2 5 a\n2 1 1 1 bpf_prog_0123456789abcdef_b\nend 0\n"));
  const std::string text = std::move(json).finish();
  EXPECT_THAT(text, HasSubstr("\"insns\": 6"));
  EXPECT_THAT(text, HasSubstr("\"kind\": \"program\""));
  EXPECT_THAT(text, HasSubstr("\"self_insns\": 5"));
}

}  // namespace
}  // namespace ktstr::kvm
