// SPDX-License-Identifier: Apache-2.0
//
// A scenario of one set of workers that runs in processes of this machine until a test has seen enough.
#pragma once
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "agent/workers.hpp"

namespace ktstr::agent {

using Settings = std::map<std::string, std::variant<std::int64_t, std::string>, std::less<>>;

inline constexpr std::uint64_t kReservoir = 64;

inline void sleep_ms(long ms) {
  const timespec time{ms / 1000, ms % 1000 * 1'000'000};
  ::nanosleep(&time, nullptr);
}

/// A work type with its defaults, and what is set of them; a Sequence works and waits for a timer.
inline kvm::Work work_of(std::string_view type, const Settings& settings) {
  kvm::Work work{kvm::find_work_type(type), {}};
  if (work.type == nullptr) throw std::runtime_error("no work type " + std::string(type));
  for (const kvm::Parameter& parameter : work.type->parameters) {
    const auto set = settings.find(parameter.name);
    if (parameter.kind == kvm::ParameterKind::kActions) {
      work.values.push_back({std::vector<kvm::Action>{{0, 100}, {5, 500}}});
    } else if (parameter.kind == kvm::ParameterKind::kChoice) {
      work.values.push_back({set != settings.end() ? std::get<std::string>(set->second)
                                                   : std::string(kvm::first_choice(parameter.choices))});
    } else {
      work.values.push_back(
          {set != settings.end() ? std::get<std::int64_t>(set->second) : parameter.default_value});
    }
  }
  return work;
}

inline kvm::Scenario scenario_of(std::string_view type, const Settings& settings, std::uint32_t groups = 1) {
  kvm::Scenario scenario;
  kvm::WorkerSet set;
  set.work = work_of(type, settings);
  set.workers = set.work.workers_per_group(2) * groups;
  scenario.sets.push_back(std::move(set));
  return scenario;
}

/// Runs it; `enough` is asked every few milliseconds, for half a minute at most.
class WorkRun {
 public:
  using Place = std::function<bool(pid_t, std::uint32_t, std::string&)>;

  explicit WorkRun(
      std::string_view type, const Settings& settings = {}, std::uint32_t groups = 1,
      const Place& place = [](pid_t, std::uint32_t, std::string&) { return true; })
      : scenario_(scenario_of(type, settings, groups)), workers_(scenario_, 7, kReservoir) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // what workers leave behind becomes a child of ours
    std::string error;
    if (!workers_.start(0, place, error)) throw std::runtime_error(error);
    workers_.release(0);
  }

  std::vector<Workers::View> views() const { return workers_.of_set(0); }
  const WorkerReport& report(std::size_t worker) const { return *views().at(worker).report; }
  pid_t pid(std::size_t worker) const { return workers_.running(0).at(worker).first; }
  Workers& workers() { return workers_; }

  bool until(const std::function<bool()>& enough) const {
    for (int i = 0; i < 6000; ++i) {
      if (enough()) return true;
      sleep_ms(5);
    }
    return false;
  }
  /// Until each worker has done so many rounds.
  bool until_rounds(std::uint64_t rounds) const {
    return until([&] {
      for (const Workers::View& view : views()) {
        if (view.report->numbers.iterations < rounds) return false;
      }
      return true;
    });
  }
  void stop() { EXPECT_TRUE(workers_.ask_to_stop(30'000)); }

  std::uint64_t counted(std::string_view name) const {
    std::uint64_t sum = 0;
    const auto& names = scenario_.sets[0].work.type->counts;
    for (std::size_t i = 0; i < names.size(); ++i) {
      for (const Workers::View& view : views()) sum += names[i] == name ? view.report->counts[i] : 0;
    }
    return sum;
  }
  std::uint64_t sampled(std::size_t distribution) const {
    std::uint64_t sum = 0;
    for (const Workers::View& view : views()) sum += view.report->samples[distribution].seen;
    return sum;
  }
  std::uint64_t units() const {
    std::uint64_t sum = 0;
    for (const Workers::View& view : views()) sum += view.report->numbers.work_units;
    return sum;
  }
  const kvm::WorkType& type() const { return *scenario_.sets[0].work.type; }

 private:
  kvm::Scenario scenario_;
  Workers workers_;
};

}  // namespace ktstr::agent
