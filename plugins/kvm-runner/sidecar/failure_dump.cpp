// SPDX-License-Identifier: Apache-2.0
#include <ktstr/kit/json_writer.hpp>
#include <ktstr/kit/text.hpp>

#include "sidecar/sidecar.hpp"

namespace ktstr::kvm {
namespace {

constexpr std::size_t kConsoleBytes = 64U << 10U;

void write_scheduler(JsonWriter& json, const AgentResult* result) {
  json.key("sched_ext");
  if (result == nullptr || !result->scheduler) {
    json.null();
    return;
  }
  const SchedulerReport& scheduler = *result->scheduler;
  json.begin_object()
      .member("ops", scheduler.ops)
      .member("state", scheduler.state)
      .member("exit_status", scheduler.exit_status);
  json.member("exit_reason", scheduler.exit_reason).end_object();
}

void write_programs(JsonWriter& json, const AgentResult* result) {
  json.key("bpf_programs").begin_array();
  if (result != nullptr) {
    for (const BpfProgram& program : result->bpf_programs) {
      json.begin_object().member("name", program.name).member("verified_insns", program.verified_insns);
      json.member("run_count", program.run_count).member("run_ns", program.run_ns).end_object();
    }
  }
  json.end_array();
}

}  // namespace

std::string write_failure_dump(const TestSpec& test, const RunFacts& facts, const MachineOutcome& machine,
                               const Verdict& verdict) {
  const AgentResult* result = verdict.result ? &*verdict.result : nullptr;
  const bool nothing_seen =
      machine.stage == Stage::kNone && machine.console_tail.empty() && result == nullptr;
  JsonWriter json;
  json.begin_object()
      .member("schema", "single")
      .member("test_name", test.name)
      .member("stage", stage_name(machine.stage));
  json.member("outcome", outcome_name(verdict.outcome))
      .member("reason", verdict.lines.empty() ? std::string() : verdict.lines.front());
  json.member("is_placeholder", nothing_seen).key("messages").begin_array();
  for (const std::string& line : verdict.lines) json.value(line);
  json.end_array()
      .member("topology", topology_text(test.topology))
      .member("scheduler", test.scheduler_name());
  json.member("accelerator", facts.accelerator == Accelerator::kKvm ? "kvm" : "tcg")
      .member("deterministic", facts.deterministic);
  json.member("seed", facts.seed).member("qemu_version", facts.qemu_version);
  json.member("kernel_release", result != nullptr ? result->kernel_release : facts.kernel_release);
  write_scheduler(json, result);
  write_programs(json, result);
  json.member("scheduler_log",
              result != nullptr && result->scheduler ? result->scheduler->log : std::string());
  json.member("dmesg", result != nullptr ? result->dmesg : std::string());
  json.member("console_tail", kit::tail(machine.console_tail, kConsoleBytes)).end_object();
  return std::move(json).finish();
}

}  // namespace ktstr::kvm
