// SPDX-License-Identifier: Apache-2.0
//
// Which CPUs and how much memory a guest has, and how far they are from each other.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace ktstr::kvm {

/// `1n2l4c2t`: NUMA nodes, LLCs in total, cores per LLC, threads per core. What is not alike everywhere is in
/// the lists, which are empty otherwise, so that equal machines are equal objects; the numbers are then the
/// largest of each. CPUs are counted as the guest does: threads of a core are neighbours, then cores, LLCs,
/// nodes.
struct Topology {
  using Cpus = std::vector<std::uint32_t>;

  std::uint32_t numa_nodes = 1;
  std::uint32_t llcs = 1;
  std::uint32_t cores_per_llc = 2;
  std::uint32_t threads_per_core = 1;
  std::vector<std::uint32_t> llcs_of_node{};  ///< 0: a node of memory alone
  std::vector<std::uint32_t> cores_of_llc{};
  std::vector<std::uint32_t> threads_of_llc{};  ///< of each core of the LLC
  std::vector<std::uint32_t> distances{};   ///< of all nodes, row by row; empty: as Linux has it, 10 and 20
  std::vector<std::uint32_t> memory_mib{};  ///< of each node, 0: CPUs alone; empty: all have the same

  std::uint32_t llcs_in(std::uint32_t node) const;
  std::uint32_t cores_in(std::uint32_t llc) const;
  std::uint32_t threads_in(std::uint32_t llc) const;
  std::uint32_t most_llcs_of_a_node() const;
  std::uint32_t sockets() const;  ///< nodes with CPUs
  std::uint32_t cores() const;
  std::uint32_t cpus() const;
  Cpus cpus_of_core(std::uint32_t core) const;
  Cpus cpus_of_llc(std::uint32_t llc) const;
  Cpus cpus_of_node(std::uint32_t node) const;
  bool uneven() const;  ///< not every place of the largest socket, die and core has a CPU

  /// "1n2l4c2t", "1n2l3+1c1t": what a manifest may say, too.
  std::string text() const;
  bool operator==(const Topology&) const = default;
};

}  // namespace ktstr::kvm
