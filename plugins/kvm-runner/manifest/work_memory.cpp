// SPDX-License-Identifier: Apache-2.0
#include "manifest/work_memory.hpp"

namespace ktstr::kvm {
namespace {

/// What a worker of this kind takes; its pages of code, stack and reports are in the guest's own share.
std::uint64_t bytes_of_worker(const Work& work) {
  std::uint64_t bytes = 0;
  for (const Parameter& parameter : work.type->parameters) {
    if (parameter.name.ends_with("_kib")) bytes += work.count(parameter.name) << 10U;
    if (parameter.name.ends_with("_mib")) bytes += work.count(parameter.name) << 20U;
  }
  return bytes;
}

}  // namespace

std::uint64_t work_memory_mib(const Scenario& scenario) {
  constexpr std::uint64_t kWorker = 256 << 10;  // what it takes beside that
  std::uint64_t bytes = 0;
  for (const WorkerSet& set : scenario.sets) bytes += set.workers * (bytes_of_worker(set.work) + kWorker);
  return (bytes >> 20U) + 1;
}

}  // namespace ktstr::kvm
