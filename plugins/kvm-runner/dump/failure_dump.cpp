// SPDX-License-Identifier: Apache-2.0
#include "dump/failure_dump.hpp"

#include <ktstr/kit/json_writer.hpp>
#include <ktstr/kit/text.hpp>

#include "dump/sections.hpp"

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

void write_strings(JsonWriter& json, const char* key, const std::vector<std::string>& strings) {
  json.key(key).begin_array();
  for (const std::string& text : strings) json.value(text);
  json.end_array();
}

void write_tasks(JsonWriter& json, const Scene& scene) {
  json.member("tasks_from_outside", scene.tasks_from_outside).key("tasks").begin_array();
  for (const SceneTask& task : scene.tasks) {
    json.begin_object().member("pid", task.pid).member("tid", task.tid).member("name", task.name);
    json.member("state", task.state).member("cpu", task.cpu).member("policy", task.policy);
    json.member("wchan", task.wchan);
    write_strings(json, "stack", task.stack);
    json.end_object();
  }
  json.end_array();
}

void write_queues(JsonWriter& json, const Scene& scene) {
  json.member("run_queues_at_end", scene.queues_at_end).key("run_queues").begin_array();
  for (std::size_t cpu = 0; scene.queues && cpu < scene.queues->cpus.size(); ++cpu) {
    const std::optional<CpuReading>& queue = scene.queues->cpus[cpu];
    if (!queue) continue;
    json.begin_object().member("cpu", cpu).member("nr_running", queue->nr_running);
    json.member("clock", queue->clock).member("local_dsq", queue->local_dsq).member("idle", queue->idle);
    json.member("current_pid", queue->pid)
        .member("current_name", printable_start(queue->name, 64))
        .end_object();
  }
  json.end_array();
}

void write_fields(JsonWriter& json, const char* key, const std::vector<BtfField>& fields) {
  json.key(key).begin_array();
  for (const BtfField& field : fields)
    json.begin_object().member("path", field.path).member("value", field.text).end_object();
  json.end_array();
}

void write_maps(JsonWriter& json, const Scene& scene) {
  json.key("maps").begin_array();
  for (const SceneMap& map : scene.maps) {
    json.begin_object().member("name", map.name).member("map_type", map.type);
    json.member("max_entries", map.max_entries).key("entries").begin_array();
    for (const SceneMap::Entry& entry : map.entries) {
      json.begin_object();
      write_fields(json, "key", entry.key);
      json.member("cpu", entry.cpu);
      write_fields(json, "value", entry.value);
      json.end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
}

void write_registers(JsonWriter& json, const MachineOutcome& machine) {
  json.key("vcpu_regs").begin_array();
  if (machine.last_look) {
    for (const VcpuRegisters& cpu : machine.last_look->registers) {
      json.begin_object().member("cpu", cpu.cpu).member("function", printable_start(cpu.function, 200));
      write_strings(json, "registers", cpu.lines);
      json.end_object();
    }
  }
  json.end_array();
}

void write_sections(JsonWriter& json, const std::vector<Section>& sections) {
  json.key("sections").begin_array();
  for (const Section& section : sections) {
    json.begin_object().member("title", section.title);
    write_strings(json, "lines", section.lines);
    json.member("unavailable", section.unavailable).end_object();
  }
  json.end_array();
}

std::string report_text(const TestSpec& test, const RunFacts& facts, const MachineOutcome& machine,
                        const Verdict& verdict, const std::vector<Section>& sections) {
  std::string text = printable_start(test.name, 300) + ": " + outcome_name(verdict.outcome) + "\n";
  for (const std::string& line : verdict.lines) text += "  " + line + "\n";
  const std::string& release = verdict.result ? verdict.result->kernel_release : facts.kernel_release;
  text += "  kernel " + printable_start(release, 100) + ", " + test.topology.text() + ", scheduler " +
          printable_start(test.scheduler_name(), 100) + ", stage reached: " + stage_name(machine.stage) +
          "\n";
  for (const Section& section : sections) {
    text += "\n" + section.title + (section.lines.empty() ? ": none, " + section.unavailable : ":") + "\n";
    for (const std::string& line : section.lines) text += "  " + line + "\n";
  }
  return text;
}

}  // namespace

FailureDump make_failure_dump(const TestSpec& test, const RunFacts& facts, const MachineOutcome& machine,
                              const Verdict& verdict) {
  const AgentResult* result = verdict.result ? &*verdict.result : nullptr;
  const Scene scene = scene_of(machine, result);
  const std::vector<Section> sections = dump_sections(test, machine, verdict, scene);
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
  json.end_array().member("topology", test.topology.text()).member("scheduler", test.scheduler_name());
  json.member("accelerator", facts.accelerator == Accelerator::kKvm ? "kvm" : "tcg")
      .member("deterministic", facts.deterministic);
  json.member("seed", facts.seed).member("qemu_version", facts.qemu_version);
  json.member("kernel_release", result != nullptr ? result->kernel_release : facts.kernel_release);
  write_scheduler(json, result);
  write_programs(json, result);
  write_sections(json, sections);
  write_tasks(json, scene);
  write_queues(json, scene);
  write_maps(json, scene);
  write_registers(json, machine);
  json.member("sched_ext_dump", result != nullptr ? result->scene.scheduler_dump : std::string());
  json.member("scheduler_log",
              result != nullptr && result->scheduler ? result->scheduler->log : std::string());
  json.member("dmesg", result != nullptr ? result->dmesg : std::string());
  json.member("console_tail", kit::tail(machine.console_tail, kConsoleBytes)).end_object();
  return {std::move(json).finish(), report_text(test, facts, machine, verdict, sections)};
}

}  // namespace ktstr::kvm
