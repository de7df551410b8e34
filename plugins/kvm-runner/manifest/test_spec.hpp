// SPDX-License-Identifier: Apache-2.0
//
// One test as its manifest declares it, checked and with all defaults filled in.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "machine/machine.hpp"
#include "manifest/assertion_table.hpp"
#include "manifest/expectation_table.hpp"
#include "protocol/scenario.hpp"

namespace ktstr::kvm {

inline constexpr std::string_view kKernelScheduler =
    "eevdf";  ///< what sidecars call the kernel's own scheduler

/// A file of the project that goes into the guest.
struct SchedulerFile {
  std::filesystem::path from;  ///< relative to the project
  std::string to;              ///< a clean absolute path in the guest
  bool operator==(const SchedulerFile&) const = default;
};

/// A program of the project or of the system that runs in the guest.
struct ProgramSpec {
  std::string name;
  std::filesystem::path binary;  ///< as written: relative to the project, or absolute
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> environment;  ///< in the manifest's order
  std::vector<SchedulerFile> files;

  static constexpr std::string_view kDirectory = "/opt/ktstr/work/";  ///< where it runs
  bool operator==(const ProgramSpec&) const = default;
};

/// A number of a program: one that it prints, or, of a scheduler, one that it keeps.
struct ProgramMetric {
  std::string name;
  std::string json;           ///< dotted path of a number in its JSON, or in what `socket` answers
  std::string regex;          ///< RE2; the first group of its last match is the number
  std::string variable, map;  ///< of its BPF programs; of a map what is at `key`
  std::uint64_t key = 0;
  std::string socket, request;  ///< a Unix socket in the guest, and the line that it is asked with
  std::string unit;
  std::optional<std::string> direction;  ///< "HigherBetter" | "LowerBetter"
  std::optional<double> min, max;        ///< checks; a metric that is missing fails them
  std::optional<bool> exists;  ///< whether it has to be there; nothing: a matter of the program's kind
  bool operator==(const ProgramMetric&) const = default;

  bool of_agent() const { return !variable.empty() || !map.empty() || !socket.empty(); }
};

struct SchedulerSpec : ProgramSpec {
  static constexpr std::size_t kMostMetrics = 64;
  std::vector<ProgramMetric> metrics;  ///< of the one that is in force at the scenario's end
  std::uint32_t attach_timeout_ms = 10'000;
  std::optional<std::uint32_t>
      watchdog_timeout_ms;  ///< nothing: the default, which no shorter limit of its own is raised to

  std::uint32_t watchdog_ms() const { return watchdog_timeout_ms.value_or(kWatchdogMs); }
  static constexpr std::uint32_t kWatchdogMs = 5'000;
  bool operator==(const SchedulerSpec&) const = default;
  /// Where one lies that an operation starts; the test's own has a place that wants no name.
  std::string guest_program() const {
    return "/opt/ktstr/scheduler/" + name + "/" + binary.filename().string();
  }
};

/// A program beside the workers; its counterpart in the scenario has the same index.
struct PayloadSpec : ProgramSpec {
  std::vector<ProgramMetric> metrics;
  bool all_json = false;                  ///< every number of its JSON is a metric
  std::optional<std::int64_t> exit_code;  ///< that it must end with; nothing: 0, or ended by us

  /// Its path in the guest.
  std::string guest_program() const {
    return "/opt/ktstr/payload/" + name + "/" + binary.filename().string();
  }
};

/// A comparison gate that the test's author declares; the runner hands it through to the sidecar.
struct PerfDeltaAssertion {
  std::string metric;
  std::optional<std::string> direction;  ///< "HigherBetter" | "LowerBetter"
  std::optional<double> max_regression_pct;
  std::optional<double> min_abs;
  std::optional<std::string> phase;
};

/// How a test is meant to fail; what is not said may be anything.
struct ExpectedFailure {
  std::string reason;   ///< that one of its lines must contain
  std::string outcome;  ///< "assertion", "attach_failed", "died", "ejected"
};

/// What a test demands of its course (expectation_table.hpp).
struct Expectation {
  const ExpectationType* type = nullptr;
  std::string value, series, at, than;  ///< empty: not said
  std::optional<double> min, max;
  std::uint64_t within_ms = 0, for_ms = 0;
};

struct TestSpec {
  std::string
      name;  ///< what its sidecars are named after; variants with other schedulers or topologies share it
  std::string variant;  ///< unique among the tests of all manifests
  std::filesystem::path manifest;
  std::string text;  ///< what the manifest says of the test, as JSON without comments and blanks
  Topology topology;
  std::uint32_t memory_mib = 0;
  std::vector<std::string> kernel_args;
  std::vector<std::pair<std::string, std::string>> sysctls;  ///< name, value; in the manifest's order
  std::string
      root_cgroup;  ///< that the test's cgroups lie in, and there before a scheduler starts; empty: the root
  std::optional<SchedulerSpec> scheduler;
  std::vector<SchedulerSpec> others;  ///< schedulers that operations start; their values count from 1
  Scenario scenario;
  std::vector<PayloadSpec> payloads;       ///< of scenario.payloads
  std::optional<std::uint64_t> timeout_s;  ///< wall time for the scenario and everything around it
  bool performance_mode = false;
  bool trace = false;           ///< it leaves a trace of its scenario
  bool calibrate = false;       ///< its guest tells how fast it computes: in real time only
  bool start_attached = false;  ///< in virtual time: from a saved guest in which its scheduler is attached
  Limits assertions{};
  std::map<std::string, std::string>
      assertion_layers;  ///< by assertion: "test", "scheduler mine", "defaults"
  std::vector<Expectation> expectations;
  std::optional<ExpectedFailure> expect_failure;
  std::vector<PerfDeltaAssertion> perf_delta_assertions;

  std::string scheduler_name() const { return scheduler ? scheduler->name : std::string(kKernelScheduler); }
  bool has_schedulers() const { return scheduler || !others.empty(); }  ///< beside the kernel's own
  /// Of the test's own and the others, by name; null when there is none.
  const SchedulerSpec* find_scheduler(std::string_view name) const;
  std::string work_type() const;  ///< distinct types in order of appearance, joined by "+"
};

}  // namespace ktstr::kvm
