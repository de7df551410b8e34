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

void compare_in_order(const char* what, const Topology& topology, const Groups& wanted, const Groups& seen,
                      Findings& findings) {
  if (wanted == seen) return;
  findings.fail("the guest does not have the topology " + topology.text() + ": " + what + " should be " +
                text(wanted) + ", it sees " + text(seen));
}

void compare(const char* what, const Topology& topology, Groups wanted, Groups seen, Findings& findings) {
  std::sort(wanted.begin(), wanted.end());
  std::sort(seen.begin(), seen.end());
  compare_in_order(what, topology, wanted, seen, findings);
}

Groups rows_of_distances(const Topology& topology) {
  Groups rows;
  const std::uint32_t nodes = topology.numa_nodes;
  for (auto row = topology.distances.begin(); row != topology.distances.end(); row += nodes)
    rows.emplace_back(row, row + nodes);
  return rows;
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
  std::erase(seen_nodes, std::vector<std::uint32_t>{});  // of memory alone, or with all CPUs offline
  for (std::uint32_t i = 0; i < wanted.numa_nodes; ++i) add(nodes, wanted.cpus_of_node(i));
  for (std::uint32_t i = 0; i < wanted.llcs; ++i) add(llcs, wanted.cpus_of_llc(i));
  for (std::uint32_t i = 0; i < wanted.cores(); ++i) add(cores, wanted.cpus_of_core(i));
  compare("NUMA nodes", wanted, nodes, seen_nodes, findings);
  compare("last-level caches", wanted, llcs, seen.llcs, findings);
  compare("cores", wanted, cores, seen.cores, findings);
  if (!wanted.distances.empty())
    compare_in_order("distances of NUMA nodes", wanted, rows_of_distances(wanted), seen.distances, findings);
  const bool kernel_knows_nodes = wanted.numa_nodes > 1 && seen.numa_nodes.size() > 1;
  if (kernel_knows_nodes && seen.numa_nodes.size() != wanted.numa_nodes)
    findings.fail("the guest does not have the topology " + wanted.text() + ": it sees " +
                  std::to_string(seen.numa_nodes.size()) + " of " + std::to_string(wanted.numa_nodes) +
                  " NUMA nodes");
}

}  // namespace ktstr::kvm
