// SPDX-License-Identifier: Apache-2.0
#include "manifest/test_spec.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <numeric>

namespace ktstr::kvm {
namespace {

std::vector<std::uint32_t> range(std::uint32_t first, std::uint32_t count) {
  std::vector<std::uint32_t> cpus(count);
  std::iota(cpus.begin(), cpus.end(), first);
  return cpus;
}

}  // namespace

const SchedulerSpec* TestSpec::find_scheduler(std::string_view wanted) const {
  if (scheduler && scheduler->name == wanted) return &*scheduler;
  const auto found = std::find_if(others.begin(), others.end(),
                                  [&](const SchedulerSpec& one) { return one.name == wanted; });
  return found == others.end() ? nullptr : &*found;
}

std::string TestSpec::work_type() const {
  std::vector<std::string_view> seen;
  std::string joined;
  for (const WorkerSet& set : scenario.sets) {
    const std::string_view type = set.work.type->name;
    if (std::find(seen.begin(), seen.end(), type) != seen.end()) continue;
    seen.push_back(type);
    if (!joined.empty()) joined += '+';
    joined += type;
  }
  return joined;
}

std::string topology_text(const Topology& t) {
  return std::to_string(t.numa_nodes) + 'n' + std::to_string(t.llcs) + 'l' + std::to_string(t.cores_per_llc) +
         'c' + std::to_string(t.threads_per_core) + 't';
}

std::vector<std::uint32_t> cpus_of_core(const Topology& t, std::uint32_t core) {
  KTSTR_ASSERT(core < t.llcs * t.cores_per_llc);
  return range(core * t.threads_per_core, t.threads_per_core);
}

std::vector<std::uint32_t> cpus_of_llc(const Topology& t, std::uint32_t llc) {
  KTSTR_ASSERT(llc < t.llcs);
  const std::uint32_t each = t.cores_per_llc * t.threads_per_core;
  return range(llc * each, each);
}

std::vector<std::uint32_t> cpus_of_node(const Topology& t, std::uint32_t node) {
  KTSTR_ASSERT(node < t.numa_nodes && t.llcs % t.numa_nodes == 0);
  const std::uint32_t each = t.llcs / t.numa_nodes * t.cores_per_llc * t.threads_per_core;
  return range(node * each, each);
}

}  // namespace ktstr::kvm
