// SPDX-License-Identifier: Apache-2.0
//
// The analysis of one run: what stands out, how groups did, what BPF programs cost, what KVM counted. Pure.
#pragma once
#include <string>
#include <vector>

#include "analysis/bpf_stats.hpp"
#include "analysis/group_summary.hpp"
#include "analysis/kvm_stats.hpp"
#include "analysis/outliers.hpp"
#include "sidecar/run_document.hpp"

namespace ktstr {

struct RunReport {
  std::string run;
  std::size_t sidecars = 0;
  OutlierReport outliers;
  std::vector<GroupSummary> by_scenario, by_topology, by_work_type;
  std::vector<VerifiedProgram> verifier;
  std::vector<TestProfile> callback_profile;
  KvmStats kvm;
};

RunReport report_of(const std::string& run, const std::vector<RunDocument>& documents,
                    const MetricRegistry& metrics, OutlierRule rule);

}  // namespace ktstr
