// SPDX-License-Identifier: Apache-2.0
#include "manifest/topology.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ktstr/kit/assert.hpp>
#include <numeric>

#include "manifest/keys.hpp"
#include "manifest/topology_presets.hpp"

namespace ktstr::kvm {
namespace {

using Numbers = std::vector<std::uint32_t>;

constexpr std::uint32_t kMostCpus = 255;   // what QEMU's q35 takes without an IOMMU
constexpr std::uint32_t kMostNodes = 128;  // MAX_NODES of QEMU's
constexpr std::uint32_t kMostNodeMemoryMib = 1U << 20U, kLeastNodeMemoryMib = 64;
constexpr std::uint32_t kLeastFirstNodeMib = 128;     // that is where the kernel lies
constexpr std::uint32_t kHere = 10, kFarthest = 254;  // of ACPI's SLIT; 255 is out of reach

/// A part of a topology: one number for all, or one for each place.
struct Part {
  char letter;
  std::string_view key;
  std::uint32_t least, most;
  bool needed;  ///< in its text
};

enum { kNodes, kLlcs, kCores, kThreads, kDistances, kMemory, kParts };
constexpr std::array<Part, kParts> kTable = {{{'n', "numa_nodes", 1, kMostNodes, true},
                                              {'l', "llcs", 0, kMostCpus, true},
                                              {'c', "cores_per_llc", 1, kMostCpus, true},
                                              {'t', "threads_per_core", 1, kMostCpus, true},
                                              {'d', "distances", kHere, kFarthest, false},
                                              {'m', "memory_mib", 0, kMostNodeMemoryMib, false}}};
using Said = std::array<Numbers, kParts>;

constexpr std::string_view kForms =
    "a topology such as \"1n2l4c2t\" (nodes, LLCs in total, cores per LLC, threads per core), \"1n2l3+1c1t\" "
    "(each LLC's cores), or the name of a preset such as \"tiny-2llc\"";

/// "3+1c" at `at`, which it moves on; false when there is something else.
bool parse_part(const Part& part, const char*& at, const char* end, Numbers& numbers) {
  const char* from = at;
  for (;;) {
    std::uint32_t number = 0;
    const auto [next, error] = std::from_chars(from, end, number);
    if (error != std::errc() || next == end) return false;
    numbers.push_back(number);
    if (*next == part.letter) {
      at = next + 1;
      return true;
    }
    if (*next != '+') return false;
    from = next + 1;
  }
}

Said parse_topology_text(const Located& located) {
  std::string text = located.text(1024);
  for (const TopologyPreset& preset : kTopologyPresets) {
    if (preset.name == text) text = preset.topology;
  }
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  Said said;
  for (std::size_t i = 0; i < kParts; ++i) {
    if (parse_part(kTable[i], at, end, said[i])) continue;
    said[i].clear();
    if (kTable[i].needed) wrong(located.place, kForms, *located.value);
  }
  if (at != end) wrong(located.place, kForms, *located.value);
  return said;
}

/// Rows of a matrix without what each node is to itself, which is the same for all.
Numbers parse_matrix(const Located& located) {
  const std::vector<Located> rows = located.items(2, kMostNodes);
  Numbers ways;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const std::vector<Located> items = rows[row].items(rows.size(), rows.size());
    for (std::size_t column = 0; column < items.size(); ++column) {
      const auto distance = static_cast<std::uint32_t>(items[column].integer(kHere, kFarthest));
      if (column != row) ways.push_back(distance);
      if (column == row && distance != kHere)
        refuse(items[column].place, "a node's distance to itself is " + std::to_string(kHere));
    }
  }
  return ways;
}

Said parse_topology_object(const Located& located) {
  if (located.value->get_object().contains("cpu_capacity"))
    refuse(located.place + ".cpu_capacity",
           "guests on x86 have CPUs of one capacity: Linux takes others from intel_pstate on hybrid "
           "processors alone, and QEMU has none",
           "different numbers of threads, cores and LLCs can be had");
  const StrictObject object(located, keys::kTopology);
  Said said;
  for (std::size_t i = 0; i < kParts; ++i) {
    const Located* found = object.find(kTable[i].key);
    if (found == nullptr) continue;
    const auto number = [&](const Located& one) {
      return static_cast<std::uint32_t>(one.integer(kTable[i].least, kTable[i].most));
    };
    if (!found->value->is_array()) {
      said[i] = {number(*found)};
    } else if (i == kDistances) {
      said[i] = parse_matrix(*found);
    } else if (i == kNodes) {
      wrong(found->place, "a number", *found->value);
    } else {
      for (const Located& item : found->items(1, kMostCpus)) said[i].push_back(number(item));
    }
  }
  return said;
}

bool all_alike(const Numbers& numbers) {
  return std::adjacent_find(numbers.begin(), numbers.end(), std::not_equal_to<>()) == numbers.end();
}

/// One number for all of `count` places into `all`, one for each into `each`; the largest into `all`, too.
void spread(const Located& located, std::size_t which, const Said& said, std::uint32_t count,
            std::string_view places, std::uint32_t& all, Numbers& each) {
  const Numbers& numbers = said[which];
  if (numbers.empty()) return;
  if (numbers.size() != 1 && numbers.size() != count)
    refuse(located.place, std::to_string(numbers.size()) + " numbers in \"" + std::string(kTable[which].key) +
                              "\" for " + std::to_string(count) + ' ' + std::string(places));
  all = *std::max_element(numbers.begin(), numbers.end());
  if (!all_alike(numbers)) each = numbers;
}

/// Of one distance for all, of one for each pair, or of one for each way.
Numbers whole_matrix(const Located& located, const Numbers& said, std::uint32_t nodes) {
  if (said.empty()) return {};
  const std::size_t ways = std::size_t{nodes} * (nodes - 1);
  if (ways == 0) refuse(located.place, "one NUMA node has no distances");
  if (said.size() != 1 && said.size() != ways / 2 && said.size() != ways)
    refuse(located.place,
           std::to_string(said.size()) + " distances for " + std::to_string(nodes) + " NUMA nodes",
           "one for all, " + std::to_string(ways / 2) + " for each pair, or " + std::to_string(ways) +
               " for each way");
  Numbers matrix(std::size_t{nodes} * nodes, kHere);
  std::size_t next = 0;
  for (std::uint32_t from = 0; from < nodes; ++from) {
    for (std::uint32_t to = 0; to < nodes; ++to) {
      if (from == to || (said.size() != ways && to < from)) continue;
      const std::uint32_t distance = said[said.size() == 1 ? 0 : next++];
      matrix[from * nodes + to] = distance;
      if (said.size() != ways) matrix[to * nodes + from] = distance;
    }
  }
  if (std::count(matrix.begin(), matrix.end(), kHere) != nodes)
    refuse(located.place, "a distance of " + std::to_string(kHere) + " is a node's to itself",
           "another node is farther: 11 to " + std::to_string(kFarthest));
  return matrix;
}

void check_numbers(const Located& located, const Said& said) {
  for (std::size_t i = 0; i < kParts; ++i) {
    const Part& part = kTable[i];
    for (const std::uint32_t number : said[i]) {
      if (number < part.least || number > part.most)
        refuse(located.place, "\"" + std::string(part.key) + "\" of a topology is from " +
                                  std::to_string(part.least) + " to " + std::to_string(part.most));
    }
  }
}

void set_llcs(const Located& located, const Said& said, Topology& topology) {
  const Numbers& llcs = said[kLlcs];
  if (llcs.size() > 1) {
    spread(located, kLlcs, said, topology.numa_nodes, "NUMA nodes", topology.llcs, topology.llcs_of_node);
    topology.llcs = std::accumulate(llcs.begin(), llcs.end(), 0U);
  } else if (!llcs.empty()) {
    topology.llcs = llcs.front();
    if (topology.llcs % topology.numa_nodes != 0)
      refuse(located.place,
             std::to_string(topology.llcs) + " LLCs cannot be spread evenly over " +
                 std::to_string(topology.numa_nodes) + " NUMA nodes",
             "one number counts all LLCs: make it a multiple of numa_nodes, or give one for each node");
  }
  if (topology.llcs == 0) refuse(located.place, "no LLC, and so no CPU");
  if (topology.llcs > kMostCpus)
    refuse(located.place, std::to_string(topology.llcs) + " LLCs are more than the " +
                              std::to_string(kMostCpus) + " CPUs that a guest may have");
}

void set_memory(const Located& located, const Numbers& said, Topology& topology) {
  if (said.empty()) return;
  if (said.size() != 1 && said.size() != topology.numa_nodes)
    refuse(located.place, std::to_string(said.size()) + " numbers in \"memory_mib\" for " +
                              std::to_string(topology.numa_nodes) + " NUMA nodes");
  topology.memory_mib = said.size() == 1 ? Numbers(topology.numa_nodes, said.front()) : said;
  if (topology.memory_mib.front() < kLeastFirstNodeMib)
    refuse(located.place, "the first NUMA node has less than " + std::to_string(kLeastFirstNodeMib) +
                              " MiB, and the kernel lies there");
  for (std::uint32_t node = 0; node < topology.numa_nodes; ++node) {
    const std::uint32_t mib = topology.memory_mib[node];
    const std::string name = "NUMA node " + std::to_string(node);
    if (mib == 0 && topology.llcs_in(node) == 0) refuse(located.place, name + " has neither CPUs nor memory");
    if (mib != 0 && mib < kLeastNodeMemoryMib)
      refuse(located.place, name + " has less than " + std::to_string(kLeastNodeMemoryMib) + " MiB",
             "0: it has CPUs alone");
  }
}

}  // namespace

