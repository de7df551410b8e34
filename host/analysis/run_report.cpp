// SPDX-License-Identifier: Apache-2.0
#include "analysis/run_report.hpp"

namespace ktstr {

RunReport report_of(const std::string& run, const std::vector<RunDocument>& documents,
                    const MetricRegistry& metrics, OutlierRule rule) {
  std::vector<const SidecarRecord*> records;
  for (const RunDocument& document : documents) records.push_back(&document.record);
  return {run,
          documents.size(),
          find_outliers(records, metrics, rule),
          summarise_by(records, &SidecarRecord::test),
          summarise_by(records, &SidecarRecord::topology),
          summarise_by(records, &SidecarRecord::work_type),
          verified_programs(documents),
          callback_profile(documents),
          sum_kvm_stats(documents)};
}

}  // namespace ktstr
