// SPDX-License-Identifier: Apache-2.0
#include "runner/host_cpus.hpp"

#include <sched.h>

#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/read_file.hpp>
#include <map>

namespace ktstr::kvm {

HostLlcs group_by_llc(const std::vector<std::uint32_t>& allowed,
                      const std::function<std::string(const std::string&)>& text_of_file) {
  std::map<std::string, std::vector<std::uint32_t>> groups;
  for (const std::uint32_t cpu : allowed) {
    const std::string directory = "cpu" + std::to_string(cpu) + "/";
    std::string group = text_of_file(directory + "cache/index3/shared_cpu_list");
    if (group.empty()) group = text_of_file(directory + "topology/package_cpus_list");
    groups[group].push_back(cpu);
  }
  std::map<std::uint32_t, std::vector<std::uint32_t>> by_first_cpu;
  for (auto& [name, cpus] : groups) by_first_cpu[cpus.front()] = std::move(cpus);
  HostLlcs llcs;
  for (auto& [first, cpus] : by_first_cpu) llcs.push_back(std::move(cpus));
  KTSTR_ASSERT(llcs.size() == groups.size());
  return llcs;
}

HostLlcs host_llcs() {
  std::vector<std::uint32_t> allowed;
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (::sched_getaffinity(0, sizeof mask, &mask) != 0) CPU_SET(0, &mask);
  for (std::uint32_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &mask)) allowed.push_back(cpu);
  }
  return group_by_llc(
      allowed, [](const std::string& name) { return kit::text_of("/sys/devices/system/cpu/" + name); });
}

}  // namespace ktstr::kvm
