// SPDX-License-Identifier: Apache-2.0
//
// Instructions of a real guest's kernel, counted by a plugin of QEMU's that is really loaded.
#include <gmock/gmock.h>

#include "vm_case.hpp"

namespace ktstr::vm {
namespace {

using ::testing::HasSubstr;

constexpr const char* kEevdf = R"({"name": "counted", "topology": "1n1l2c1t", "duration_ms": 200,
  "cgroups": [{"name": "bursts", "workers": 3, "work": {"type": "Bursty", "busy_us": 2000, "sleep_us": 3000}}]})";

std::string with_probe(const std::string& fault) {
  return R"({"name": "counted", "topology": "1n1l2c1t", "duration_ms": 200,
  "scheduler": {"name": "probe", "binary": ")" KTSTR_VM_SCHEDULERS R"(/scx_probe", "args": ["--fault", ")" +
         fault + R"("]},
  "cgroups": [{"name": "bursts", "workers": 3, "work": {"type": "Bursty", "busy_us": 2000, "sleep_us": 3000}}]})";
}

const json::object kCounted{{"deterministic", true}, {"cost", true}};

struct Row {
  std::uint64_t calls = 0, insns = 0, self = 0;
};

Row row_of(const TestRecord& record, const std::string& kind, const std::string& name) {
  const json::object document = record.document();
  for (const json::value& entry : document.at("cost").at("functions").as_array()) {
    if (entry.at("name").as_string() != name || entry.at("kind").as_string() != kind) continue;
    return {entry.at("calls").to_number<std::uint64_t>(), entry.at("insns").to_number<std::uint64_t>(),
            entry.at("self_insns").to_number<std::uint64_t>()};
  }
  ADD_FAILURE() << kind << " " << name << " was not counted";
  return {};
}

double metric(const TestRecord& record, const std::string& name) {
  const json::object document = record.document();
  const json::object& metrics = document.at("stats").at("ext_metrics").as_object();
  EXPECT_TRUE(metrics.contains(name)) << name;
  return metrics.contains(name) ? metrics.at(name).to_number<double>() : -1;
}

/// The sidecar without what counting adds to it.
std::string without_cost(const TestRecord& record) {
  json::object document = json::parse(without_volatile(record.sidecar)).as_object();
  document.erase("cost");
  json::object& metrics = document.at("stats").as_object().at("ext_metrics").as_object();
  std::vector<std::string> names;
  for (const auto& entry : metrics) {
    if (entry.key().starts_with("cost_")) names.emplace_back(entry.key());
  }
  for (const std::string& name : names) metrics.erase(name);
  return json::serialize(document);
}

class CostVm : public VmCase {};

TEST_F(CostVm, TheSameRunCostsTheSameToTheDigitAndIsNotDisturbed) {
  const TestRecord plain = run_one(kEevdf, {{"deterministic", true}});
  const TestRecord first = run_one(kEevdf, kCounted), second = run_one(kEevdf, kCounted);
  ASSERT_EQ(first.outcome, KTSTR_TEST_PASSED) << first.message;
  EXPECT_FALSE(plain.document().contains("cost"));
  EXPECT_EQ(plain.stacks, "");
  EXPECT_EQ(differences(without_volatile(first.sidecar), without_volatile(second.sidecar)), "");
  EXPECT_EQ(first.stacks, second.stacks);
  // Keys may stand in another order where some were taken out, but nothing else may differ.
  EXPECT_EQ(json::parse(without_cost(first)), json::parse(without_cost(plain)));
}

TEST_F(CostVm, TheKernelsOwnSchedulerIsToldByItsFunctions) {
  const TestRecord record = run_one(kEevdf, kCounted);
  ASSERT_EQ(record.outcome, KTSTR_TEST_PASSED) << record.message;
  const Row schedule = row_of(record, "kernel", "__schedule"),
            wake = row_of(record, "kernel", "try_to_wake_up"),
            pick = row_of(record, "kernel", "pick_next_task_fair");
  // 40 bursts a worker, and the idle task between them.
  EXPECT_GT(schedule.calls, 100U);
  EXPECT_LE(pick.calls, schedule.calls);
  EXPECT_GT(pick.calls, schedule.calls / 2) << "only for the agent and its like others are asked before";
  EXPECT_LT(pick.insns, schedule.insns) << "and is a part of it";
  EXPECT_GT(wake.calls, 50U);
  EXPECT_GT(schedule.self, schedule.calls * 20);
  EXPECT_EQ(metric(record, "cost_schedule_insns"), static_cast<double>(schedule.insns));
  EXPECT_GT(metric(record, "cost_schedule_insns_per_call"),
            metric(record, "cost_pick_next_task_insns_per_call"));
  EXPECT_GT(metric(record, "cost_try_to_wake_up_insns_per_call"), 100);
  // A wake-up in a timer's interrupt is the interrupt's, whatever it interrupted.
  EXPECT_THAT(record.stacks, HasSubstr("\nasm_sysvec_apic_timer_interrupt;sysvec_apic_timer_interrupt"));
  EXPECT_THAT(record.stacks, HasSubstr("\nentry_SYSCALL_64;do_syscall_64;"));
  EXPECT_EQ(record.stacks.find("pick_next_task_fair;asm_"), std::string::npos);
}

TEST_F(CostVm, OperationsAndProgramsAreToldAndALoopInOneShows) {
  const TestRecord plain = run_one(with_probe("none"), kCounted),
                   loop = run_one(with_probe("work"), kCounted);
  ASSERT_EQ(plain.outcome, KTSTR_TEST_PASSED) << plain.message;
  ASSERT_EQ(loop.outcome, KTSTR_TEST_PASSED) << loop.message;
  const Row before = row_of(plain, "program", "probe_enqueue"),
            after = row_of(loop, "program", "probe_enqueue"),
            operation = row_of(plain, "operation", "enqueue");
  ASSERT_GT(before.calls, 5U);
  ASSERT_GT(after.calls, 5U);
  EXPECT_EQ(operation.calls, before.calls);
  EXPECT_GT(operation.insns, before.insns) << "the way into the program comes on top";
  EXPECT_EQ(before.self % before.calls, 0U) << "each call goes the same way";
  EXPECT_EQ(after.self % after.calls, 0U);
  // A thousand rounds of five instructions, and a few before and after them.
  const std::uint64_t more = after.self / after.calls - before.self / before.calls;
  EXPECT_GE(more, 5000U);
  EXPECT_LT(more, 5020U);
  EXPECT_GT(metric(loop, "cost_enqueue_insns_per_call"), metric(plain, "cost_enqueue_insns_per_call") + 4900);
  EXPECT_GT(metric(plain, "cost_dispatch_insns_per_call"), 10);
  EXPECT_GT(metric(plain, "cost_operations_insns"), metric(plain, "cost_enqueue_insns"));
}

TEST_F(CostVm, WhatCannotBeCountedSaysSo) {
  run(kEevdf, {{"cost", true}});
  EXPECT_EQ(status, KTSTR_UNAVAILABLE);
  EXPECT_THAT(error_text, HasSubstr("instructions are counted in deterministic guests"));
  run(kEevdf, {{"cost", true}, {"deterministic", true}, {"cold", true}});
  EXPECT_EQ(status, KTSTR_UNAVAILABLE);
  EXPECT_THAT(error_text, HasSubstr("this one boots"));
}

}  // namespace
}  // namespace ktstr::vm
