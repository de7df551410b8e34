// SPDX-License-Identifier: Apache-2.0
#include "analysis/run_report.hpp"

#include <ktstr/kit/text.hpp>

#include "analysis/bpf_stats.hpp"
#include "analysis/group_summary.hpp"
#include "analysis/kvm_stats.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

std::vector<const SidecarRecord*> records_of(const RunReport& report) {
  std::vector<const SidecarRecord*> records;
  for (const RunDocument& document : report.documents) records.push_back(&document.record);
  return records;
}

}  // namespace

std::string run_report_text(const RunReport& report, std::size_t width) {
  const auto records = records_of(report);
  const auto work_types = summarise_by(records, &SidecarRecord::work_type);
  const KvmStats kvm = sum_kvm_stats(report.documents);
  std::string out = hanging(
      "run " + printable(report.run) + ": " + std::to_string(records.size()) + " sidecar(s)", width, 2);
  out += "\n=== GAUNTLET ANALYSIS ===\n" +
         outliers_text(find_outliers(records, report.metrics, report.rule), width);
  out += "\nBy scenario (worst first):\n" + groups_text(summarise_by(records, &SidecarRecord::test), width);
  out += "\nBy topology:\n" + groups_text(summarise_by(records, &SidecarRecord::topology), width);
  if (work_types.size() > 1) out += "\nBy work_type:\n" + groups_text(work_types, width);
  out += "\n=== BPF VERIFIER STATS ===\n" + verifier_text(verified_programs(report.documents), width);
  out += "\n=== BPF CALLBACK PROFILE ===\n" + profile_text(callback_profile(report.documents), width);
  out += "\n=== KVM STATS" +
         (kvm.guests > 0 ? " (avg across " + std::to_string(kvm.guests) + " VMs)" : std::string()) +
         " ===\n" + kvm_text(kvm, width);
  return out;
}

json::value run_report_json(const RunReport& report) {
  const auto records = records_of(report);
  return {{"run", report.run},
          {"sidecars", records.size()},
          {"outliers", outliers_json(find_outliers(records, report.metrics, report.rule))},
          {"by_scenario", groups_json(summarise_by(records, &SidecarRecord::test))},
          {"by_topology", groups_json(summarise_by(records, &SidecarRecord::topology))},
          {"by_work_type", groups_json(summarise_by(records, &SidecarRecord::work_type))},
          {"verifier", verifier_json(verified_programs(report.documents))},
          {"callback_profile", profile_json(callback_profile(report.documents))},
          {"kvm", kvm_json(sum_kvm_stats(report.documents))}};
}

}  // namespace ktstr
