// SPDX-License-Identifier: Apache-2.0
#include "judge/scheduler_metrics.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>

#include "judge/payloads.hpp"
#include "manifest/timeline.hpp"

namespace ktstr::kvm {
namespace {

/// The one that was to be in force at the end; null: the kernel's own.
const SchedulerSpec* last_scheduler(const TestSpec& test) {
  return test.find_scheduler(planned_phases(test).back().scheduler);
}

const SchedulerReading* find_reading(const ScenarioReport& scenario, const std::string& name) {
  const auto found = std::find_if(scenario.readings.begin(), scenario.readings.end(),
                                  [&](const SchedulerReading& one) { return one.name == name; });
  return found == scenario.readings.end() ? nullptr : &*found;
}

std::optional<double> value_of(const ProgramMetric& metric, const AgentResult& result) {
  if (!metric.of_agent())
    return result.scheduler ? value_in_output(metric, result.scheduler->log) : std::nullopt;
  const SchedulerReading* reading = find_reading(*result.scenario, metric.name);
  if (reading == nullptr) return std::nullopt;
  if (!metric.socket.empty()) return value_in_output(metric, reading->answer);
  return reading->number ? std::optional(static_cast<double>(*reading->number)) : std::nullopt;
}

const char* source_of(const ProgramMetric& metric) {
  return !metric.variable.empty() ? "Variable"
         : !metric.map.empty()    ? "Map"
         : !metric.socket.empty() ? "Socket"
         : !metric.regex.empty()  ? "Regex"
                                  : "Json";
}

std::string why_missing(const ProgramMetric& metric, const ScenarioReport& scenario) {
  const SchedulerReading* reading = metric.of_agent() ? find_reading(scenario, metric.name) : nullptr;
  if (reading != nullptr && !reading->problem.empty()) return printable_start(reading->problem, 300);
  if (!metric.socket.empty()) return "the answer of the socket has no number at " + metric.json;
  return metric.of_agent() ? "the guest did not tell it" : "it is not in the scheduler's output";
}

}  // namespace

std::vector<SchedulerValue> scheduler_values(const TestSpec& test, const AgentResult& result,
                                             std::string& name) {
  std::vector<SchedulerValue> values;
  const SchedulerSpec* scheduler = last_scheduler(test);
  if (scheduler == nullptr || !result.scenario) return values;
  name = scheduler->name;
  for (const ProgramMetric& metric : scheduler->metrics) {
    if (const auto value = value_of(metric, result)) values.push_back({&metric, *value, source_of(metric)});
  }
  return values;
}

void judge_scheduler_metrics(const TestSpec& test, const AgentResult& result, Findings& findings) {
  const SchedulerSpec* scheduler = last_scheduler(test);
  if (scheduler == nullptr || !result.scenario) return;
  const std::string owner = "scheduler " + scheduler->name;
  for (const ProgramMetric& metric : scheduler->metrics) {
    const std::optional<double> value = value_of(metric, result);
    if (value) {
      judge_metric(owner, metric, value, findings);
      continue;
    }
    const std::string line =
        owner + ": " + metric.name + " has no value: " + why_missing(metric, *result.scenario);
    if (metric.exists.value_or(false))
      findings.fail(line + " (exists)");
    else if (!metric.exists || metric.min || metric.max)
      findings.doubt(line + "; \"exists\": false lets it be absent");
  }
}

}  // namespace ktstr::kvm
