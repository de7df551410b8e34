// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/scenario.hpp"

namespace ktstr::agent {

struct FileSpec {
  std::string path;
  std::uint32_t mode = 0755;
  std::uint64_t offset = 0, size = 0;
};

/// A number of the scheduler's that is read at the scenario's end: of a variable, of a map at a key, or in
/// what a Unix socket answers; two of the three are empty.
struct ReadingSpec {
  std::string name;  ///< of the metric
  std::string variable, map;
  std::uint64_t key = 0;
  std::string socket, request;
};

struct SchedulerSpec {
  std::string name;
  std::vector<std::string> argv;
  std::vector<std::string> environment;  ///< "NAME=value"
  std::uint64_t attach_timeout_ms = 10'000;
  std::uint32_t watchdog_timeout_ms = 5'000;
  bool watchdog_always = false;  ///< also in place of a shorter limit of the scheduler's own
  std::vector<ReadingSpec> readings;
};

struct Spec {
  std::uint64_t seed = 0;
  std::uint64_t latency_reservoir = 20'000;
  bool trace = false;      ///< of the scenario's context switches and wake-ups
  bool calibrate = false;  ///< the machine's speed before and after the scenario
  std::vector<FileSpec> files;
  std::vector<std::pair<std::string, std::string>> sysctls;
  std::string root_cgroup;  ///< that the scenario's cgroups lie in: "a/b"; empty: the root
  std::optional<SchedulerSpec> scheduler;
  std::vector<SchedulerSpec> others;  ///< that operations start
  kvm::Scenario scenario;

  /// Of the test's own and the others, by name; null when there is none.
  const SchedulerSpec* find_scheduler(std::string_view name) const;
  bool has_schedulers() const { return scheduler || !others.empty(); }  ///< beside the kernel's own
};

/// Parses a spec (docs/guest-protocol.md). On failure nothing, and `error` says what and where.
std::optional<Spec> parse_spec(std::string_view text, std::uint64_t mailbox_size, std::string& error);

/// True for an absolute path without empty, "." and ".." components.
bool is_clean_path(std::string_view path);

}  // namespace ktstr::agent
