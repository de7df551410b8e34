// SPDX-License-Identifier: Apache-2.0
#include "judge/topology_check.hpp"

#include <algorithm>

namespace ktstr::kvm {
namespace {

using Groups = std::vector<std::vector<std::uint32_t>>;

std::string text(const Groups& groups) {
  constexpr std::size_t kMostGroups = 8, kMostCpus = 16;
  std::string out = "[";
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i > 0) out += ", ";
    if (i == kMostGroups) return out + "…]";
    out += '[';
    for (std::size_t j = 0; j < groups[i].size(); ++j) {
      if (j > 0) out += ' ';
      if (j == kMostCpus) {
        out += "…";
        break;
      }
      out += std::to_string(groups[i][j]);
    }
    out += ']';
  }
  return out + ']';
}

void compare(const char* what, const Topology& topology, Groups wanted, Groups seen, Findings& findings) {
  std::sort(wanted.begin(), wanted.end());
  std::sort(seen.begin(), seen.end());
  if (wanted == seen) return;
  findings.fail("the guest does not have the topology " + topology_text(topology) + ": " + what +
                " should be " + text(wanted) + ", it sees " + text(seen));
}

}  // namespace

void judge_topology(const Topology& wanted, const std::vector<std::uint32_t>& online,
                    const GuestTopology& seen, Findings& findings) {
  const auto add = [&](Groups& groups, std::vector<std::uint32_t> cpus) {
    std::erase_if(cpus, [&](std::uint32_t cpu) {
      return std::find(online.begin(), online.end(), cpu) == online.end();
    });
    if (!cpus.empty()) groups.push_back(std::move(cpus));
  };
  Groups nodes, llcs, cores, seen_nodes = seen.numa_nodes;
  std::erase_if(seen_nodes,
                [](const auto& cpus) { return cpus.empty(); });  // a node whose CPUs are all offline
  for (std::uint32_t i = 0; i < wanted.numa_nodes; ++i) add(nodes, cpus_of_node(wanted, i));
  for (std::uint32_t i = 0; i < wanted.llcs; ++i) add(llcs, cpus_of_llc(wanted, i));
  for (std::uint32_t i = 0; i < wanted.llcs * wanted.cores_per_llc; ++i) add(cores, cpus_of_core(wanted, i));
  compare("NUMA nodes", wanted, nodes, seen_nodes, findings);
  compare("last-level caches", wanted, llcs, seen.llcs, findings);
  compare("cores", wanted, cores, seen.cores, findings);
}

}  // namespace ktstr::kvm
