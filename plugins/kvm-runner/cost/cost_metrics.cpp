// SPDX-License-Identifier: Apache-2.0
#include "cost/cost_metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace ktstr::kvm {
namespace {

/// Operations of sched_ext that have metrics of their own.
constexpr std::string_view kCostOperations[] = {"select_cpu", "enqueue",  "dequeue", "dispatch",
                                                "running",    "stopping", "tick"};

/// What a step of the kernel's is called: compilers inline one name or the other, and sched_ext has its own.
struct KernelStep {
  std::string_view metric;
  std::array<std::string_view, 12> functions;
  std::string_view per;  ///< the function whose calls it is told by; empty: its own
};
constexpr KernelStep kKernelSteps[] = {
    {"schedule", {"__schedule"}, {}},
    {"pick_next_task",
     {"pick_next_task", "__pick_next_task", "prev_balance", "balance_fair", "balance_scx",
      "pick_next_task_fair", "__pick_next_task_fair", "pick_task_fair", "pick_task_scx", "pick_task_rt",
      "pick_task_dl", "pick_task_idle"},
     "__schedule"},
    {"try_to_wake_up", {"try_to_wake_up"}, {}},
};

void add_cost(std::string_view what, std::uint64_t insns, std::uint64_t calls,
              std::map<std::string, double>& metrics) {
  if (calls == 0) return;
  const std::string name = "cost_" + std::string(what) + "_insns";
  metrics[name] = static_cast<double>(insns);
  metrics[name + "_per_call"] = std::round(static_cast<double>(insns) / static_cast<double>(calls));
}

CodeCost cost_of_kernel(const Counts& counts, std::span<const std::string_view> functions) {
  return cost_of(counts, [&](const CountedCode& code) {
    return code.kind == CodeKind::kKernel &&
           std::find(functions.begin(), functions.end(), std::string_view(code.name)) != functions.end();
  });
}

}  // namespace

void add_cost_metrics(const Counts& counts, std::map<std::string, double>& metrics) {
  for (const CostRow& row : cost_rows(counts)) {
    if (row.code.kind != CodeKind::kOperation) continue;
    for (const std::string_view operation : kCostOperations) {
      if (row.code.name == operation) add_cost(operation, row.cost.insns, row.cost.calls, metrics);
    }
  }
  for (const KernelStep& step : kKernelSteps) {
    const CodeCost cost = cost_of_kernel(counts, step.functions);
    const std::uint64_t calls = step.per.empty() ? cost.calls : cost_of_kernel(counts, {&step.per, 1}).calls;
    add_cost(step.metric, cost.insns, calls, metrics);
  }
  const CodeCost all =
      cost_of(counts, [](const CountedCode& code) { return code.kind == CodeKind::kOperation; });
  if (all.calls > 0) metrics["cost_operations_insns"] = static_cast<double>(all.insns);
  metrics["cost_kernel_insns"] = static_cast<double>(counted_insns(counts));
}

}  // namespace ktstr::kvm
