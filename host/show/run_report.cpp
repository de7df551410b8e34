// SPDX-License-Identifier: Apache-2.0
#include "show/run_report.hpp"

#include <ktstr/kit/text.hpp>
#include <ktstr/kit/width.hpp>

#include "show/bpf_stats.hpp"
#include "show/cells.hpp"
#include "show/document.hpp"
#include "show/group_summary.hpp"
#include "show/kvm_stats.hpp"
#include "show/outliers.hpp"
#include "support/table.hpp"

namespace ktstr {

std::string run_report_text(const RunReport& report, std::size_t width) {
  const std::uint64_t guests = report.kvm.guests;
  std::string out = hanging(
      "run " + printable(report.run) + ": " + std::to_string(report.sidecars) + " sidecar(s)", width, 2);
  out += "\n=== GAUNTLET ANALYSIS ===\n" + outliers_text(report.outliers, width);
  out += "\nBy scenario (worst first):\n" + groups_text(report.by_scenario, width);
  out += "\nBy topology:\n" + groups_text(report.by_topology, width);
  if (report.by_work_type.size() > 1) out += "\nBy work_type:\n" + groups_text(report.by_work_type, width);
  out += "\n=== BPF VERIFIER STATS ===\n" + verifier_text(report.verifier, width);
  out += "\n=== BPF CALLBACK PROFILE ===\n" + profile_text(report.callback_profile, width);
  out += "\n=== KVM STATS" +
         (guests > 0 ? " (avg across " + std::to_string(guests) + " VMs)" : std::string()) + " ===\n" +
         kvm_text(report.kvm, width);
  return out;
}

json::object run_report_json(const RunReport& report) {
  return document("stats", {{"run", or_null(report.run)},
                            {"sidecars", report.sidecars},
                            {"outliers", outliers_json(report.outliers)},
                            {"by_scenario", groups_json(report.by_scenario)},
                            {"by_topology", groups_json(report.by_topology)},
                            {"by_work_type", groups_json(report.by_work_type)},
                            {"verifier", verifier_json(report.verifier)},
                            {"callback_profile", profile_json(report.callback_profile)},
                            {"kvm", kvm_json(report.kvm)}});
}

}  // namespace ktstr
