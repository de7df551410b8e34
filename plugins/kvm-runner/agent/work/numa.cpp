// SPDX-License-Identifier: Apache-2.0
#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/work/buffer.hpp"
#include "agent/work/functions.hpp"
#include "agent/work/placement.hpp"
#include "agent/work/tools.hpp"

namespace ktstr::agent {
namespace {

bool move_to_node(std::span<unsigned char> bytes, std::uint32_t node) {
  constexpr std::size_t kBits = 8 * sizeof(unsigned long);
  unsigned long mask[1024 / kBits] = {};
  if (node >= 1024) return false;
  mask[node / kBits] = 1UL << (node % kBits);
  return ::syscall(SYS_mbind, bytes.data(), bytes.size(), MPOL_BIND, mask, 1024, MPOL_MF_MOVE) == 0;
}

void work_on(WorkContext& c, std::span<unsigned char> bytes, std::size_t stride, std::uint64_t ns) {
  for (const std::uint64_t end = now_ns() + ns; now_ns() < end && !c.stopped();)
    stride_through(c, bytes, stride);
}

}  // namespace

void numa_migration_churn(WorkContext& c) {
  const std::uint64_t stay = c.work.count("stay_us") * kMicrosecond;
  const Buffer region(c.work.count("region_kib") * 1024);
  const std::vector<Node> nodes = usable_nodes();
  // Those who start together start on different nodes.
  for (std::size_t at = c.group_in_set; !c.stopped(); ++at) {
    c.telemetry.count(bind_to(nodes[at % nodes.size()].cpus) ? 0 : 1);
    c.telemetry.woke();
    work_on(c, region.bytes(), kLine, stay);
    c.telemetry.add_iteration();
  }
}

void numa_working_set_sweep(WorkContext& c) {
  const std::uint64_t stay = c.work.count("stay_us") * kMicrosecond, stride = c.work.count("stride");
  const Buffer region(c.work.count("region_kib") * 1024);
  const std::vector<Node> nodes = usable_nodes();
  for (std::size_t at = c.group_in_set; !c.stopped(); ++at) {
    c.telemetry.count(move_to_node(region.bytes(), nodes[at % nodes.size()].number) ? 0 : 1);
    c.telemetry.checkpoint();
    work_on(c, region.bytes(), stride, stay);
    c.telemetry.add_iteration();
  }
}

}  // namespace ktstr::agent
