// SPDX-License-Identifier: Apache-2.0
#include "agent/work/placement.hpp"

#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "agent/cgroups.hpp"
#include "agent/files.hpp"
#include "agent/result.hpp"
#include "agent/tasks.hpp"
#include "protocol/cpu_list.hpp"

namespace ktstr::agent {
namespace {

/// The calling task's: the line "0::/a/b" of /proc/self/cgroup.
std::string own_cgroup() {
  const std::string text = "\n" + read_text("/proc/self/cgroup");
  const std::size_t begin = text.find("\n0::/");
  if (begin == std::string::npos) return {};
  const std::string path = text.substr(begin + 4, text.find('\n', begin + 1) - begin - 4);
  return path == "/" ? std::string() : path;
}

}  // namespace

std::vector<std::uint32_t> allowed_cpus() {
  std::vector<std::uint32_t> cpus;
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (::sched_getaffinity(0, sizeof mask, &mask) != 0) return cpus;
  for (std::uint32_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &mask)) cpus.push_back(cpu);
  }
  return cpus;
}

bool bind_to(const std::vector<std::uint32_t>& cpus, pid_t pid) {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  for (const std::uint32_t cpu : cpus) CPU_SET(cpu, &mask);
  return ::sched_setaffinity(pid, sizeof mask, &mask) == 0;
}

void bind_group_to_one_cpu(const WorkContext& context) {
  const std::vector<std::uint32_t> cpus = allowed_cpus();
  if (!cpus.empty()) bind_to({cpus[context.group_in_set % cpus.size()]});
}

std::vector<Node> usable_nodes() {
  const std::vector<std::uint32_t> allowed = allowed_cpus();
  std::vector<Node> nodes;
  for (const std::uint32_t number : kvm::parse_cpu_list(read_text("/sys/devices/system/node/online"))) {
    const std::vector<std::uint32_t> cpus = kvm::parse_cpu_list(
        read_text(("/sys/devices/system/node/node" + std::to_string(number) + "/cpulist").c_str()));
    Node node{number, {}};
    std::set_intersection(cpus.begin(), cpus.end(), allowed.begin(), allowed.end(),
                          std::back_inserter(node.cpus));
    if (!node.cpus.empty()) nodes.push_back(std::move(node));
  }
  if (nodes.empty()) nodes.push_back({0, allowed});
  return nodes;
}

bool set_policy(std::string_view name, int priority) {
  sched_param parameters{};
  if (name == "fifo" || name == "rr") parameters.sched_priority = priority;
  return ::sched_setscheduler(0, static_cast<int>(policy_number(name)), &parameters) == 0;
}

// Each line of the file is "device place type …".
std::string cgroup2_mount() {
  const std::string mounts = read_text("/proc/self/mounts", 1 << 16);
  for (std::size_t begin = 0; begin < mounts.size();) {
    const std::size_t end = std::min(mounts.find('\n', begin), mounts.size());
    const std::string line = mounts.substr(begin, end - begin);
    const std::size_t place = line.find(' ') + 1, type = line.find(' ', place);
    if (place != 0 && type != std::string::npos && line.compare(type, 9, " cgroup2 ") == 0)
      return line.substr(place, type - place);
    begin = end + 1;
  }
  return {};
}

SiblingCgroup::SiblingCgroup() {
  const std::string root = cgroup2_mount(), own = own_cgroup();
  if (root.empty()) return;
  home_ = root + own;
  const std::string parent = own.empty() ? root : home_.substr(0, home_.rfind('/'));
  path_ = parent + '/' + std::string(kBeside) + std::to_string(::getpid());
  made_ = ::mkdir(path_.c_str(), 0755) == 0;
  if (!made_) return;
  // What the parent has no controller for has no such file.
  for (const char* file : {"/cpuset.cpus", "/cpuset.mems", "/cpu.weight", "/cpu.max"}) {
    if (const std::string value = read_text((home_ + file).c_str()); !value.empty())
      write_text(path_ + file, value);
  }
}

SiblingCgroup::~SiblingCgroup() {
  if (!made_) return;
  enter(::getpid(), false);
  ::rmdir(path_.c_str());
}

bool SiblingCgroup::enter(pid_t pid, bool sibling) const {
  return made_ && write_text((sibling ? path_ : home_) + "/cgroup.procs", std::to_string(pid)).empty();
}

}  // namespace ktstr::agent
