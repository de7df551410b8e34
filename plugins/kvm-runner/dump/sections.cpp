// SPDX-License-Identifier: Apache-2.0
#include "dump/sections.hpp"

#include <algorithm>
#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/text.hpp>

#include "judge/scheduler_end.hpp"

namespace ktstr::kvm {
namespace {

constexpr std::size_t kSectionLines = 400, kSectionLine = 400, kSectionWorkers = 128, kSectionFields = 48;

std::string as_ms(std::uint64_t ns) { return fixed(static_cast<double>(ns) / 1e6, 1) + " ms"; }

/// The last lines of a text, each safe to show.
std::vector<std::string> section_lines(std::string_view text, std::size_t most) {
  std::vector<std::string> lines;
  for (std::string& line : kit::lines(text)) {
    if (line.ends_with('\r')) line.pop_back();
    if (!without_margins(line).empty()) lines.push_back(printable_start(line, kSectionLine));
  }
  if (lines.size() > most) lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(most));
  return lines;
}

std::string worker_line(const std::string& cgroup, const WorkerReport& worker, std::uint64_t start_ns) {
  std::string line = cgroup + " " + std::to_string(worker.tid) +
                     (worker.completed ? "" : " (" + printable_start(worker.exit, 60) + ")") + ": " +
                     std::to_string(worker.iterations) + " rounds, ran " + as_ms(worker.cpu_time_ns) +
                     ", waited to run " + as_ms(worker.run_delay_ns) + ", longest gap " +
                     as_ms(worker.max_gap_ns);
  if (worker.max_gap_at_ns > start_ns)
    line +=
        " until " + as_ms(worker.max_gap_at_ns - start_ns) + " on CPU " + std::to_string(worker.max_gap_cpu);
  line += ", CPUs";
  for (std::size_t i = 0; i < worker.cpus_used.size() && i < 16; ++i)
    line += ' ' + std::to_string(worker.cpus_used[i]);
  return line + (worker.cpus_used.size() > 16 ? " …" : worker.cpus_used.empty() ? " none" : "");
}

Section workers_section(const AgentResult* result) {
  Section section{"workers", {}, {}};
  if (result == nullptr || !result->scenario) {
    section.unavailable = result == nullptr ? "the guest left no result" : "none was released";
    return section;
  }
  // Those that got least of what they waited for come first.
  std::vector<std::pair<const CgroupReport*, const WorkerReport*>> workers;
  for (const CgroupReport& cgroup : result->scenario->cgroups) {
    for (const WorkerReport& worker : cgroup.workers) workers.emplace_back(&cgroup, &worker);
  }
  std::stable_sort(workers.begin(), workers.end(), [](const auto& a, const auto& b) {
    if (a.second->completed != b.second->completed) return b.second->completed;
    return a.second->max_gap_ns > b.second->max_gap_ns;
  });
  for (const auto& [cgroup, worker] : workers) {
    if (section.lines.size() >= kSectionWorkers) break;
    section.lines.push_back(
        worker_line(printable_start(cgroup->name, 60), *worker, result->scenario->start_ns));
  }
  return section;
}

Section tasks_section(const Scene& scene) {
  Section section{
      scene.tasks_from_outside ? "tasks, read from outside (stacks are what looks like one)" : "tasks",
      {},
      scene.tasks.empty() ? scene.no_tasks : std::string()};
  for (const SceneTask& task : scene.tasks) {
    section.lines.push_back(task.name + " " + std::to_string(task.tid) + ": " + task.state +
                            (task.cpu ? ", CPU " + std::to_string(*task.cpu) : "") +
                            (task.policy.empty() ? "" : ", " + task.policy) +
                            (task.wchan.empty() ? "" : ", waits in " + task.wchan));
    for (const std::string& function : task.stack) section.lines.push_back("    " + function);
  }
  return section;
}

Section queues_section(const Scene& scene, const AgentResult* result) {
  Section section{"run queues", {}, scene.queues ? std::string() : scene.no_queues};
  if (!scene.queues) return section;
  if (scene.queues_at_end) {
    section.title += ", when the guest ended";
  } else if (result != nullptr && result->scenario && scene.queues->at_ns > result->scenario->start_ns) {
    section.title += ", " + as_ms(scene.queues->at_ns - result->scenario->start_ns) + " into the scenario";
  }
  for (std::size_t cpu = 0; cpu < scene.queues->cpus.size(); ++cpu) {
    const std::optional<CpuReading>& queue = scene.queues->cpus[cpu];
    std::string line = "CPU " + std::to_string(cpu) + ": ";
    if (!queue) {
      section.lines.push_back(line + "offline");
      continue;
    }
    line += std::to_string(queue->nr_running) + " can run, current " + printable_start(queue->name, 32) +
            " " + std::to_string(queue->pid) + ", clock " + as_ms(queue->clock);
    if (queue->local_dsq) line += ", " + std::to_string(*queue->local_dsq) + " in the local DSQ";
    section.lines.push_back(std::move(line));
  }
  return section;
}

std::string key_text(const SceneMap& map, const SceneMap::Entry& entry) {
  std::string text;
  for (const BtfField& field : entry.key)
    text += (text.empty() ? "" : ", ") + (field.path.empty() ? field.text : field.path + " " + field.text);
  if (map.max_entries == 1 && map.type.ends_with("array")) text.clear();
  if (entry.cpu) text += (text.empty() ? "CPU " : ", CPU ") + std::to_string(*entry.cpu);
  return text.empty() ? text : "[" + text + "] ";
}

Section maps_section(const Scene& scene) {
  Section section{"BPF maps", {}, scene.maps.empty() ? scene.no_maps : std::string()};
  for (const SceneMap& map : scene.maps) {
    section.lines.push_back(map.name + " (" + map.type + " of " +
                            counted(map.max_entries, "entry", "entries") +
                            (map.entries.empty() ? ", not read)" : ")"));
    for (const SceneMap::Entry& entry : map.entries) {
      const std::string key = key_text(map, entry);
      std::size_t zeros = 0, shown = 0;
      for (const BtfField& field : entry.value) {
        if (field.text == "0" || field.text == "false" || field.text == "\"\"" || field.text == "0x0")
          ++zeros;
        else if (++shown <= kSectionFields)
          section.lines.push_back("    " + key + field.path + (field.path.empty() ? "" : " = ") + field.text);
      }
      if (zeros > 0) section.lines.push_back("    " + key + counted(zeros, "field is", "fields are") + " 0");
    }
  }
  return section;
}

Section registers_section(const MachineOutcome& machine, const Scene& scene) {
  Section section{"virtual CPUs", {}, scene.no_registers};
  if (!machine.last_look) return section;
  for (const VcpuRegisters& cpu : machine.last_look->registers) {
    section.lines.push_back("CPU " + std::to_string(cpu.cpu) +
                            (cpu.function.empty() ? "" : " in " + printable_start(cpu.function, 120)));
    for (const std::string& line : cpu.lines) section.lines.push_back("    " + line);
    for (const std::string& function : cpu.stack)
      section.lines.push_back("    on its stack: " + printable_start(function, 120));
  }
  return section;
}

}  // namespace

