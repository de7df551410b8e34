// SPDX-License-Identifier: Apache-2.0
//
// The analysis of one run: what stands out, how groups did, what BPF programs cost, what KVM counted. Pure.
#pragma once
#include <string>
#include <vector>

#include "analysis/outliers.hpp"
#include "sidecar/run_document.hpp"

namespace ktstr {

struct RunReport {
  std::string run;
  const std::vector<RunDocument>& documents;
  const MetricRegistry& metrics;
  OutlierRule rule = OutlierRule::kRobust;
};

/// `width` 0: nothing is folded.
std::string run_report_text(const RunReport& report, std::size_t width);
json::value run_report_json(const RunReport& report);

}  // namespace ktstr
