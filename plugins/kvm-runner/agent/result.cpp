// SPDX-License-Identifier: Apache-2.0
#include "agent/result.hpp"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <cstring>
#include <ktstr/kit/utf8.hpp>
#include <set>

#include "agent/bpf_call.hpp"
#include "agent/files.hpp"

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

/// The struct_ops programs that are loaded, with what the verifier and the run statistics know of them.
json::array bpf_programs() {
  json::array programs;
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
      programs.emplace_back(
          json::object{{"name", valid_utf8({info.name, ::strnlen(info.name, sizeof info.name)})},
                       {"verified_insns", info.verified_insns},
                       {"run_count", static_cast<std::uint64_t>(info.run_cnt)},
                       {"run_ns", static_cast<std::uint64_t>(info.run_time_ns)}});
    }
    ::close(static_cast<int>(fd));
  }
  return programs;
}

json::object worker_object(const Workers::View& view) {
  const WorkerReport& r = *view.report;
  json::array cpus;
  for (std::size_t cpu = 0; cpu < kMaxCpus; ++cpu) {
    if ((r.cpus_used[cpu / 64] >> (cpu % 64) & 1) != 0) cpus.emplace_back(static_cast<std::uint64_t>(cpu));
  }
  json::array latencies;
  latencies.reserve(r.latencies_kept);
  for (std::uint64_t i = 0; i < r.latencies_kept; ++i) latencies.emplace_back(view.latencies[i]);
  json::array none;
  const std::uint64_t off_cpu = view.wall_time_ns > r.cpu_time_ns ? view.wall_time_ns - r.cpu_time_ns : 0;
  return {{"tid", r.tid},
          {"role", r.messenger ? "messenger" : "worker"},
          {"work_units", r.work_units},
          {"iterations", r.iterations},
          {"cpu_time_ns", r.cpu_time_ns},
          {"wall_time_ns", view.wall_time_ns},
          {"off_cpu_ns", off_cpu},
          {"migrations", r.migrations},
          {"cpus_used", std::move(cpus)},
          {"max_gap_ns", view.max_gap_ns},
          {"max_gap_cpu", r.max_gap_cpu},
          {"max_gap_at_ns", view.max_gap_at_ns},
          {"wake_latencies_ns", r.timer ? none : latencies},
          {"wake_count", r.timer ? 0 : r.latency_count},
          {"timer_latencies_ns", r.timer ? latencies : none},
          {"run_delay_ns", view.run_delay_ns},
          {"run_count", r.run_count},
          {"completed", r.completed.load()},
          {"exit", view.exit}};
}

}  // namespace

std::vector<std::uint32_t> parse_cpu_list(const std::string& text) {
  std::vector<std::uint32_t> cpus;
  const char* at = text.c_str();
  while (*at >= '0' && *at <= '9') {
    char* end = nullptr;
    const unsigned long first = std::strtoul(at, &end, 10);
    unsigned long last = first;
    if (*end == '-') last = std::strtoul(end + 1, &end, 10);
    for (unsigned long cpu = first; cpu <= last && cpu < 65536; ++cpu)
      cpus.push_back(static_cast<std::uint32_t>(cpu));
    at = *end == ',' ? end + 1 : "";
  }
  return cpus;
}

GuestTopology read_topology() {
  GuestTopology topology;
  for (std::uint32_t node = 0; node < 1024; ++node) {
    const std::string text =
        read_text(("/sys/devices/system/node/node" + std::to_string(node) + "/cpulist").c_str());
    if (!text.empty()) topology.numa_nodes.push_back(parse_cpu_list(text));
  }
  const std::vector<std::uint32_t> online = parse_cpu_list(read_text("/sys/devices/system/cpu/online"));
  if (topology.numa_nodes.empty()) topology.numa_nodes.push_back(online);
  std::set<std::vector<std::uint32_t>> llcs, cores;
  for (const std::uint32_t cpu : online) {
    std::vector<std::uint32_t> llc;
    for (int index = 4; index >= 0 && llc.empty(); --index) {  // the last level that the CPU says it has
      const std::string cache = "cache/index" + std::to_string(index) + "/";
      if (cpu_file(cpu, cache + "level") == "3")
        llc = parse_cpu_list(cpu_file(cpu, cache + "shared_cpu_list"));
    }
    if (!llc.empty()) llcs.insert(llc);
    cores.insert(parse_cpu_list(cpu_file(cpu, "topology/thread_siblings_list")));
  }
  topology.llcs.assign(llcs.begin(), llcs.end());
  topology.cores.assign(cores.begin(), cores.end());
  return topology;
}

std::string result_text(const std::string& outcome, const std::string& message, const Spec* spec,
                        const Scheduler* scheduler, const Scenario* scenario, const Workers* workers) {
  utsname name{};
  ::uname(&name);
  const GuestTopology topology = read_topology();
  json::object result{{"version", 1},
                      {"outcome", outcome},
                      {"message", valid_utf8(message)},
                      {"kernel_release", name.release},
                      {"topology", json::object{{"numa_nodes", lists(topology.numa_nodes)},
                                                {"llcs", lists(topology.llcs)},
                                                {"cores", lists(topology.cores)}}}};
  json::value& scheduler_value = result["scheduler"];
  if (scheduler != nullptr) {
    scheduler_value = {{"ops", valid_utf8(Scheduler::ops())},
                       {"state", Scheduler::state()},
                       {"switch_all", Scheduler::switch_all()},
                       {"attach_ns", scheduler->attach_ns()},
                       {"exit_status", scheduler->exit_status() ? json::value(*scheduler->exit_status())
                                                                : json::value(nullptr)},
                       {"exit_reason", valid_utf8(scheduler->exit_reason())},
                       {"cause", scheduler->cause()},
                       {"switched", scenario == nullptr ? 0 : scenario->switched},
                       {"log", valid_utf8(scheduler->log())}};
  }
  json::value& scenario_value = result["scenario"];
  if (scenario != nullptr && spec != nullptr && workers != nullptr) {
    json::array cgroups;
    for (std::size_t c = 0; c < spec->cgroups.size(); ++c) {
      json::array reports;
      for (const Workers::View& view : workers->of_cgroup(c)) reports.emplace_back(worker_object(view));
      const CgroupSpec& cgroup = spec->cgroups[c];
      cgroups.emplace_back(json::object{
          {"name", cgroup.name},
          {"cpuset", cgroup.cpuset ? json::value(json::array(cgroup.cpuset->begin(), cgroup.cpuset->end()))
                                   : json::value(nullptr)},
          {"workers", std::move(reports)}});
    }
    scenario_value = {
        {"start_ns", scenario->start_ns}, {"end_ns", scenario->end_ns}, {"cgroups", std::move(cgroups)}};
  }
  result["bpf_programs"] = scheduler != nullptr ? bpf_programs() : json::array();
  result["dmesg"] = outcome == "ok" ? std::string() : valid_utf8(kernel_log(16 << 10));
  return json::serialize(result);
}

}  // namespace ktstr::agent
