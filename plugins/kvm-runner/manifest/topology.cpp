// SPDX-License-Identifier: Apache-2.0
#include "manifest/topology.hpp"

#include <charconv>
#include <ktstr/kit/assert.hpp>

#include "manifest/keys.hpp"
#include "manifest/topology_presets.hpp"

namespace ktstr::kvm {
namespace {

constexpr std::uint32_t kMostCpus = 255;  // what QEMU's q35 takes without an IOMMU

Topology parse_topology_text(const Located& located) {
  std::string text = located.text(64);
  Topology topology;
  for (const TopologyPreset& preset : kTopologyPresets) {
    if (preset.name == text) text = preset.topology;
  }
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  const std::pair<char, std::uint32_t*> parts[] = {{'n', &topology.numa_nodes},
                                                   {'l', &topology.llcs},
                                                   {'c', &topology.cores_per_llc},
                                                   {'t', &topology.threads_per_core}};
  for (const auto& [letter, number] : parts) {
    const auto [next, error] = std::from_chars(at, end, *number);
    if (error != std::errc() || next == end || *next != letter) {
      wrong(located.place,
            "a topology such as \"1n2l4c2t\" (nodes, LLCs in total, cores per LLC, threads per core), or the "
            "name of "
            "a preset such as \"tiny-2llc\"",
            *located.value);
    }
    at = next + 1;
  }
  if (at != end) wrong(located.place, "a topology such as \"1n2l4c2t\"", *located.value);
  return topology;
}

}  // namespace

Topology parse_topology(const Located& located) {
  Topology topology;
  if (located.value->is_string()) {
    topology = parse_topology_text(located);
  } else if (located.value->is_object()) {
    const StrictObject object(located, keys::kTopology);
    const auto read = [&](std::string_view key, std::uint32_t& into) {
      if (const Located* found = object.find(key))
        into = static_cast<std::uint32_t>(found->integer(1, kMostCpus));
    };
    read("numa_nodes", topology.numa_nodes);
    read("llcs", topology.llcs);
    read("cores_per_llc", topology.cores_per_llc);
    read("threads_per_core", topology.threads_per_core);
  } else {
    wrong(located.place, "an object or a text such as \"1n2l4c2t\"", *located.value);
  }
  for (const std::uint32_t part :
       {topology.numa_nodes, topology.llcs, topology.cores_per_llc, topology.threads_per_core}) {
    if (part < 1 || part > kMostCpus)
      refuse(located.place, "every part of a topology is from 1 to " + std::to_string(kMostCpus));
  }
  if (topology.llcs % topology.numa_nodes != 0) {
    refuse(located.place,
           std::to_string(topology.llcs) + " LLCs cannot be spread evenly over " +
               std::to_string(topology.numa_nodes) + " NUMA nodes",
           "llcs counts all LLCs: make it a multiple of numa_nodes");
  }
  if (topology.threads_per_core > 2) refuse(located.place, "at most 2 threads per core");
  const std::uint64_t cpus =
      std::uint64_t{topology.llcs} * topology.cores_per_llc * topology.threads_per_core;
  if (cpus > kMostCpus)
    refuse(located.place, std::to_string(cpus) + " CPUs are more than the " + std::to_string(kMostCpus) +
                              " a guest may have");
  KTSTR_ASSERT(topology.cpus() == cpus);
  return topology;
}

std::vector<Topology> parse_gauntlet(const Located& located) {
  static constexpr std::string_view kKeys[] = {"gauntlet"};
  const Located constraints = StrictObject(located, kKeys).get("gauntlet");  // a copy: the object ends here
  const StrictObject object(constraints, keys::kGauntlet);
  const auto limit = [&](std::string_view key, std::uint64_t by_default) {
    const Located* found = object.find(key);
    return found != nullptr ? found->integer(1, kMostCpus) : by_default;
  };
  const std::uint64_t min_cpus = limit("min_cpus", 1), max_cpus = limit("max_cpus", 16);
  const std::uint64_t min_llcs = limit("min_llcs", 1), max_llcs = limit("max_llcs", 12);
  const std::uint64_t max_nodes = limit("max_numa_nodes", 1);
  const Located* smt = object.find("needs_smt");
  std::vector<Topology> fitting;
  for (const TopologyPreset& preset : kTopologyPresets) {
    const boost::json::value name(preset.topology);
    const Topology topology = parse_topology({&name, located.place});
    const bool fits = topology.cpus() >= min_cpus && topology.cpus() <= max_cpus &&
                      topology.llcs >= min_llcs && topology.llcs <= max_llcs &&
                      topology.numa_nodes <= max_nodes &&
                      (smt == nullptr || !smt->boolean() || topology.threads_per_core > 1);
    if (fits) fitting.push_back(topology);
  }
  if (fitting.empty()) refuse(constraints.place, "no preset meets these constraints");
  return fitting;
}

}  // namespace ktstr::kvm
