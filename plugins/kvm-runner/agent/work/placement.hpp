// SPDX-License-Identifier: Apache-2.0
//
// Where a worker may run, and how: CPUs, NUMA nodes, scheduling policies, cgroups.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/work.hpp"

namespace ktstr::agent {

/// CPUs that the calling task may run on.
std::vector<std::uint32_t> allowed_cpus();
/// `pid` 0: the calling task.
bool bind_to(const std::vector<std::uint32_t>& cpus, pid_t pid = 0);
/// Binds the members of a group to one of their CPUs, the groups of a set to their CPUs in turn.
void bind_group_to_one_cpu(const WorkContext& context);

struct Node {
  std::uint32_t number = 0;
  std::vector<std::uint32_t> cpus;  ///< of those that the calling task may run on
};
/// NUMA nodes that have such CPUs; one that has them all when the kernel knows of none.
std::vector<Node> usable_nodes();

/// Gives the calling task a policy (a choice of the attribute `policy`) and a priority, which counts for fifo
/// and rr.
bool set_policy(std::string_view name, int priority);

/// Where cgroup2 is mounted; empty: nowhere.
std::string cgroup2_mount();

/// A cgroup beside the calling task's own, with the same CPUs and weight. The destructor moves the task back
/// and removes it.
class SiblingCgroup {
 public:
  SiblingCgroup();
  ~SiblingCgroup();
  SiblingCgroup(const SiblingCgroup&) = delete;
  SiblingCgroup& operator=(const SiblingCgroup&) = delete;

  bool made() const { return made_; }
  /// Moves a task there, or to where the calling task was.
  bool enter(pid_t pid, bool sibling) const;

 private:
  std::string home_, path_;  ///< directories
  bool made_ = false;
};

}  // namespace ktstr::agent