std::vector<Section> dump_sections(const TestSpec& test, const MachineOutcome& machine,
                                   const Verdict& verdict, const Scene& scene) {
  const AgentResult* result = verdict.result ? &*verdict.result : nullptr;
  std::vector<Section> sections{workers_section(result), tasks_section(scene), queues_section(scene, result)};
  if (test.scheduler) {
    Section dump{"the kernel's dump of the scheduler", {}, {}};
    if (result != nullptr) dump.lines = section_lines(result->scene.scheduler_dump, kSectionLines);
    if (dump.lines.empty()) dump.unavailable = "the kernel made none: it did not eject the scheduler";
    sections.push_back(std::move(dump));
    sections.push_back(maps_section(scene));
    const std::vector<std::string> log =
        verifier_log(result != nullptr && result->scheduler ? result->scheduler->log : std::string());
    if (!log.empty()) sections.push_back({"verifier", log, {}});
  }
  sections.push_back(registers_section(machine, scene));
  if (result != nullptr && result->scheduler)
    sections.push_back({"scheduler's output", section_lines(result->scheduler->log, 60), {}});
  if (result != nullptr && !result->dmesg.empty())
    sections.push_back({"kernel messages", section_lines(result->dmesg, 60), {}});
  sections.push_back({"console", section_lines(machine.console_tail, 60), {}});
  for (Section& section : sections) {
    if (section.lines.empty()) continue;
    section.unavailable.clear();
    if (section.lines.size() <= kSectionLines) continue;
    section.lines.resize(kSectionLines);
    section.lines.emplace_back("…");
  }
  std::erase_if(sections, [](const Section& one) { return one.lines.empty() && one.unavailable.empty(); });
  return sections;
}

}  // namespace ktstr::kvm
