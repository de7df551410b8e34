// SPDX-License-Identifier: Apache-2.0
#include "agent/cgroups.hpp"

#include <dirent.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ktstr/kit/assert.hpp>

#include "agent/files.hpp"

namespace ktstr::agent {
namespace {

using kvm::kCgroupAttributes, kvm::Values, kvm::Value;

constexpr std::int64_t kMib = 1 << 20;
constexpr int kFreezeMs = 2000;

std::size_t attribute(std::string_view name) {
  std::size_t i = 0;
  while (i < kCgroupAttributes.size() && kCgroupAttributes[i].parameter.name != name) ++i;
  KTSTR_ASSERT(i < kCgroupAttributes.size());
  return i;
}

std::string cpu_list(const std::vector<std::uint32_t>& cpus) {
  std::string list;
  for (const std::uint32_t cpu : cpus) list += (list.empty() ? "" : ",") + std::to_string(cpu);
  return list.empty() ? "\n" : list;  // nothing at all would be no write
}

/// What goes into the attribute's file; `all` are the attributes that the cgroup then has.
std::string text_of_attribute(std::size_t index, const Values& all) {
  const std::string_view name = kCgroupAttributes[index].parameter.name;
  if (const auto* cpus = all[index].as<std::vector<std::uint32_t>>()) return cpu_list(*cpus);
  const std::int64_t number = *all[index].as<std::int64_t>();
  if (name == "quota_us" || name == "quota_period_us") {
    const Value &quota = all[attribute("quota_us")], &period = all[attribute("quota_period_us")];
    return (quota.set() ? std::to_string(*quota.as<std::int64_t>()) : "max") +
           (period.set() ? " " + std::to_string(*period.as<std::int64_t>()) : "");
  }
  return std::to_string(name.ends_with("_mib") ? number * kMib : number);
}

/// Removes the cgroups in a directory whose workers were killed before they could.
void sweep(const std::string& directory) {
  DIR* entries = ::opendir(directory.c_str());
  if (entries == nullptr) return;
  while (const dirent* entry = ::readdir(entries)) {
    const std::string name = entry->d_name;
    if (!name.starts_with(kBeside)) continue;
    const std::string process = "/proc/" + name.substr(kBeside.size());
    if (::access(process.c_str(), F_OK) != 0) ::rmdir((directory + '/' + name).c_str());
  }
  ::closedir(entries);
}

/// One after the other: a kernel that lacks one refuses all that are written together. Who needs the one that
/// is missing is told so when its attribute is set.
void hand_on_controllers(const std::string& directory) {
  for (const char* controller : {"+cpu", "+cpuset", "+memory", "+pids"})
    static_cast<void>(write_text(directory + "/cgroup.subtree_control", controller));
}

}  // namespace

std::string make_root_cgroup(const std::string& root, const std::string& path) {
  std::string directory = root;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    hand_on_controllers(directory);
    directory += "/" + path.substr(begin, end - begin);
    if (::mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST)
      return "cannot make the root cgroup " + path + ": " + std::strerror(errno);
    begin = end + 1;
  }
  hand_on_controllers(directory);
  return {};
}

Cgroups::Cgroups(const kvm::Scenario& scenario, std::string root)
    : scenario_(scenario),
      root_(std::move(root)),
      now_(scenario.cgroups.size(), Values(kCgroupAttributes.size())) {}

std::string Cgroups::path(std::size_t cgroup) const {
  KTSTR_ASSERT(cgroup == kvm::kRootCgroup || cgroup < scenario_.cgroups.size());
  return cgroup == kvm::kRootCgroup ? root_ : root_ + "/" + scenario_.cgroups[cgroup].name;
}

std::string Cgroups::write(std::size_t cgroup, std::string_view file, const std::string& text) {
  const std::string target = path(cgroup) + "/" + std::string(file);
  if (::access(target.c_str(), F_OK) != 0) return kLack + std::string(file) + " of cgroups";
  return write_text(target, text);
}

/// A cgroup has a controller's files when its parent hands the controller on.
std::string Cgroups::enable_controllers(std::size_t cgroup) {
  const std::string& name = scenario_.cgroups[cgroup].name;
  std::string wanted = "+cpu +cpuset";
  for (const std::string_view more : {"memory", "pids"}) {
    bool used = false;
    for (std::size_t i = 0; i < kCgroupAttributes.size(); ++i) {
      if (kCgroupAttributes[i].controller != more) continue;
      for (const kvm::Cgroup& any : scenario_.cgroups)
        used = used || (i < any.attributes.size() && any.attributes[i].set());
      for (const kvm::Step& step : scenario_.steps) {
        for (const kvm::Operation& operation : step.operations) {
          const Value* values = operation.find("attributes");
          const auto* list = values != nullptr ? values->as<Values>() : nullptr;
          used = used || (list != nullptr && operation.type->name == "set_cgroup" && (*list)[i].set());
        }
      }
    }
    if (used) wanted += " +" + std::string(more);
  }
  for (std::size_t slash = 0; slash != std::string::npos; slash = name.find('/', slash + 1)) {
    const std::string above = slash == 0 ? root_ : root_ + "/" + name.substr(0, slash);
    if (const std::string error = write_text(above + "/cgroup.subtree_control", wanted); !error.empty())
      return error;
  }
  return {};
}

