// SPDX-License-Identifier: Apache-2.0
//
// The scenario's cgroups below /sys/fs/cgroup. Functions that can fail return an error text, empty when fine.
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "protocol/scenario.hpp"

namespace ktstr::agent {

inline constexpr const char* kCgroupRoot = "/sys/fs/cgroup";  ///< where cgroup2 is mounted
/// How workers name a cgroup that they make beside their own: "beside.PID".
inline constexpr std::string_view kBeside = "beside.";

/// Makes a cgroup below `root` ("a/b", with "a") in which others can have CPUs, weights and limits. Empty, or
/// what went wrong. It may be there already.
std::string make_root_cgroup(const std::string& root, const std::string& path);

class Cgroups {
 public:
  /// `root`: the cgroup that they lie in.
  Cgroups(const kvm::Scenario& scenario, std::string root);

  /// Makes one with its attributes; its parent is there.
  std::string make(std::size_t cgroup);
  /// Removes one in which nobody is left, with what workers that are gone have left in it and beside it.
  std::string remove(std::size_t cgroup);
  /// Changes what is set in `attributes`.
  std::string change(std::size_t cgroup, const kvm::Values& attributes);
  std::string clear_cpuset(std::size_t cgroup);
  std::string swap_cpusets(std::size_t one, std::size_t other);
  std::string add(pid_t pid, std::size_t cgroup);  ///< kRootCgroup: to the root
  std::string move_all(std::size_t from, std::size_t to);
  /// Waits until the kernel says that it is so.
  std::string freeze(std::size_t cgroup, bool frozen);
  std::string path(std::size_t cgroup) const;

 private:
  std::string write(std::size_t cgroup, std::string_view file, const std::string& text);
  std::string enable_controllers(std::size_t cgroup);
  std::string all_cpus(std::size_t cgroup) const;

  const kvm::Scenario& scenario_;
  std::string root_;
  std::vector<kvm::Values> now_;  ///< what each cgroup's attributes are
};

}  // namespace ktstr::agent
