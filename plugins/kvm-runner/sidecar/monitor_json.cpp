// SPDX-License-Identifier: Apache-2.0
#include "sidecar/monitor_json.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <string>

#include "monitor/summary.hpp"

namespace ktstr::kvm {
namespace {

struct Group {
  CounterKind kind;
  const char* name;
  struct Rate {
    const char *name, *counter;
  };
  std::array<Rate, 2> rates;
};

constexpr Group kGroups[] = {
    {CounterKind::kEvent,
     "event_deltas",
     {{{"fallback_rate", "total_fallback"}, {"keep_last_rate", "total_dispatch_keep_last"}}}},
    {CounterKind::kSchedstat,
     "schedstat_deltas",
     {{{"run_delay_rate", "total_run_delay"}, {"sched_count_rate", "total_sched_count"}}}},
};

void write_group(JsonWriter& json, const MonitorSummary& summary, const Group& group) {
  bool any = false;
  const auto open = [&] {
    if (!any) json.key(group.name).begin_object();
    any = true;
  };
  for (std::size_t i = 0; i < kMonitorCounters.size(); ++i) {
    if (kMonitorCounters[i].kind != group.kind || !summary.increases[i]) continue;
    open();
    json.member(std::string(kMonitorCounters[i].name), *summary.increases[i]);
  }
  for (const Group::Rate& rate : group.rates) {
    const std::optional<std::uint64_t>& total = summary.increases[monitor_counter(rate.counter)];
    KTSTR_ASSERT(!total || any);  // its counter is one of the group
    if (total && summary.seconds > 0) json.member(rate.name, static_cast<double>(*total) / summary.seconds);
  }
  if (any && group.kind == CounterKind::kEvent) json.member("max_fallback_burst", summary.fallback_burst);
  if (any) json.end_object();
}

/// From the scenario's start to its end.
void write_program_runs(JsonWriter& json, const std::vector<BpfProgram>& programs) {
  if (programs.empty()) return;
  json.key("prog_stats_deltas").begin_array();
  for (const BpfProgram& program : programs) {
    const std::uint64_t count = program.run_count - std::min(program.count_before, program.run_count),
                        ns = program.run_ns - std::min(program.ns_before, program.run_ns);
    json.begin_object().member("name", program.name).member("cnt", count).member("nsecs", ns);
    const double each = count == 0 ? 0 : static_cast<double>(ns) / static_cast<double>(count);
    json.member("nsecs_per_call", each).end_object();
  }
  json.end_array();
}

/// Only where the kernel accounts for the time of interrupts.
void write_pressure(JsonWriter& json, const ScenarioReport& scenario) {
  constexpr std::size_t kRow = counter_row("irq_pressure_us");
  if (scenario.marks.size() < 2) return;
  const auto &first = scenario.marks.front().counters.totals[kRow],
             &last = scenario.marks.back().counters.totals[kRow];
  if (!first || !last || *last < *first) return;
  json.key("psi_irq").begin_object().member("full_us", *last - *first).end_object();
}

}  // namespace

void write_monitor(JsonWriter& json, const MonitorReport& report, const AgentResult* result) {
  const ScenarioReport* scenario = result != nullptr && result->scenario ? &*result->scenario : nullptr;
  const MonitorSummary s =
      scenario != nullptr ? summarize(report, scenario->start_ns, scenario->end_ns + 1) : MonitorSummary{};
  std::string reason = report.reason;
  if (reason.empty() && s.valid == 0) reason = "no sample was valid";
  if (scenario == nullptr) reason = "the result has no scenario that samples could belong to";
  json.key("monitor");
  if (!reason.empty()) {
    json.null().member("monitor_reason", reason);
    return;
  }
  KTSTR_ASSERT(scenario != nullptr && s.valid > 0);
  json.begin_object().member("total_samples", s.samples).member("max_imbalance_ratio", s.max_imbalance);
  json.member("avg_imbalance_ratio", s.avg_imbalance);
  if (s.deepest) json.member("max_local_dsq_depth", *s.deepest);
  if (s.avg_depth) json.member("avg_local_dsq_depth", *s.avg_depth);
  json.member("avg_nr_running", s.avg_running).member("stuck_count", s.stuck);
  for (const Group& group : kGroups) write_group(json, s, group);
  write_program_runs(json, result->bpf_programs);
  write_pressure(json, *scenario);
  json.end_object().member("monitor_reason", "");
}

}  // namespace ktstr::kvm