std::string Cgroups::make(std::size_t cgroup) {
  const kvm::Cgroup& wanted = scenario_.cgroups[cgroup];
  if (const std::string error = enable_controllers(cgroup); !error.empty()) return error;
  if (::mkdir(path(cgroup).c_str(), 0755) != 0)
    return "cannot make the cgroup " + wanted.name + ": " + std::strerror(errno);
  now_[cgroup] = Values(kCgroupAttributes.size());
  return change(cgroup, wanted.attributes);
}

std::string Cgroups::remove(std::size_t cgroup) {
  const std::string own = path(cgroup);
  sweep(own);
  sweep(own.substr(0, own.rfind('/')));
  for (int tries = 0; ::rmdir(path(cgroup).c_str()) != 0;
       ++tries) {  // its last task may still be on its way out
    if (errno != EBUSY || tries == 500)
      return "cannot remove the cgroup " + scenario_.cgroups[cgroup].name + ": " + std::strerror(errno);
    const timespec pause{0, 2'000'000};
    ::nanosleep(&pause, nullptr);
  }
  return {};
}

std::string Cgroups::change(std::size_t cgroup, const Values& attributes) {
  Values& all = now_[cgroup];
  KTSTR_ASSERT(attributes.size() <= all.size());  // both of the same table
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    if (attributes[i].set()) all[i] = attributes[i];
  }
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    if (!attributes[i].set()) continue;
    const auto* cpus = attributes[i].as<std::vector<std::uint32_t>>();
    const std::string text = cpus != nullptr && cpus->empty() ? all_cpus(cgroup) : text_of_attribute(i, all);
    if (const std::string error = write(cgroup, kCgroupAttributes[i].file, text); !error.empty())
      return "cannot give cgroup " + scenario_.cgroups[cgroup].name + " the " +
             std::string(kCgroupAttributes[i].parameter.name) + " " + text + ": " + error;
  }
  return {};
}

/// A cgroup with tasks cannot go without CPUs, so that all of them are those of the cgroup that it lies in.
std::string Cgroups::all_cpus(std::size_t cgroup) const {
  const std::string own = path(cgroup), parent = own.substr(0, own.rfind('/'));
  const std::string effective = read_text((parent + "/cpuset.cpus.effective").c_str());
  return effective.empty() ? "\n" : effective;
}

std::string Cgroups::clear_cpuset(std::size_t cgroup) {
  now_[cgroup][attribute("cpuset")] = {};
  return write(cgroup, "cpuset.cpus", all_cpus(cgroup));
}

std::string Cgroups::swap_cpusets(std::size_t one, std::size_t other) {
  const std::size_t cpuset = attribute("cpuset");
  std::swap(now_[one][cpuset], now_[other][cpuset]);
  for (const std::size_t cgroup : {one, other}) {
    const auto* cpus = now_[cgroup][cpuset].as<std::vector<std::uint32_t>>();
    if (const std::string error = write(
            cgroup, "cpuset.cpus", cpus != nullptr && !cpus->empty() ? cpu_list(*cpus) : all_cpus(cgroup));
        !error.empty())
      return error;
  }
  return {};
}

std::string Cgroups::add(pid_t pid, std::size_t cgroup) {
  const std::string error = write_text(path(cgroup) + "/cgroup.procs", std::to_string(pid));
  return error.empty() ? error : "cannot move a task to " + path(cgroup) + ": " + error;
}

std::string Cgroups::move_all(std::size_t from, std::size_t to) {
  const std::string list = read_text((path(from) + "/cgroup.procs").c_str(), 1 << 20);
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t end = std::min(list.find('\n', begin), list.size());
    const std::string pid = list.substr(begin, end - begin);
    const std::string error = write_text(path(to) + "/cgroup.procs", pid);
    // One that has ended meanwhile cannot be moved and needs not be.
    if (!error.empty() && ::access(("/proc/" + pid + "/stat").c_str(), F_OK) == 0)
      return "cannot move a task to " + path(to) + ": " + error;
    begin = end + 1;
  }
  return {};
}

std::string Cgroups::freeze(std::size_t cgroup, bool frozen) {
  if (const std::string error = write(cgroup, "cgroup.freeze", frozen ? "1" : "0"); !error.empty())
    return error;
  const std::string wanted = std::string("frozen ") + (frozen ? "1" : "0");
  for (int waited = 0; waited < kFreezeMs; waited += 2) {
    if (read_text((path(cgroup) + "/cgroup.events").c_str()).find(wanted) != std::string::npos) return {};
    const timespec pause{0, 2'000'000};
    ::nanosleep(&pause, nullptr);
  }
  return "cgroup " + scenario_.cgroups[cgroup].name + " was not " + (frozen ? "frozen" : "thawed") +
         " within " + std::to_string(kFreezeMs) + " ms";
}

}  // namespace ktstr::agent
