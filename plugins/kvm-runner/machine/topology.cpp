// SPDX-License-Identifier: Apache-2.0
#include "machine/topology.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <numeric>

namespace ktstr::kvm {
namespace {

using Numbers = std::vector<std::uint32_t>;

std::string joined(const Numbers& numbers) {
  std::string text;
  for (const std::uint32_t number : numbers) text += (text.empty() ? "" : "+") + std::to_string(number);
  return text;
}

std::string part(const Numbers& each, std::uint32_t all, char letter) {
  return (each.empty() ? std::to_string(all) : joined(each)) + letter;
}

/// As short as it can be said: one for all pairs, one for each pair, one for each direction of a pair.
std::string distances_text(const Numbers& distances, std::uint32_t nodes) {
  Numbers pairs, ways;
  bool same_back = true;
  for (std::uint32_t from = 0; from < nodes; ++from) {
    for (std::uint32_t to = 0; to < nodes; ++to) {
      const std::uint32_t there = distances[from * nodes + to], back = distances[to * nodes + from];
      if (from != to) ways.push_back(there);
      if (from < to) pairs.push_back(there);
      same_back = same_back && there == back;
    }
  }
  const bool one = std::adjacent_find(ways.begin(), ways.end(), std::not_equal_to<>()) == ways.end();
  return joined(one ? Numbers{ways.front()} : same_back ? pairs : ways) + 'd';
}

Topology::Cpus range(std::uint32_t first, std::uint32_t count) {
  Topology::Cpus cpus(count);
  std::iota(cpus.begin(), cpus.end(), first);
  return cpus;
}

}  // namespace

std::uint32_t Topology::llcs_in(std::uint32_t node) const {
  KTSTR_ASSERT(node < numa_nodes && (!llcs_of_node.empty() || llcs % numa_nodes == 0));
  return llcs_of_node.empty() ? llcs / numa_nodes : llcs_of_node.at(node);
}

std::uint32_t Topology::cores_in(std::uint32_t llc) const {
  KTSTR_ASSERT(llc < llcs);
  return cores_of_llc.empty() ? cores_per_llc : cores_of_llc.at(llc);
}

std::uint32_t Topology::threads_in(std::uint32_t llc) const {
  KTSTR_ASSERT(llc < llcs);
  return threads_of_llc.empty() ? threads_per_core : threads_of_llc.at(llc);
}

std::uint32_t Topology::most_llcs_of_a_node() const {
  return llcs_of_node.empty() ? llcs / numa_nodes
                              : *std::max_element(llcs_of_node.begin(), llcs_of_node.end());
}

std::uint32_t Topology::sockets() const {
  const auto without = std::count(llcs_of_node.begin(), llcs_of_node.end(), 0U);
  KTSTR_ASSERT(without < numa_nodes);
  return numa_nodes - static_cast<std::uint32_t>(without);
}

std::uint32_t Topology::cores() const {
  return cores_of_llc.empty() ? llcs * cores_per_llc
                              : std::accumulate(cores_of_llc.begin(), cores_of_llc.end(), 0U);
}

std::uint32_t Topology::cpus() const {
  if (cores_of_llc.empty() && threads_of_llc.empty()) return llcs * cores_per_llc * threads_per_core;
  std::uint32_t sum = 0;
  for (std::uint32_t llc = 0; llc < llcs; ++llc) sum += cores_in(llc) * threads_in(llc);
  return sum;
}

Topology::Cpus Topology::cpus_of_core(std::uint32_t core) const {
  std::uint32_t first = 0;
  for (std::uint32_t llc = 0; llc < llcs; ++llc) {
    const std::uint32_t here = cores_in(llc), threads = threads_in(llc);
    if (core < here) return range(first + core * threads, threads);
    core -= here;
    first += here * threads;
  }
  KTSTR_ASSERT(false && "the topology has such a core");
  return {};
}

Topology::Cpus Topology::cpus_of_llc(std::uint32_t llc) const {
  std::uint32_t first = 0;
  for (std::uint32_t before = 0; before < llc; ++before) first += cores_in(before) * threads_in(before);
  KTSTR_ASSERT(first + cores_in(llc) * threads_in(llc) <= cpus());
  return range(first, cores_in(llc) * threads_in(llc));
}

Topology::Cpus Topology::cpus_of_node(std::uint32_t node) const {
  std::uint32_t llc = 0;
  for (std::uint32_t before = 0; before < node; ++before) llc += llcs_in(before);
  Cpus cpus;
  for (const std::uint32_t end = llc + llcs_in(node); llc < end; ++llc) {
    const Cpus more = cpus_of_llc(llc);
    cpus.insert(cpus.end(), more.begin(), more.end());
  }
  return cpus;
}

bool Topology::uneven() const {
  return cpus() != sockets() * most_llcs_of_a_node() * cores_per_llc * threads_per_core;
}

std::string Topology::text() const {
  std::string text = std::to_string(numa_nodes) + 'n' + part(llcs_of_node, llcs, 'l') +
                     part(cores_of_llc, cores_per_llc, 'c') + part(threads_of_llc, threads_per_core, 't');
  if (!distances.empty()) text += distances_text(distances, numa_nodes);
  if (!memory_mib.empty()) text += joined(memory_mib) + 'm';
  return text;
}

}  // namespace ktstr::kvm
