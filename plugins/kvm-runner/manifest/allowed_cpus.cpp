// SPDX-License-Identifier: Apache-2.0
#include "manifest/allowed_cpus.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <optional>
#include <set>
#include <utility>

namespace ktstr::kvm {
namespace {

using Cpus = std::vector<std::uint32_t>;

/// Follows cpusets and places through a scenario.
class CpusetWalk {
 public:
  explicit CpusetWalk(const Scenario& scenario)
      : scenario_(scenario), cpusets_(scenario.cgroups.size()), used_(scenario.sets.size()) {
    KTSTR_ASSERT(kCgroupAttributes[0].parameter.name == "cpuset");
    for (std::size_t c = 0; c < scenario.cgroups.size(); ++c) set(c, scenario.cgroups[c].attributes);
    for (const WorkerSet& set : scenario.sets) {
      places_.push_back(set.cgroup);
      started_.push_back(set.at_start);
    }
    note();
  }

  void take(const Step& step) {
    // What repeats is back where it was after as many rounds as there are cgroups to swap, at most.
    const std::size_t rounds = step.every_us != 0 ? scenario_.cgroups.size() + 1 : 1;
    for (std::size_t round = 0; round < rounds; ++round) {
      for (const Operation& operation : step.operations) {
        carry_out(operation);
        note();
      }
    }
  }

  std::vector<Cpus> found() const {
    std::vector<Cpus> lists;
    for (const auto& used : used_)
      lists.push_back(used.all ? Cpus{} : Cpus(used.cpus.begin(), used.cpus.end()));
    return lists;
  }

 private:
  struct Used {
    std::set<std::uint32_t> cpus;
    bool all = false;
  };

  void set(std::size_t cgroup, const Values& attributes) {
    if (!attributes.empty() && attributes[0].set()) cpusets_[cgroup] = *attributes[0].as<Cpus>();
  }
  void carry_out(const Operation& operation) {
    const std::string_view name = operation.type->name;
    if (name == "set_cgroup") set(operation.cgroup(), *operation.find("attributes")->as<Values>());
    if (name == "clear_cpuset") cpusets_[operation.cgroup()].clear();
    if (name == "swap_cpusets") std::swap(cpusets_[operation.cgroup()], cpusets_[operation.cgroup("with")]);
    if (name == "move_tasks")
      std::replace(places_.begin(), places_.end(), operation.cgroup(), operation.cgroup("to"));
    if (name == "cpu_offline") hotplug_ = true;
    const Value* workers = operation.find("workers");
    for (const std::uint32_t set : workers != nullptr ? *workers->as<Cpus>() : Cpus{}) {
      KTSTR_ASSERT(set < started_.size());
      started_[set] = true;
    }
  }
  /// Empty: all. A cgroup without a cpuset has that of the one that it lies in.
  Cpus effective(std::size_t cgroup) const {
    if (cgroup == kRootCgroup) return {};
    if (!cpusets_[cgroup].empty()) return cpusets_[cgroup];
    KTSTR_ASSERT(cgroup < scenario_.cgroups.size());
    const std::string& name = scenario_.cgroups[cgroup].name;
    const std::size_t slash = name.rfind('/');
    if (slash == std::string::npos) return {};
    for (std::size_t c = 0; c < cgroup; ++c) {
      if (scenario_.cgroups[c].name == name.substr(0, slash)) return effective(c);
    }
    return {};
  }
  void note() {
    for (std::size_t s = 0; s < used_.size(); ++s) {
      if (!started_[s]) continue;
      const Cpus cpus = effective(places_[s]);
      // Without any CPU of its own that is online, a cgroup has those of others.
      used_[s].all = used_[s].all || cpus.empty() || hotplug_;
      used_[s].cpus.insert(cpus.begin(), cpus.end());
    }
  }

  const Scenario& scenario_;
  std::vector<Cpus> cpusets_;        ///< by cgroup; empty: none of its own
  std::vector<std::size_t> places_;  ///< by set: its cgroup
  std::vector<bool> started_;        ///< by set
  std::vector<Used> used_;           ///< by set
  bool hotplug_ = false;
};

}  // namespace

std::vector<Cpus> ever_allowed(const Scenario& scenario) {
  CpusetWalk walk(scenario);
  for (const Step& step : scenario.steps) walk.take(step);
  return walk.found();
}

}  // namespace ktstr::kvm
