// SPDX-License-Identifier: Apache-2.0
#include "guest/spec_writer.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/json_writer.hpp>

#include "guest/scenario_writer.hpp"

namespace ktstr::kvm {
namespace {

/// What the test says, and the limit of the watchdog where schedulers made with sched_ext's own headers look
/// for it.
std::vector<std::string> environment_of(const SchedulerSpec& scheduler) {
  constexpr const char* kLimit = "SCX_TIMEOUT_MS";
  std::vector<std::string> variables;
  bool said = false;
  for (const auto& [name, value] : scheduler.environment) {
    variables.push_back(name + '=' + value);
    said = said || name == kLimit;
  }
  if (!said) variables.push_back(std::string(kLimit) + '=' + std::to_string(scheduler.watchdog_ms()));
  return variables;
}

/// What the agent has to ask for at the end.
void write_readings(JsonWriter& json, const SchedulerSpec& scheduler) {
  json.key("readings").begin_array();
  for (const ProgramMetric& metric : scheduler.metrics) {
    if (!metric.of_agent()) continue;
    json.begin_object().member("name", metric.name).member("variable", metric.variable);
    json.member("map", metric.map).member("key", metric.key);
    json.member("socket", metric.socket).member("request", metric.request).end_object();
  }
  json.end_array();
}

void write_scheduler(JsonWriter& json, const SchedulerSpec& scheduler, const std::string& program) {
  json.begin_object().member("name", scheduler.name).key("argv").begin_array().value(program);
  for (const std::string& arg : scheduler.args) json.value(arg);
  json.end_array().key("env").begin_array();
  for (const std::string& variable : environment_of(scheduler)) json.value(variable);
  json.end_array().member("attach_timeout_ms", scheduler.attach_timeout_ms);
  json.member("watchdog_timeout_ms", scheduler.watchdog_ms());
  json.member("watchdog_always", scheduler.watchdog_timeout_ms.has_value());
  write_readings(json, scheduler);
  json.end_object();
}

}  // namespace

std::uint64_t latency_reservoir(const TestSpec& test) {
  constexpr std::uint64_t kMost = 20'000, kFewest = 500, kTogether = 400'000;
  return std::clamp(kTogether / std::max<std::uint64_t>(1, test.scenario.total_workers()), kFewest, kMost);
}

std::string agent_spec(const TestSpec& test, const GuestFiles& files, std::uint64_t seed,
                       const std::vector<std::uint64_t>& offsets) {
  KTSTR_ASSERT(offsets.size() == files.files.size());
  JsonWriter json;
  json.begin_object().member("version", 1).member("seed", seed);
  json.member("root_cgroup", test.root_cgroup)
      .member("trace", test.trace)
      .member("calibrate", test.calibrate);
  json.key("files").begin_array();
  for (std::size_t i = 0; i < files.files.size(); ++i) {
    const Blob& blob = files.files[i];
    json.begin_object().member("path", blob.path).member("mode", blob.mode).member("offset", offsets.at(i));
    json.member("size", blob.contents.size()).end_object();
  }
  json.end_array().key("sysctls").begin_array();
  for (const auto& [name, value] : test.sysctls) json.value(name + '=' + value);
  json.end_array().key("scheduler");
  if (test.scheduler) {
    write_scheduler(json, *test.scheduler, files.program);
  } else {
    json.null();
  }
  json.key("others").begin_array();
  for (const SchedulerSpec& other : test.others) write_scheduler(json, other, other.guest_program());
  json.end_array();
  json.key("scenario");
  write_scenario(json, test.scenario);
  json.member("latency_reservoir", latency_reservoir(test)).end_object();
  return std::move(json).finish();
}

}  // namespace ktstr::kvm
