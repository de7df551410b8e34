// SPDX-License-Identifier: Apache-2.0
#include "agent/tasks.hpp"

#include <linux/mempolicy.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <vector>

#include "agent/files.hpp"
#include "agent/telemetry.hpp"
#include "protocol/cpu_list.hpp"
#include "protocol/task_attributes.hpp"

namespace ktstr::agent {
namespace {

using kvm::Values, kvm::kTaskAttributes;

constexpr std::uint64_t kReclaim = 0x02;  // SCHED_FLAG_RECLAIM, whose header does not go with sched.h
constexpr std::size_t kNodeBits = 1024;

/// struct sched_attr of sched_setattr(2), which bookworm's C library does not declare.
struct SchedAttr {
  std::uint32_t size = sizeof(SchedAttr);
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0, deadline = 0, period = 0;
};

bool has(const Values& values, std::string_view name) {
  const std::size_t i = kvm::find_parameter(kTaskAttributes, name);
  return i < values.size() && values[i].set();
}
std::uint64_t count(const Values& values, std::string_view name) {
  return static_cast<std::uint64_t>(kvm::number_of(kTaskAttributes, values, name));
}

std::string problem(const std::string& what) { return "cannot set " + what + ": " + std::strerror(errno); }

/// The part of these CPUs that a worker gets.
std::vector<std::uint32_t> share_of(std::vector<std::uint32_t> cpus, std::string_view form,
                                    std::uint32_t index, const GuestTopology& topology, Random& random) {
  KTSTR_ASSERT(!cpus.empty());
  if (form == "single") return {cpus[index % cpus.size()]};
  if (form == "llc") {
    std::vector<std::vector<std::uint32_t>> llcs;
    for (const std::vector<std::uint32_t>& llc : topology.llcs) {
      std::vector<std::uint32_t> both;
      std::set_intersection(llc.begin(), llc.end(), cpus.begin(), cpus.end(), std::back_inserter(both));
      if (!both.empty()) llcs.push_back(std::move(both));
    }
    return llcs.empty() ? cpus : llcs[index % llcs.size()];
  }
  if (form == "cross_cgroup") {
    std::vector<std::uint32_t> crossing{cpus[index % cpus.size()]};
    for (const std::vector<std::uint32_t>& core : topology.cores) {
      for (const std::uint32_t cpu : core) {
        if (std::find(cpus.begin(), cpus.end(), cpu) == cpus.end()) crossing.push_back(cpu);
      }
    }
    return crossing;
  }
  if (form == "random") {
    const std::size_t half = std::max<std::size_t>(1, cpus.size() / 2);
    for (std::size_t i = 0; i < half; ++i) std::swap(cpus[i], cpus[i + random.below(cpus.size() - i)]);
    cpus.resize(half);
  }
  return cpus;
}

/// The CPUs that a task's cgroup leaves it, whatever its affinity is now.
std::vector<std::uint32_t> cpus_of_cgroup(pid_t pid) {
  const std::string line = read_text(("/proc/" + std::to_string(pid) + "/cgroup").c_str());  // "0::/web"
  const std::size_t path = line.find("::");
  if (path == std::string::npos) return {};
  const std::string directory = "/sys/fs/cgroup" + line.substr(path + 2);
  const std::string effective = read_text((directory + "/cpuset.cpus.effective").c_str());
  return kvm::parse_cpu_list(effective.empty() ? read_text("/sys/devices/system/cpu/online") : effective);
}

std::string set_affinity(pid_t pid, std::uint32_t index, const Values& attributes,
                         const GuestTopology& topology, Random& random) {
  const std::size_t i = kvm::find_parameter(kTaskAttributes, "cpus");
  const auto* listed = i < attributes.size() ? attributes[i].as<std::vector<std::uint32_t>>() : nullptr;
  std::vector<std::uint32_t> cpus = listed != nullptr ? *listed : std::vector<std::uint32_t>{};
  if (cpus.empty()) cpus = cpus_of_cgroup(pid);
  if (cpus.empty()) return "the guest says nothing of its CPUs";
  cpu_set_t mask;
  CPU_ZERO(&mask);
  for (const std::uint32_t cpu : share_of(
           std::move(cpus), kvm::text_of(kTaskAttributes, attributes, "affinity"), index, topology, random))
    CPU_SET(cpu, &mask);
  return ::sched_setaffinity(pid, sizeof mask, &mask) == 0 ? std::string() : problem("an affinity");
}

}  // namespace

std::uint32_t policy_number(std::string_view name) {
  static constexpr std::pair<std::string_view, std::uint32_t> kPolicies[] = {
      {"normal", 0}, {"fifo", 1}, {"rr", 2}, {"batch", 3}, {"idle", 5}, {"deadline", 6}, {"ext", 7}};
  for (const auto& [known, number] : kPolicies) {
    if (known == name) return number;
  }
  return 0;
}

std::string set_task_attributes(pid_t pid, std::uint32_t index, const Values& attributes,
                                const GuestTopology& topology, Random& random) {
  if (has(attributes, "cpus") || has(attributes, "affinity")) {
    if (const std::string error = set_affinity(pid, index, attributes, topology, random); !error.empty())
      return error;
  }
  const bool policy = has(attributes, "policy"), nice = has(attributes, "nice");
  if (!policy && !nice && !has(attributes, "slice_us")) return {};
  SchedAttr attr;
  if (::syscall(SYS_sched_getattr, pid, &attr, sizeof attr, 0) != 0) return problem("a policy");
  attr.size = sizeof attr;
  attr.flags = 0;
  if (policy) {
    const std::string_view name = kvm::text_of(kTaskAttributes, attributes, "policy");
    attr.policy = policy_number(name);
    const bool real_time = name == "fifo" || name == "rr";
    attr.priority =
        real_time ? static_cast<std::uint32_t>(std::max<std::uint64_t>(1, count(attributes, "priority"))) : 0;
    attr.runtime = attr.deadline = attr.period = 0;
    if (name == "deadline") {
      attr.runtime = count(attributes, "runtime_us") * kMicrosecond;
      attr.period = count(attributes, "period_us") * kMicrosecond;
      attr.deadline =
          has(attributes, "deadline_us") ? count(attributes, "deadline_us") * kMicrosecond : attr.period;
      if (count(attributes, "reclaim") != 0) attr.flags |= kReclaim;
    }
  }
  if (nice) attr.nice = static_cast<std::int32_t>(kvm::number_of(kTaskAttributes, attributes, "nice"));
  if (has(attributes, "slice_us")) attr.runtime = count(attributes, "slice_us") * kMicrosecond;
  if (::syscall(SYS_sched_setattr, pid, &attr, 0) == 0) return {};
  const std::string name(kvm::text_of(kTaskAttributes, attributes, "policy"));
  if (name == "ext" && errno == EINVAL) return std::string(kLack) + "the policy ext (sched_ext)";
  return problem(policy ? "the policy " + name : "a nice value or slice");
}

bool set_memory_policy(const Values& attributes) {
  static constexpr std::pair<std::string_view, int> kPolicies[] = {
      {"default", MPOL_DEFAULT},       {"bind", MPOL_BIND},   {"preferred", MPOL_PREFERRED},
      {"interleave", MPOL_INTERLEAVE}, {"local", MPOL_LOCAL}, {"preferred_many", 5},
      {"weighted_interleave", 6}};
  const std::string_view name = kvm::text_of(kTaskAttributes, attributes, "memory");
  const std::size_t i = kvm::find_parameter(kTaskAttributes, "nodes");
  const auto* nodes = i < attributes.size() ? attributes[i].as<std::vector<std::uint32_t>>() : nullptr;
  unsigned long mask[kNodeBits / (8 * sizeof(unsigned long))] = {};
  constexpr std::size_t kBits = 8 * sizeof mask[0];
  if (nodes != nullptr) {
    for (const std::uint32_t node : *nodes) {
      if (node < kNodeBits) mask[node / kBits] |= 1UL << (node % kBits);
    }
  }
  for (const auto& [known, mode] : kPolicies) {
    if (known == name && !name.empty())
      return ::syscall(SYS_set_mempolicy, mode, nodes != nullptr ? mask : nullptr,
                       nodes != nullptr ? kNodeBits : 0) == 0;
  }
  return true;
}

}  // namespace ktstr::agent
