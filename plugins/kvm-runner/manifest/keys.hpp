// SPDX-License-Identifier: Apache-2.0
//
// Every key a test manifest may have, by kind of object. The parser accepts these and no others, and a unit
// test holds schema/test-manifest.schema.json against them. The parameters of work types come from
// protocol/work_types.hpp instead.
#pragma once
#include <array>
#include <string_view>

namespace ktstr::kvm::keys {

using std::string_view;

inline constexpr std::array<string_view, 2> kManifest = {"$schema", "tests"};
inline constexpr std::array<string_view, 15> kTest = {"$schema",
                                                      "name",
                                                      "topology",
                                                      "memory_mib",
                                                      "kernel_args",
                                                      "sysctls",
                                                      "scheduler",
                                                      "cgroups",
                                                      "duration_ms",
                                                      "performance_mode",
                                                      "assert",
                                                      "timeout_s",
                                                      "perf_delta_assertions",
                                                      "topologies",
                                                      "schedulers"};
inline constexpr std::array<string_view, 4> kTopology = {"numa_nodes", "llcs", "cores_per_llc",
                                                         "threads_per_core"};
inline constexpr std::array<string_view, 7> kScheduler = {
    "name", "binary", "args", "attach_timeout_ms", "watchdog_timeout_ms", "env", "files"};
inline constexpr std::array<string_view, 2> kSchedulerFile = {"from", "to"};
inline constexpr std::array<string_view, 4> kCgroup = {"name", "cpuset", "workers", "work"};
inline constexpr std::array<string_view, 2> kCpuset = {"llc", "node"};
inline constexpr std::array<string_view, 6> kAssert = {
    "not_stuck",         "max_gap_ms", "max_spread_pct", "isolation", "max_p99_wake_latency_ns",
    "min_iteration_rate"};
inline constexpr std::array<string_view, 5> kPerfDeltaAssertion = {"metric", "direction",
                                                                   "max_regression_pct", "min_abs", "phase"};
inline constexpr std::array<string_view, 2> kDirections = {"HigherBetter", "LowerBetter"};

}  // namespace ktstr::kvm::keys
