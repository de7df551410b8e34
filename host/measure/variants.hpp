// SPDX-License-Identifier: Apache-2.0
//
// One test may be declared for several schedulers and topologies. The runner knows each variant by a name of
// its own; sidecars know the test's name, its scheduler and its topology.
#pragma once
#include "ports/ports.hpp"
#include "select/filter.hpp"
#include "sidecar/run_manifest.hpp"
#include "sidecar/sidecar.hpp"

namespace ktstr {

/// What filters see of a test.
inline FilterSubject subject_of(const TestEntry& test) {
  return {test.test, test.topology, test.scheduler, test.work_type};
}

/// Whether a run's manifest means this variant.
inline bool is_planned(const PlannedTest& planned, const TestEntry& test) {
  return planned.test == test.test && planned.topology == test.topology &&
         planned.scheduler == test.scheduler;
}

/// Whether a sidecar is of this variant.
inline bool is_of(const SidecarRecord& record, const TestEntry& test) {
  return record.test == test.test && record.topology == test.topology && record.scheduler == test.scheduler;
}

}  // namespace ktstr
