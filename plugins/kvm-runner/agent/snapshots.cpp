// SPDX-License-Identifier: Apache-2.0
#include "agent/snapshots.hpp"

#include <cstdlib>

#include "agent/bpf_maps.hpp"
#include "agent/files.hpp"
#include "agent/play.hpp"

namespace ktstr::agent {
namespace {

using Figures = std::vector<std::pair<std::string, std::int64_t>>;

const std::vector<std::string>& names_of(const kvm::Operation& operation, std::string_view parameter) {
  static const std::vector<std::string> kNone;
  const kvm::Value* value = operation.find(parameter);
  return value != nullptr ? *value->as<std::vector<std::string>>() : kNone;
}

void add_counters(const CounterReading& reading, Figures& values) {
  for (std::size_t i = 0; i < kvm::kCounters.size(); ++i) {
    if (reading.totals[i])
      values.emplace_back(kvm::kCounters[i].name, static_cast<std::int64_t>(*reading.totals[i]));
  }
}

/// One that is not there at the moment has nothing but what its workers have done.
void add_cgroup(const Play& play, std::size_t cgroup, Figures& values) {
  const std::string name = play.scenario().cgroups[cgroup].name + "/",
                    path = play.cgroups().path(cgroup) + "/";
  Workers::Progress sum;
  for (std::size_t s = 0; s < play.scenario().sets.size(); ++s) {
    if (play.scenario().sets[s].cgroup != cgroup) continue;
    const Workers::Progress one = play.workers().progress(s);
    sum.iterations += one.iterations;
    sum.migrations += one.migrations;
    sum.run_delay_ns += one.run_delay_ns;
  }
  values.emplace_back(name + "iterations", static_cast<std::int64_t>(sum.iterations));
  values.emplace_back(name + "migrations", static_cast<std::int64_t>(sum.migrations));
  values.emplace_back(name + "run_delay_us", static_cast<std::int64_t>(sum.run_delay_ns / 1000));
  for (auto& [figure, value] : parse_cpu_stat(read_text((path + "cpu.stat").c_str())))
    values.emplace_back(name + figure, value);
  static constexpr std::pair<const char*, const char*> kFiles[] = {{"memory.current", "memory_bytes"},
                                                                   {"pids.current", "tasks"}};
  for (const auto& [file, figure] : kFiles) {
    const std::string text = read_text((path + file).c_str());
    if (!text.empty()) values.emplace_back(name + figure, std::atoll(text.c_str()));
  }
}

}  // namespace

Figures parse_cpu_stat(const std::string& text) {
  static constexpr std::pair<std::string_view, const char*> kFigures[] = {
      {"usage_usec", "cpu_usage_us"},
      {"nr_throttled", "throttled_periods"},
      {"throttled_usec", "throttled_us"}};
  Figures values;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size()), blank = text.find(' ', at);
    for (const auto& [known, figure] : kFigures) {
      if (blank < end && std::string_view(text).substr(at, blank - at) == known)
        values.emplace_back(figure, std::atoll(text.c_str() + blank));
    }
    at = end + 1;
  }
  return values;
}

std::string take_snapshot(const Play& play, const kvm::Operation& operation, Snapshot& snapshot) {
  constexpr std::size_t kMostKeys = 64;
  std::string problem;
  snapshot.name = operation.text("name");
  snapshot.at_ns = now_ns();
  add_counters(read_counters(), snapshot.values);
  for (std::size_t c = 0; c < play.scenario().cgroups.size(); ++c) add_cgroup(play, c, snapshot.values);
  for (const std::string& name : names_of(operation, "variables")) {
    const std::optional<std::int64_t> number = read_bpf_variable(name, problem);
    if (!number) return problem;
    snapshot.values.emplace_back(name, *number);
  }
  for (const std::string& name : names_of(operation, "maps")) {
    const std::optional<BpfEntries> entries = read_bpf_map(name, kMostKeys, problem);
    if (!entries) return problem;
    for (const auto& [key, number] : *entries)
      snapshot.values.emplace_back(name + "[" + std::to_string(key) + "]", number);
  }
  return {};
}

}  // namespace ktstr::agent
