// SPDX-License-Identifier: Apache-2.0
#include "agent/result.hpp"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/utf8.hpp>
#include <set>

#include "agent/bpf_call.hpp"
#include "agent/bpf_map_dump.hpp"
#include "agent/files.hpp"
#include "agent/play.hpp"
#include "agent/result_writer.hpp"
#include "agent/scene.hpp"
#include "agent/scheduler.hpp"
#include "protocol/cpu_list.hpp"

namespace ktstr::agent {
namespace {

namespace json = boost::json;

std::string cpu_file(std::uint32_t cpu, const std::string& rest) {
  return read_text(("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/" + rest).c_str());
}

json::array lists(const std::vector<std::vector<std::uint32_t>>& groups) {
  json::array out;
  for (const auto& group : groups) out.emplace_back(json::array(group.begin(), group.end()));
  return out;
}

/// With what they had done when the scenario began, as far as they were there.
json::array bpf_programs(const ScenarioEnd* end) {
  json::array programs;
  for (const BpfProgramView& program : read_bpf_programs()) {
    BpfProgramView before;
    for (const BpfProgramView& one : end != nullptr ? end->programs_before : std::vector<BpfProgramView>()) {
      if (one.id == program.id) before = one;
    }
    programs.emplace_back(object_of(kvm::BpfProgram{program.name, program.verified_insns, program.run_count,
                                                    program.run_ns, before.run_count, before.run_ns}));
  }
  return programs;
}

json::object worker_object(const Workers::View& view, const kvm::WorkType& type) {
  KTSTR_ASSERT(view.report != nullptr);
  const WorkerReport& r = *view.report;
  json::array cpus;
  for (std::size_t cpu = 0; cpu < kMaxCpus; ++cpu) {
    if ((r.cpus_used[cpu / 64] >> (cpu % 64) & 1) != 0) cpus.emplace_back(static_cast<std::uint64_t>(cpu));
  }
  json::object worker{{"tid", r.tid}, {"cpus_used", std::move(cpus)}};
  for (const kvm::WorkerNumber& number : kvm::kWorkerNumbers)
    worker[number.name] = view.numbers.*number.member;
  json::object& samples = worker["samples"].emplace_object();
  for (std::size_t d = 0; d < type.samples.size(); ++d) {
    if (type.samples[d].empty()) continue;
    samples[type.samples[d]] = {{"seen", r.samples[d].seen},
                                {"kept", json::array(view.samples[d].begin(), view.samples[d].end())}};
  }
  json::object& counts = worker["counts"].emplace_object();
  for (std::size_t c = 0; c < type.counts.size(); ++c) {
    if (!type.counts[c].empty()) counts[type.counts[c]] = r.counts[c];
  }
  worker["completed"] = r.completed.load();
  worker["exit"] = view.exit;
  return worker;
}

json::array buckets_of(const kvm::Buckets& filled) {
  json::array buckets;
  for (const auto& [bucket, count] : filled) buckets.emplace_back(json::array{bucket, count});
  return buckets;
}

json::object progress_of(const Workers::Progress& progress, const kvm::WorkType& type) {
  json::object samples;
  for (std::size_t d = 0; d < type.samples.size(); ++d) {
    if (!type.samples[d].empty()) samples[type.samples[d]] = buckets_of(progress.samples[d]);
  }
  json::object set =
      object_of(kvm::SetNumbers{progress.iterations, progress.migrations, progress.run_delay_ns});
  set["samples"] = std::move(samples);
  return set;
}

json::object counters_of(const CounterReading& reading) {
  json::object totals, by_cpu;
  for (std::size_t i = 0; i < kvm::kCounters.size(); ++i) {
    const std::string_view name = kvm::kCounters[i].name;
    if (reading.totals[i]) totals[name] = *reading.totals[i];
    if (!reading.by_cpu[i].empty())
      by_cpu[name] = json::array(reading.by_cpu[i].begin(), reading.by_cpu[i].end());
  }
  return {{"totals", std::move(totals)}, {"by_cpu", std::move(by_cpu)}};
}

json::array marks_of(const Play& play) {
  json::array marks;
  for (const Mark& mark : play.marks()) {
    KTSTR_ASSERT(mark.sets.size() <= play.scenario().sets.size());
    json::array sets;
    for (std::size_t s = 0; s < mark.sets.size(); ++s)
      sets.emplace_back(progress_of(mark.sets[s], *play.scenario().sets[s].work.type));
    marks.emplace_back(json::object{{"at_ns", mark.at_ns},
                                    {"label", valid_utf8(mark.label)},
                                    {"sets", std::move(sets)},
                                    {"counters", counters_of(mark.counters)}});
  }
  return marks;
}

json::array payloads_of(const Payloads& payloads) {
  json::array runs;
  for (const Payloads::Run& run : payloads.runs()) {
    KTSTR_ASSERT(run.output != nullptr && run.errors != nullptr);
    kvm::PayloadRun told{run.payload,       {}, {}, run.stopped, run.start_ns, run.end_ns, run.output->text(),
                         run.errors->text()};
    if (WIFEXITED(run.status))
      told.exit_status = WEXITSTATUS(run.status);
    else
      told.signal = WTERMSIG(run.status);
    runs.emplace_back(object_of(told));
  }
  return runs;
}

/// [[time, rounds of each set…], …]
json::array pulses_of(const Play& play) {
  json::array pulses;
  for (const Pulse& pulse : play.pulses()) {
    KTSTR_ASSERT(pulse.rounds.size() == play.scenario().sets.size());
    json::array numbers{pulse.at_ns};
    for (const std::uint64_t rounds : pulse.rounds) numbers.emplace_back(rounds);
    pulses.emplace_back(std::move(numbers));
  }
  return pulses;
}

json::array snapshots_of(const Play& play) {
  json::array snapshots;
  for (const Snapshot& snapshot : play.snapshots()) {
    json::object values;
    for (const auto& [name, number] : snapshot.values) values[valid_utf8(name)] = number;
    snapshots.emplace_back(
        json::object{{"name", snapshot.name}, {"at_ns", snapshot.at_ns}, {"values", std::move(values)}});
  }
  return snapshots;
}

template <typename Rows>
json::array rows_of(const Rows& rows) {
  json::array out;
  for (const auto& row : rows) out.emplace_back(object_of(row));
  return out;
}

kvm::SchedulerReport report_of(const Scheduler& scheduler, const ScenarioEnd* end) {
  kvm::SchedulerReport report;
  report.name = scheduler.name();
  report.ops = Scheduler::ops();
  report.state = Scheduler::state();
  report.switch_all = Scheduler::switch_all();
  report.attach_ns = scheduler.attach_ns();
  if (scheduler.exit_status()) report.exit_status = *scheduler.exit_status();
  report.exit_reason = scheduler.exit_reason();
  report.cause = scheduler.cause();
  report.switched = end == nullptr ? 0 : end->switched;
  report.log = scheduler.log();
  return report;
}

json::value scenario_value(const ScenarioEnd& end) {
  json::array sets;
  for (std::size_t s = 0; s < end.scenario->sets.size(); ++s) {
    json::array workers;
    for (const Workers::View& view : end.workers->of_set(s))
      workers.emplace_back(worker_object(view, *end.scenario->sets[s].work.type));
    sets.emplace_back(std::move(workers));
  }
  return {{"start_ns", end.play->start_ns()},       {"end_ns", end.play->end_ns()},
          {"burst_before_ns", end.burst_before_ns}, {"burst_after_ns", end.burst_after_ns},
          {"marks", marks_of(*end.play)},           {"pulses", pulses_of(*end.play)},
          {"snapshots", snapshots_of(*end.play)},   {"payloads", payloads_of(end.play->payloads())},
          {"readings", rows_of(end.readings)},      {"sets", std::move(sets)}};
}

}  // namespace

std::vector<BpfProgramView> read_bpf_programs() {
  std::vector<BpfProgramView> programs;
  bpf_attr next{};
  for (int i = 0; i < 4096; ++i) {
    if (bpf_call(BPF_PROG_GET_NEXT_ID, next) != 0) break;
    const std::uint32_t id = next.next_id;
    next.start_id = id;
    bpf_attr open{};
    open.prog_id = id;
    const long fd = bpf_call(BPF_PROG_GET_FD_BY_ID, open);
    if (fd < 0) continue;
    bpf_prog_info info{};
    bpf_attr get{};
    get.info.bpf_fd = static_cast<std::uint32_t>(fd);
    get.info.info_len = sizeof info;
    get.info.info = reinterpret_cast<std::uintptr_t>(&info);
    if (bpf_call(BPF_OBJ_GET_INFO_BY_FD, get) == 0 && info.type == BPF_PROG_TYPE_STRUCT_OPS) {
      programs.push_back({id, valid_utf8({info.name, ::strnlen(info.name, sizeof info.name)}),
                          info.verified_insns, info.run_cnt, info.run_time_ns});
    }
    ::close(static_cast<int>(fd));
  }
  return programs;
}

std::vector<std::vector<std::uint32_t>> read_numa_nodes() {
  std::vector<std::vector<std::uint32_t>> nodes;
  for (const std::uint32_t node : kvm::parse_cpu_list(read_text("/sys/devices/system/node/online"))) {
    const std::string text =
        read_text(("/sys/devices/system/node/node" + std::to_string(node) + "/cpulist").c_str());
    nodes.push_back(kvm::parse_cpu_list(text));  // none: memory alone, or all CPUs offline
  }
  return nodes;
}

std::vector<std::vector<std::uint32_t>> read_distances() {
  std::vector<std::vector<std::uint32_t>> rows;
  for (const std::uint32_t node : kvm::parse_cpu_list(read_text("/sys/devices/system/node/online"))) {
    const std::string text =
        read_text(("/sys/devices/system/node/node" + std::to_string(node) + "/distance").c_str());
    std::vector<std::uint32_t>& row = rows.emplace_back();
    char* rest = nullptr;
    for (const char* at = text.c_str(); *at >= '0' && *at <= '9'; at = *rest == ' ' ? rest + 1 : rest)
      row.push_back(static_cast<std::uint32_t>(std::strtoul(at, &rest, 10)));
  }
  return rows;
}

GuestTopology read_topology() {
  GuestTopology topology;
  topology.numa_nodes = read_numa_nodes();
  const std::vector<std::uint32_t> online = kvm::parse_cpu_list(read_text("/sys/devices/system/cpu/online"));
  if (topology.numa_nodes.empty()) topology.numa_nodes.push_back(online);
  if (topology.numa_nodes.size() > 1) topology.distances = read_distances();
  std::set<std::vector<std::uint32_t>> llcs, cores;
  for (const std::uint32_t cpu : online) {
    std::vector<std::uint32_t> llc;
    for (int index = 4; index >= 0 && llc.empty(); --index) {  // the last level that the CPU says it has
      const std::string cache = "cache/index" + std::to_string(index) + "/";
      if (cpu_file(cpu, cache + "level") == "3")
        llc = kvm::parse_cpu_list(cpu_file(cpu, cache + "shared_cpu_list"));
    }
    if (!llc.empty()) llcs.insert(llc);
    cores.insert(kvm::parse_cpu_list(cpu_file(cpu, "topology/thread_siblings_list")));
  }
  topology.llcs.assign(llcs.begin(), llcs.end());
  topology.cores.assign(cores.begin(), cores.end());
  return topology;
}

std::string result_text(kvm::AgentOutcome outcome, const std::string& message, const Scheduler* scheduler,
                        const ScenarioEnd* end, const std::vector<kvm::GuestTask>& tasks,
                        const std::string& trace) {
  utsname name{};
  ::uname(&name);
  const GuestTopology topology = read_topology();
  const bool fine = outcome == kvm::AgentOutcome::kOk;
  json::object result{{"version", 1},
                      {"outcome", kvm::word_of(outcome)},
                      {"message", valid_utf8(message)},
                      {"kernel_release", name.release},
                      {"topology", json::object{{"numa_nodes", lists(topology.numa_nodes)},
                                                {"llcs", lists(topology.llcs)},
                                                {"cores", lists(topology.cores)},
                                                {"distances", lists(topology.distances)}}}};
  result["scheduler"] =
      scheduler != nullptr ? json::value(object_of(report_of(*scheduler, end))) : json::value(nullptr);
  result["scenario"] = end != nullptr ? scenario_value(*end) : json::value(nullptr);
  result["bpf_programs"] = scheduler != nullptr ? bpf_programs(end) : json::array();
  result["bpf_maps"] = scheduler != nullptr ? json::value(read_bpf_maps()) : json::value(nullptr);
  result["tasks"] = rows_of(tasks);
  result["trace"] = valid_utf8(trace);
  result["scheduler_dump"] = fine ? std::string() : valid_utf8(scheduler_dump());
  result["dmesg"] = fine ? std::string() : valid_utf8(kernel_log(16 << 10));
  return json::serialize(result);
}

}  // namespace ktstr::agent
