// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdexcept>

#include "sidecar/run_document.hpp"

namespace ktstr::testing {

/// A sidecar as another writer of the format leaves it: no schema_version, optional fields null. `changes`
/// are laid over it.
inline json::object foreign_sidecar(const json::object& changes = {}) {
  json::object object{{"test_name", "throughput_gate"},
                      {"topology", "1n1l2c1t"},
                      {"scheduler", "my_sched"},
                      {"scheduler_commit", nullptr},
                      {"project_commit", "73730e0"},
                      {"payload", nullptr},
                      {"metrics", json::array()},
                      {"passed", true},
                      {"skipped", false},
                      {"inconclusive", false},
                      {"stats", json::object()},
                      {"monitor", json::object{{"total_samples", 3}}},
                      {"stimulus_events", json::array()},
                      {"work_type", "SpinWait"},
                      {"verifier_stats", json::array()},
                      {"kvm_stats", json::object{{"per_vcpu", json::array()}}},
                      {"sysctls", json::array()},
                      {"kargs", json::array()},
                      {"kernel_version", "7.1.0"},
                      {"kernel_commit", nullptr},
                      {"timestamp", "2026-07-04T21:41:43Z"},
                      {"run_id", "20260704T214100Z-0"},
                      {"host", json::object{{"arch", "x86_64"}}},
                      {"cleanup_duration_ms", 84},
                      {"run_source", "local"},
                      {"resolve_source", "auto_built"}};
  for (const auto& entry : changes) object[entry.key()] = entry.value();
  return object;
}

inline RunDocument document(const json::object& object, const std::string& name = "a.ktstr.json") {
  auto record = read_sidecar(to_text(object), name, MetricRegistry());
  if (!record) throw std::runtime_error(record.error().message);
  return {name, object, std::move(*record)};
}

}  // namespace ktstr::testing