Topology parse_topology(const Located& located) {
  Said said;
  if (located.value->is_string()) {
    said = parse_topology_text(located);
  } else if (located.value->is_object()) {
    said = parse_topology_object(located);
  } else {
    wrong(located.place, "an object or a text such as \"1n2l4c2t\"", *located.value);
  }
  check_numbers(located, said);
  Topology topology;
  if (!said[kNodes].empty()) {
    topology.numa_nodes = said[kNodes].front();
  } else if (said[kLlcs].size() > 1) {
    topology.numa_nodes = static_cast<std::uint32_t>(said[kLlcs].size());
  }
  set_llcs(located, said, topology);
  spread(located, kCores, said, topology.llcs, "LLCs", topology.cores_per_llc, topology.cores_of_llc);
  spread(located, kThreads, said, topology.llcs, "LLCs", topology.threads_per_core, topology.threads_of_llc);
  topology.distances = whole_matrix(located, said[kDistances], topology.numa_nodes);
  set_memory(located, said[kMemory], topology);
  if (topology.threads_per_core > 2) refuse(located.place, "at most 2 threads per core");
  const std::uint64_t places = std::uint64_t{topology.sockets()} * topology.most_llcs_of_a_node() *
                               topology.cores_per_llc * topology.threads_per_core;
  if (places > kMostCpus)
    refuse(located.place,
           std::to_string(places) +
               (topology.uneven() ? " places for CPUs (as if all were as large as the largest)" : " CPUs") +
               " are more than the " + std::to_string(kMostCpus) + " a guest may have");
  KTSTR_ASSERT(topology.cpus() > 0 && topology.cpus() <= places);
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
  const Located *smt = object.find("needs_smt"), *uneven = object.find("uneven");
  const bool with_uneven = uneven != nullptr && uneven->boolean();
  std::vector<Topology> fitting;
  for (const TopologyPreset& preset : kTopologyPresets) {
    const boost::json::value name(preset.topology);
    const Topology topology = parse_topology({&name, located.place});
    const bool fits = topology.cpus() >= min_cpus && topology.cpus() <= max_cpus &&
                      topology.llcs >= min_llcs && topology.llcs <= max_llcs &&
                      topology.numa_nodes <= max_nodes && (with_uneven || !topology.uneven()) &&
                      (smt == nullptr || !smt->boolean() || topology.threads_per_core > 1);
    if (fits) fitting.push_back(topology);
  }
  if (fitting.empty()) refuse(constraints.place, "no preset meets these constraints");
  return fitting;
}

}  // namespace ktstr::kvm
