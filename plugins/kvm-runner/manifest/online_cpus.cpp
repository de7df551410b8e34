// SPDX-License-Identifier: Apache-2.0
#include "manifest/online_cpus.hpp"

#include <algorithm>
#include <charconv>
#include <ktstr/kit/assert.hpp>

namespace ktstr::kvm {
namespace {

/// "maxcpus=2" for "maxcpus" lowers `limit` to 2; the kernel takes what is no number for 0, and 0 for one
/// CPU.
void lower(const std::string& arg, std::string_view name, std::uint32_t& limit) {
  if (!arg.starts_with(name) || arg.size() <= name.size() || arg[name.size()] != '=') return;
  std::uint32_t number = 0;
  std::from_chars(arg.data() + name.size() + 1, arg.data() + arg.size(), number);
  limit = std::min(limit, std::max(number, 1U));
}

}  // namespace

std::vector<std::uint32_t> online_cpus(const Topology& topology,
                                       const std::vector<std::string>& kernel_args) {
  std::uint32_t limit = topology.cpus();
  bool first_threads_only = false;
  for (const std::string& arg : kernel_args) {
    lower(arg, "maxcpus", limit);
    lower(arg, "nr_cpus", limit);
    if (arg == "nosmp") limit = 1;
    if (arg == "nosmt" || arg == "nosmt=force") first_threads_only = true;
  }
  std::vector<std::uint32_t> cpus;
  for (std::uint32_t core = 0; core < topology.cores(); ++core) {
    for (const std::uint32_t cpu : topology.cpus_of_core(core)) {
      if (cpu < limit) cpus.push_back(cpu);
      if (first_threads_only) break;
    }
  }
  KTSTR_ASSERT(!cpus.empty() && cpus.size() <= topology.cpus());
  return cpus;
}

}  // namespace ktstr::kvm
