// SPDX-License-Identifier: Apache-2.0
#include "sidecar/sidecar.hpp"

#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/json_writer.hpp>
#include <ktstr/kit/text.hpp>

#include "cost/cost_json.hpp"
#include "cost/cost_metrics.hpp"
#include "judge/bench_metrics.hpp"
#include "judge/payloads.hpp"
#include "judge/scheduler_metrics.hpp"
#include "judge/stats.hpp"
#include "monitor/summary.hpp"
#include "sidecar/monitor_json.hpp"
#include "sidecar/stats_json.hpp"

namespace ktstr::kvm {
namespace {

double in_ms(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e6; }

/// "6.18.12" of "6.18.12+deb14-cloud-amd64"; nothing when it does not start like a version.
std::optional<std::string> version_of(const std::string& release) {
  const std::string version = release.substr(0, release.find_first_not_of("0123456789."));
  return version.find('.') == std::string::npos ? std::nullopt : std::optional(version);
}

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

void write_verdict(JsonWriter& json, const Verdict& verdict, const TestSpec& test) {
  KTSTR_ASSERT(verdict.outcome == Outcome::kPassed || !verdict.lines.empty());  // it says why
  json.member("passed", verdict.outcome == Outcome::kPassed)
      .member("skipped", verdict.outcome == Outcome::kSkipped);
  json.member("inconclusive", verdict.outcome == Outcome::kInconclusive)
      .member("expected_failure", verdict.expected_failure);
  json.member("performance_mode", test.performance_mode).key("failure");
  if (verdict.lines.empty()) {
    json.null();
    return;
  }
  json.begin_array();
  for (const std::string& line : verdict.lines) json.value(line);
  json.end_array();
}

std::optional<std::string> payload_names(const TestSpec& test) {
  std::string names;
  for (const PayloadSpec& payload : test.payloads) names += (names.empty() ? "" : "+") + payload.name;
  return unless_empty(names);
}

struct WrittenMetric {
  const std::string& name;
  double value;
  const std::optional<std::string>& direction;
  const std::string& unit;
  const char* source;
};

void write_metric(JsonWriter& json, const WrittenMetric& metric) {
  json.begin_object().member("name", printable_start(metric.name, 200)).member("value", metric.value);
  json.member("polarity", metric.direction.value_or("Unknown")).member("unit", metric.unit);
  json.member("source", metric.source).end_object();
}

void write_program_metrics(JsonWriter& json, const TestSpec& test, const AgentResult* result) {
  const ScenarioReport* scenario = result != nullptr && result->scenario ? &*result->scenario : nullptr;
  json.key("metrics").begin_array();
  for (std::size_t i = 0; scenario != nullptr && i < scenario->payloads.size(); ++i) {
    const PayloadRun& run = scenario->payloads[i];
    json.begin_object().member("payload_index", i).member("payload", test.payloads.at(run.payload).name);
    json.key("metrics").begin_array();
    for (const PayloadValue& value : payload_values(test.payloads.at(run.payload), run))
      write_metric(
          json, {value.name, value.value, value.direction, value.unit, value.from_json ? "Json" : "Regex"});
    json.end_array().key("exit_code");
    run.exit_status ? json.value(*run.exit_status) : json.null();
    json.end_object();
  }
  std::string name;
  const std::vector<SchedulerValue> values =
      scenario != nullptr ? scheduler_values(test, *result, name) : std::vector<SchedulerValue>();
  if (!values.empty()) {
    json.begin_object().member("scheduler", name).key("metrics").begin_array();
    for (const auto& [metric, value, source] : values)
      write_metric(json, {metric->name, value, metric->direction, metric->unit, source});
    json.end_array().end_object();
  }
  json.end_array();
}

/// What the last run of each payload said, and the scheduler, beside the metrics of the workers:
/// "PAYLOAD.METRIC".
void add_program_numbers(const TestSpec& test, const AgentResult& result,
                         std::map<std::string, double>& metrics) {
  for (const PayloadRun& run : result.scenario->payloads) {
    const PayloadSpec& payload = test.payloads.at(run.payload);
    for (const PayloadValue& value : payload_values(payload, run))
      metrics[payload.name + "." + printable_start(value.name, 200)] = value.value;
  }
  std::string name;
  for (const SchedulerValue& value : scheduler_values(test, result, name))
    metrics[name + "." + value.metric->name] = value.value;
}

/// What the verifier counted is exact; what the kernel timed of the runs is not.
void add_program_metrics(const AgentResult& result, std::map<std::string, double>& metrics) {
  double insns = 0, runs = 0, ns = 0;
  for (const BpfProgram& program : result.bpf_programs) {
    insns += static_cast<double>(program.verified_insns);
    runs += static_cast<double>(program.run_count);
    ns += static_cast<double>(program.run_ns);
  }
  if (result.bpf_programs.empty()) return;
  metrics["bpf_verified_insns"] = insns;
  metrics["bpf_runs"] = runs;
  if (runs > 0) metrics["bpf_nsecs_per_call"] = ns / runs;
}

void write_stimulus(JsonWriter& json, const ScenarioReport* scenario, std::uint64_t iterations) {
  json.key("stimulus_events").begin_array();
  if (scenario != nullptr) {
    const auto event = [&](std::uint64_t elapsed_ms, const char* label, std::uint64_t total) {
      json.begin_object()
          .member("elapsed_ms", elapsed_ms)
          .member("label", label)
          .null_member("op_kind")
          .null_member("detail");
      json.member("total_iterations", total).end_object();
    };
    event(0, "ScenarioStart", 0);
    for (std::size_t m = 0; m + 1 < scenario->marks.size(); ++m) {
      const Mark& mark = scenario->marks[m];
      std::uint64_t total = 0;
      for (const SetProgress& set : mark.sets) total += set.iterations;
      const std::uint64_t elapsed = mark.at_ns > scenario->start_ns ? mark.at_ns - scenario->start_ns : 0;
      if (!mark.label.empty()) event(elapsed / kNsPerMs, mark.label.c_str(), total);
    }
    event((scenario->end_ns - scenario->start_ns) / 1'000'000, "ScenarioEnd", iterations);
  }
  json.end_array();
}

void write_verifier_stats(JsonWriter& json, const AgentResult* result) {
  json.key("verifier_stats").begin_array();
  if (result != nullptr) {
    for (const BpfProgram& program : result->bpf_programs) {
      json.begin_object()
          .member("name", program.name)
          .member("verified_insns", program.verified_insns)
          .end_object();
    }
  }
  json.end_array();
}

void write_prog_stats(JsonWriter& json, const AgentResult* result) {
  json.key("prog_stats").begin_array();
  if (result != nullptr) {
    for (const BpfProgram& program : result->bpf_programs) {
      const double per_call = program.run_count == 0 ? 0
                                                     : static_cast<double>(program.run_ns) /
                                                           static_cast<double>(program.run_count);
      json.begin_object()
          .member("name", program.name)
          .member("cnt", program.run_count)
          .member("nsecs", program.run_ns);
      json.member("nsecs_per_call", per_call).end_object();
    }
  }
  json.end_array();
}

void write_perf_delta_assertions(JsonWriter& json, const TestSpec& test) {
  json.key("perf_delta_assertions").begin_array();
  for (const PerfDeltaAssertion& assertion : test.perf_delta_assertions) {
    json.begin_object().member("metric", assertion.metric).member("direction", assertion.direction);
    json.member("max_regression_pct", assertion.max_regression_pct).member("min_abs", assertion.min_abs);
    json.member("phase", assertion.phase).end_object();
  }
  json.end_array();
}

void write_timing(JsonWriter& json, const MachineOutcome& machine, const ScenarioReport* scenario) {
  const bool started = machine.times.first_worker_unix_ns != 0;
  json.key("timing").begin_object().member("ready_ms", in_ms(machine.times.ready)).key("first_worker_ms");
  started ? json.value(in_ms(machine.times.first_worker)) : json.null();
  json.member("run_ms", in_ms(machine.times.total)).key("first_worker_unix_ns");
  started ? json.value(machine.times.first_worker_unix_ns) : json.null();
  json.member("cpu_ran_ms", in_ms(machine.seen.scenario.ran))
      .member("cpu_waited_ms", in_ms(machine.seen.scenario.waited));
  const auto burst = [&](const char* name, std::uint64_t ns) {
    json.key(name);
    ns == 0 ? json.null() : json.value(static_cast<double>(ns) / 1e3);
  };
  burst("burst_before_us", scenario != nullptr ? scenario->burst_before_ns : 0);
  burst("burst_after_us", scenario != nullptr ? scenario->burst_after_ns : 0);
  json.member("template", machine.template_id.empty() ? "cold"
                          : machine.template_made     ? "made"
                                                      : "restored")
      .end_object();
}

}  // namespace

std::string write_sidecar(const TestSpec& test, const RunFacts& facts, const MachineOutcome& machine,
                          const Verdict& verdict, const std::optional<Counts>& counts) {
  const AgentResult* result = verdict.result ? &*verdict.result : nullptr;
  const ScenarioReport* scenario = result != nullptr && result->scenario ? &*result->scenario : nullptr;
  ScenarioStats stats = scenario != nullptr ? scenario_stats(*scenario) : ScenarioStats{};
  if (scenario != nullptr) {
    add_program_numbers(test, *result, stats.ext_metrics);
    add_bench_metrics(test, *scenario, stats.ext_metrics);
    add_program_metrics(*result, stats.ext_metrics);
    if (counts) add_cost_metrics(*counts, stats.ext_metrics);
  }
  std::vector<Phase> phases;
  if (scenario != nullptr && !test.scenario.steps.empty())
    phases = phases_of(test, *scenario, machine.monitor);
  const std::string release =
      result != nullptr && !result->kernel_release.empty() ? result->kernel_release : facts.kernel_release;

  JsonWriter json;
  json.begin_object()
      .member("schema_version", 1)
      .member("test_name", test.name)
      .member("topology", test.topology.text());
  json.member("scheduler", test.scheduler_name())
      .null_member("scheduler_commit")
      .member("scheduler_sha256", facts.scheduler_sha256);
  json.member("scheduler_build_id", facts.scheduler_build_id)
      .member("manifest_sha256", facts.manifest_sha256);
  json.null_member("project_commit")
      .null_member("project_commit_full")
      .member("payload", payload_names(test));
  write_program_metrics(json, test, result);
  write_verdict(json, verdict, test);
  json.key("stats");
  write_scenario_stats(json, stats, phases, scenario);
  write_monitor(json, machine.monitor, result);
  write_stimulus(json, scenario, stats.total_iterations);
  json.member("work_type", test.work_type());
  write_verifier_stats(json, result);
  write_prog_stats(json, result);
  if (counts) {
    json.key("cost");
    write_cost(json, *counts);
  }
  json.null_member("kvm_stats").key("sysctls").begin_array();
  for (const auto& [name, value] : test.sysctls) json.value("sysctl." + name + '=' + value);
  json.end_array().key("kargs").begin_array();
  for (const std::string& arg : test.kernel_args) json.value(arg);
  json.end_array();
  json.member("kernel_version",
              facts.kernel_version.empty() ? version_of(release) : std::optional(facts.kernel_version));
  json.member("kernel_release", unless_empty(release))
      .null_member("kernel_label")
      .null_member("kernel_commit")
      .null_member("kernel_commit_full");
  json.member("accelerator", facts.accelerator == Accelerator::kKvm ? "kvm" : "tcg");
  json.member("time_source", facts.deterministic ? "virtual" : "host")
      .member("qemu_version", unless_empty(facts.qemu_version));
  json.member("template_id", unless_empty(machine.template_id))
      .member("seed", facts.seed)
      .member("vcpus", test.topology.cpus());
  json.member("cpu_budget", facts.cpu_budget).member("resolve_source", facts.resolve_source);
  json.member("periodic_fired", 0).member("periodic_target", 0);
  write_perf_delta_assertions(json, test);
  json.null_member("perf_delta")
      .null_member("timestamp")
      .null_member("run_id")
      .null_member("run_source")
      .null_member("host")
      .null_member("host_before");
  json.member("cleanup_duration_ms",
              std::chrono::duration_cast<std::chrono::milliseconds>(machine.times.cleanup).count());
  write_timing(json, machine, scenario);
  json.end_object();
  return std::move(json).finish();
}

}  // namespace ktstr::kvm
