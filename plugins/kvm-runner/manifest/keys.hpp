// SPDX-License-Identifier: Apache-2.0
//
// Every key a test manifest may have, by kind of object. The parser accepts these and no others. What tables
// describe (work types, operations, attributes, assertions) comes from them.
#pragma once
#include <array>
#include <string_view>
#include <vector>

#include "manifest/expectation_table.hpp"
#include "protocol/operations.hpp"
#include "protocol/work_types.hpp"

namespace ktstr::kvm::keys {

using std::string_view;

inline constexpr std::array<string_view, 4> kManifest = {"$schema", "tests", "defaults", "schedulers"};
inline constexpr std::array<string_view, 7> kGauntlet = {
    "min_cpus", "max_cpus", "min_llcs", "max_llcs", "max_numa_nodes", "needs_smt", "uneven"};
inline constexpr std::array<string_view, 2> kExpectFailure = {"reason", "outcome"};
/// What a scheduler that is declared once says for every test with it.
inline constexpr std::array<string_view, 5> kOfSchedulersTests = {"topology", "kernel_args", "sysctls",
                                                                  "root_cgroup", "assert"};
inline constexpr std::array<string_view, 23> kTest = {"$schema",
                                                      "name",
                                                      "topology",
                                                      "memory_mib",
                                                      "kernel_args",
                                                      "sysctls",
                                                      "root_cgroup",
                                                      "scheduler",
                                                      "cgroups",
                                                      "root",
                                                      "payloads",
                                                      "steps",
                                                      "duration_ms",
                                                      "performance_mode",
                                                      "assert",
                                                      "expect",
                                                      "expect_failure",
                                                      "timeout_s",
                                                      "perf_delta_assertions",
                                                      "trace",
                                                      "start_attached",
                                                      "topologies",
                                                      "schedulers"};
inline constexpr std::array<string_view, 6> kTopology = {"numa_nodes",       "llcs",      "cores_per_llc",
                                                         "threads_per_core", "distances", "memory_mib"};
inline constexpr std::array<string_view, 8> kScheduler = {
    "name", "binary", "args", "attach_timeout_ms", "watchdog_timeout_ms", "env", "files", "metrics"};
inline constexpr std::array<string_view, 2> kSchedulerFile = {"from", "to"};
inline constexpr std::array<string_view, 5> kCpuset = {"llc", "node", "range", "part", "overlap"};
inline constexpr std::array<string_view, 5> kStep = {"name", "ops", "hold_ms", "hold_pct", "every_ms"};
inline constexpr std::array<string_view, 5> kPerfDeltaAssertion = {"metric", "direction",
                                                                   "max_regression_pct", "min_abs", "phase"};
inline constexpr std::array<string_view, 2> kDirections = {"HigherBetter", "LowerBetter"};

inline constexpr std::array<string_view, 7> kPayloadMetric = {"json", "regex", "unit",  "direction",
                                                              "min",  "max",   "exists"};
inline constexpr std::array<string_view, 12> kSchedulerMetric = {"json",      "regex",  "variable", "map",
                                                                 "key",       "socket", "request",  "unit",
                                                                 "direction", "min",    "max",      "exists"};

// Made of tables, once.
const std::vector<string_view>& cgroup();   ///< an object of "cgroups"
const std::vector<string_view>& workers();  ///< an object of "groups" or "root"
const std::vector<string_view>& payload();  ///< an object of "payloads"
const std::vector<string_view>& work_types();
const std::vector<string_view>& operation_names();
const std::vector<string_view>& assertions();
const std::vector<string_view>& expectation_names();

std::vector<string_view> work(const WorkType& type);                ///< an object of "work"
std::vector<string_view> operation(const OperationType& type);      ///< an object of "ops"
std::vector<string_view> expectation(const ExpectationType& type);  ///< an object of "expect"

}  // namespace ktstr::kvm::keys
