// SPDX-License-Identifier: Apache-2.0
#include "runner/performance_plan.hpp"

#include <algorithm>
#include <charconv>
#include <ktstr/kit/read_file.hpp>
#include <set>
#include <string_view>

#include "protocol/cpu_list.hpp"

namespace ktstr::kvm {
namespace {

constexpr std::uint64_t kHugePage = 2U << 20U;
constexpr std::uint32_t kMostNodes = 1024;

std::uint32_t number_of(std::string_view text) {
  std::uint32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

void plan_cpus(const Topology& topology, const std::vector<std::uint32_t>& cpus, const PerformanceHost& host,
               PerformancePlan& plan) {
  std::size_t all = 0;
  for (const auto& llc : host.llcs) all += llc.size();
  if (cpus.size() < topology.cpus()) {
    plan.lacking.push_back("its " + std::to_string(topology.cpus()) + " vCPUs are bound to no host CPU: " +
                           std::to_string(cpus.size()) + " of " + std::to_string(all) + " are its own");
    return;
  }
  if (llcs_for(topology, host.llcs).empty())
    plan.lacking.push_back("its " + std::to_string(topology.llcs) +
                           " LLCs are not LLCs of the host: of those that are large enough it has too few");
  plan.host.cpus.assign(cpus.begin(), cpus.begin() + topology.cpus());
  plan.host.real_time = all > topology.cpus();
  if (!plan.host.real_time)
    plan.lacking.push_back(
        "vCPUs do not run in real-time order: no CPU of the host is left for QEMU's other threads");
}

void plan_memory(const std::vector<std::uint64_t>& memory_bytes, const PerformanceHost& host,
                 PerformancePlan& plan) {
  std::uint64_t pages = 0;
  for (const std::uint64_t bytes : memory_bytes) pages += (bytes + kHugePage - 1) / kHugePage;
  const bool whole = std::all_of(memory_bytes.begin(), memory_bytes.end(),
                                 [](std::uint64_t bytes) { return bytes % kHugePage == 0; });
  plan.host.huge_pages = whole && pages <= host.free_huge_pages;
  if (!plan.host.huge_pages)
    plan.lacking.push_back("its memory is of small pages: it takes " + std::to_string(pages) +
                           " huge ones of 2 MiB, " + std::to_string(host.free_huge_pages) +
                           " are free (sysctl vm.nr_hugepages)");
  std::set<std::uint32_t> nodes;
  for (std::uint32_t node = 0; node < host.nodes.size(); ++node) {
    for (const std::uint32_t cpu : host.nodes[node]) {
      if (std::find(plan.host.cpus.begin(), plan.host.cpus.end(), cpu) != plan.host.cpus.end())
        nodes.insert(node);
    }
  }
  plan.host.memory_nodes.assign(nodes.begin(), nodes.end());
}

}  // namespace

std::vector<std::size_t> llcs_for(const Topology& topology, const HostLlcs& host) {
  std::vector<std::size_t> chosen;
  for (std::uint32_t llc = 0; llc < topology.llcs; ++llc) {
    const std::size_t wanted = topology.cpus_of_llc(llc).size();
    std::size_t found = 0;
    while (found < host.size() &&
           (host[found].size() < wanted || std::find(chosen.begin(), chosen.end(), found) != chosen.end()))
      ++found;
    if (found == host.size()) return {};
    chosen.push_back(found);
  }
  return chosen;
}

PerformancePlan plan_performance(const Topology& topology, const std::vector<std::uint32_t>& cpus,
                                 const std::vector<std::uint64_t>& memory_bytes,
                                 const PerformanceHost& host) {
  PerformancePlan plan;
  plan_cpus(topology, cpus, host, plan);
  plan_memory(memory_bytes, host, plan);
  return plan;
}

PerformanceHost performance_host(const HostLlcs& llcs) {
  PerformanceHost host;
  host.llcs = llcs;
  for (const std::uint32_t node : parse_cpu_list(kit::text_of("/sys/devices/system/node/has_cpu"))) {
    if (node >= kMostNodes) break;
    host.nodes.resize(node + 1);
    host.nodes[node] =
        parse_cpu_list(kit::text_of("/sys/devices/system/node/node" + std::to_string(node) + "/cpulist"));
  }
  host.free_huge_pages = number_of(kit::text_of("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages"));
  return host;
}

}  // namespace ktstr::kvm
