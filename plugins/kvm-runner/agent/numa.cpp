// SPDX-License-Identifier: Apache-2.0
#include "agent/numa.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "agent/files.hpp"
#include "agent/result.hpp"
#include "protocol/task_attributes.hpp"

namespace ktstr::agent {
namespace {

constexpr std::size_t kMostNodes = 1024, kLargestMaps = 1 << 20;

/// The nodes of the CPUs that the calling task may use.
std::set<std::uint32_t> own_nodes(const std::vector<std::vector<std::uint32_t>>& nodes) {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  ::sched_getaffinity(0, sizeof mask, &mask);
  std::set<std::uint32_t> found;
  for (std::uint32_t node = 0; node < nodes.size(); ++node) {
    const auto usable = [&](std::uint32_t cpu) { return cpu < CPU_SETSIZE && CPU_ISSET(cpu, &mask); };
    if (std::any_of(nodes[node].begin(), nodes[node].end(), usable)) found.insert(node);
  }
  return found;
}

}  // namespace

std::vector<std::uint64_t> anonymous_pages_by_node(const std::string& numa_maps) {
  std::vector<std::uint64_t> pages;
  for (std::size_t begin = 0; begin < numa_maps.size();) {
    const std::size_t end = std::min(numa_maps.find('\n', begin), numa_maps.size());
    const std::string line = numa_maps.substr(begin, end - begin);
    begin = end + 1;
    if (line.find(" anon=") == std::string::npos) continue;
    for (std::size_t at = line.find(" N"); at != std::string::npos; at = line.find(" N", at + 1)) {
      char* rest = nullptr;
      const unsigned long node = std::strtoul(line.c_str() + at + 2, &rest, 10);
      if (*rest != '=' || node >= kMostNodes) continue;
      if (pages.size() <= node) pages.resize(node + 1);
      pages[node] += std::strtoull(rest + 1, nullptr, 10);
    }
  }
  return pages;
}

std::vector<std::uint64_t> own_pages() {
  if (::access("/sys/devices/system/node/node1", F_OK) != 0) return {};
  return anonymous_pages_by_node(read_text("/proc/self/numa_maps", kLargestMaps));
}

void count_own_pages(const std::vector<std::uint64_t>& before, const kvm::Values& task_attributes,
                     kvm::WorkerNumbers& numbers) {
  const std::vector<std::uint64_t> pages = own_pages();
  if (pages.empty()) return;
  const std::vector<std::vector<std::uint32_t>> nodes = read_numa_nodes();
  const std::size_t row = kvm::find_parameter(kvm::kTaskAttributes, "nodes");
  const auto* listed =
      row < task_attributes.size() ? task_attributes[row].as<std::vector<std::uint32_t>>() : nullptr;
  const std::set<std::uint32_t> expected =
      listed != nullptr ? std::set<std::uint32_t>(listed->begin(), listed->end()) : own_nodes(nodes);
  for (std::uint32_t node = 0; node < pages.size(); ++node) {
    const std::uint64_t had = node < before.size() ? before[node] : 0,
                        more = pages[node] > had ? pages[node] - had : 0;
    numbers.numa_pages += more;
    if (expected.contains(node)) numbers.numa_pages_local += more;
  }
}

}  // namespace ktstr::agent
