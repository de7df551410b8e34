// SPDX-License-Identifier: Apache-2.0
#include "result/agent_result.hpp"

#include <boost/json.hpp>
#include <ktstr/kit/json.hpp>
#include <ktstr/kit/text.hpp>

#include "guest/spec_writer.hpp"
#include "result/result_fields.hpp"

namespace ktstr::kvm {
namespace {

namespace json = boost::json;
using std::string_view;

constexpr std::size_t kLargestResult = 64U << 20U;
constexpr std::size_t kLongestLog = 256U << 10U;  // 64 KiB of which every byte had to be replaced, and some
constexpr std::size_t kLongestLine = 4096;
constexpr std::uint32_t kMostSeenCpus = 4096;  // of whatever the guest claims to see
constexpr std::uint64_t kLongestTime =
    400ULL * 86400 * 1'000'000'000;  // ns; keeps every sum over 4096 workers in range
constexpr std::uint64_t kLargestCounter = 1ULL << 50U;

std::uint64_t nanoseconds(const Field& field) {
  const std::uint64_t value = field.count();
  if (value > kLongestTime / 4096) field.fail("is longer than any test");
  return value;
}

std::uint64_t counter(const Field& field) {
  const std::uint64_t value = field.count();
  if (value > kLargestCounter) field.fail("is larger than any test can count");
  return value;
}

AgentOutcome read_outcome(const Field& field) {
  static constexpr std::pair<string_view, AgentOutcome> kNames[] = {
      {"ok", AgentOutcome::kOk},
      {"spec_error", AgentOutcome::kSpecError},
      {"setup_error", AgentOutcome::kSetupError},
      {"scheduler_attach_failed", AgentOutcome::kSchedulerAttachFailed},
      {"scheduler_died", AgentOutcome::kSchedulerDied},
      {"scheduler_ejected", AgentOutcome::kSchedulerEjected},
      {"agent_error", AgentOutcome::kAgentError}};
  const std::string name = field.text(64);
  for (const auto& [known, outcome] : kNames) {
    if (name == known) return outcome;
  }
  field.fail("is no outcome: \"" + printable_start(name, 64) + '"');
}

SchedulerCause read_cause(const Field& field) {
  static constexpr std::pair<string_view, SchedulerCause> kNames[] = {
      {"", SchedulerCause::kNone},
      {"out_of_memory", SchedulerCause::kOutOfMemory},
      {"left_foreground", SchedulerCause::kLeftForeground},
      {"time_out", SchedulerCause::kTimeOut}};
  const std::string name = field.text(64);
  for (const auto& [known, cause] : kNames) {
    if (name == known) return cause;
  }
  field.fail("is no cause: \"" + printable_start(name, 64) + '"');
}

WorkerReport read_worker(const Field& field, std::uint32_t cpus, std::uint64_t reservoir) {
  static constexpr string_view kKeys[] = {
      "tid",          "role",          "work_units",        "iterations", "cpu_time_ns",
      "wall_time_ns", "off_cpu_ns",    "migrations",        "cpus_used",  "max_gap_ns",
      "max_gap_cpu",  "max_gap_at_ns", "wake_latencies_ns", "wake_count", "timer_latencies_ns",
      "run_delay_ns", "run_count",     "completed",         "exit"};
  field.only(kKeys);
  WorkerReport worker;
  worker.tid = field["tid"].whole();
  const std::string role = field["role"].text(32);
  if (role != "worker" && role != "messenger") field["role"].fail("is neither worker nor messenger");
  worker.messenger = role == "messenger";
  worker.work_units = counter(field["work_units"]);
  worker.iterations = counter(field["iterations"]);
  worker.cpu_time_ns = nanoseconds(field["cpu_time_ns"]);
  worker.wall_time_ns = nanoseconds(field["wall_time_ns"]);
  worker.off_cpu_ns = nanoseconds(field["off_cpu_ns"]);
  worker.migrations = counter(field["migrations"]);
  worker.cpus_used = field["cpus_used"].cpu_list(cpus);
  worker.max_gap_ns = nanoseconds(field["max_gap_ns"]);
  worker.max_gap_cpu = field["max_gap_cpu"].cpu(cpus);
  worker.max_gap_at_ns = field["max_gap_at_ns"].count();
  worker.wake_latencies_ns = field["wake_latencies_ns"].counts(reservoir);
  worker.timer_latencies_ns = field["timer_latencies_ns"].counts(reservoir);
  worker.wake_count = counter(field["wake_count"]);
  worker.run_delay_ns = nanoseconds(field["run_delay_ns"]);
  worker.run_count = counter(field["run_count"]);
  worker.completed = field["completed"].flag();
  worker.exit = field["exit"].text(kLongestLine);
  return worker;
}

CgroupReport read_cgroup(const Field& field, const CgroupSpec& wanted, std::uint32_t cpus,
                         std::uint64_t reservoir) {
  static constexpr string_view kKeys[] = {"name", "cpuset", "workers"};
  field.only(kKeys);
  CgroupReport cgroup;
  cgroup.name = field["name"].text(256);
  if (cgroup.name != wanted.name)
    field["name"].fail("is not \"" + wanted.name + "\" but \"" + printable_start(cgroup.name, 64) + '"');
  if (!field["cpuset"].is_null()) cgroup.cpuset = field["cpuset"].cpu_list(cpus);
  const std::vector<Field> workers = field["workers"].items(wanted.workers);
  if (workers.size() != wanted.workers) {
    field["workers"].fail("reports " + std::to_string(workers.size()) + " of " +
                          std::to_string(wanted.workers) + " workers");
  }
  for (const Field& worker : workers) cgroup.workers.push_back(read_worker(worker, cpus, reservoir));
  return cgroup;
}

ScenarioReport read_scenario(const Field& field, const TestSpec& test, std::uint32_t cpus) {
  static constexpr string_view kKeys[] = {"start_ns", "end_ns", "cgroups"};
  field.only(kKeys);
  ScenarioReport scenario;
  scenario.start_ns = field["start_ns"].count();
  scenario.end_ns = field["end_ns"].count();
  if (scenario.end_ns < scenario.start_ns) field["end_ns"].fail("lies before the start");
  const std::vector<Field> cgroups = field["cgroups"].items(test.cgroups.size());
  if (cgroups.size() != test.cgroups.size()) {
    field["cgroups"].fail("reports " + std::to_string(cgroups.size()) + " of " +
                          std::to_string(test.cgroups.size()) + " cgroups");
  }
  for (std::size_t i = 0; i < cgroups.size(); ++i) {
    scenario.cgroups.push_back(read_cgroup(cgroups[i], test.cgroups[i], cpus, latency_reservoir(test)));
  }
  return scenario;
}

SchedulerReport read_scheduler(const Field& field) {
  static constexpr string_view kKeys[] = {"ops",         "state", "switch_all", "attach_ns", "exit_status",
                                          "exit_reason", "cause", "switched",   "log"};
  field.only(kKeys);
  SchedulerReport scheduler;
  scheduler.ops = field["ops"].text(256);
  scheduler.state = field["state"].text(64);
  scheduler.switch_all = field["switch_all"].flag();
  scheduler.attach_ns = field["attach_ns"].count();
  if (!field["exit_status"].is_null()) scheduler.exit_status = field["exit_status"].whole();
  scheduler.exit_reason = field["exit_reason"].text(kLongestLine);
  scheduler.cause = read_cause(field["cause"]);
  scheduler.switched = counter(field["switched"]);
  scheduler.log = field["log"].text(kLongestLog);
  return scheduler;
}

GuestTopology read_topology(const Field& field) {
  static constexpr string_view kKeys[] = {"numa_nodes", "llcs", "cores"};
  field.only(kKeys);
  GuestTopology topology;
  const std::pair<string_view, std::vector<std::vector<std::uint32_t>>*> parts[] = {
      {"numa_nodes", &topology.numa_nodes}, {"llcs", &topology.llcs}, {"cores", &topology.cores}};
  for (const auto& [key, lists] : parts) {
    for (const Field& list : field[key].items(kMostSeenCpus)) lists->push_back(list.cpu_list(kMostSeenCpus));
  }
  return topology;
}

AgentResult read_result(const Field& top, const TestSpec& test) {
  static constexpr string_view kKeys[] = {"version",        "nonce",    "outcome",   "message",
                                          "kernel_release", "topology", "scheduler", "scenario",
                                          "bpf_programs",   "dmesg"};
  top.only(kKeys);
  if (top["version"].count() != 1) top["version"].fail("is not 1");
  AgentResult result;
  result.outcome = read_outcome(top["outcome"]);
  result.nonce = top["nonce"].text(64);
  result.message = top["message"].text(kLongestLine);
  result.kernel_release = top["kernel_release"].text(256);
  if (!top["topology"].is_null()) result.topology = read_topology(top["topology"]);
  if (!top["scheduler"].is_null()) result.scheduler = read_scheduler(top["scheduler"]);
  if (!top["scenario"].is_null()) result.scenario = read_scenario(top["scenario"], test, kMostSeenCpus);
  static constexpr string_view kProgramKeys[] = {"name", "verified_insns", "run_count", "run_ns"};
  for (const Field& program : top["bpf_programs"].items(1024)) {
    program.only(kProgramKeys);
    result.bpf_programs.push_back({program["name"].text(256), counter(program["verified_insns"]),
                                   counter(program["run_count"]), program["run_ns"].count()});
  }
  if (top.has("dmesg"))
    result.dmesg = top["dmesg"].text(kLongestLog);  // only written when something went wrong
  return result;
}

}  // namespace

std::optional<AgentResult> read_agent_result(std::string_view text, const TestSpec& test,
                                             std::string& problem) {
  if (text.empty()) {
    problem = "the result is empty";
    return std::nullopt;
  }
  json::monotonic_resource memory;
  try {
    const json::value document =
        kit::read_json(text, "the result", {.max_depth = 16, .max_bytes = kLargestResult, .memory = &memory});
    return read_result(Field(document, ""), test);
  } catch (const Mistake& mistake) {
    problem = mistake.message();
  } catch (const ResultError& error) {
    problem = error.problem;
  }
  return std::nullopt;
}

}  // namespace ktstr::kvm
