// SPDX-License-Identifier: Apache-2.0
//
// What the gates' opinions add up to: of one row, and of the whole invocation. Pure.
#pragma once
#include <ktstr/abi/gate.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "metrics/metric_registry.hpp"
#include "support/result.hpp"

namespace ktstr {

/// A finding needs every gate, in the same direction. Any gate that says no decides; if none does but one
/// could not tell, nobody can. Numbers come from the first gate that gives them.
ktstr_verdict combine_verdicts(const std::vector<const ktstr_verdict*>& opinions);

/// Sets a verdict's outcome and puts the reason before its text; whatever a gate said of its power no longer
/// matters.
void overrule(ktstr_verdict& verdict, std::uint32_t outcome, const std::string& reason);

/// The verdict on a comparison that no gate is asked about.
ktstr_verdict settled_verdict(std::uint32_t outcome, const std::string& text);

/// "regressed", as documents spell a KTSTR_REGRESSED.
const char* verdict_name(std::uint32_t outcome);

struct GatePolicy {
  std::optional<std::uint64_t>
      fail_threshold;                  ///< 0: counting is off; nothing: see VerdictCounter::threshold
  std::vector<std::string> must_fail;  ///< metrics whose regression alone fails
  bool by_family = false;  ///< one fact counts once; else every metric does, as on the reference page
};

struct VerdictCounts {
  std::uint64_t regressed = 0, improved = 0, equivalent = 0, unchanged = 0, inconclusive = 0,
                informational = 0;
  std::uint64_t declared_regressed = 0;  ///< of the regressed, those that a test's own gate names
  std::uint64_t did_not_happen =
      0;  ///< gating rows of what happened on the baseline and not on HEAD: never a pass
  std::uint64_t underpowered = 0;  ///< of the inconclusive, those that lack nothing but runs
  std::uint64_t regressed_families =
      0;                     ///< of the regressed: metrics of one family in one scenario are one fact
  std::uint64_t gating = 0;  ///< rows whose regression would count
  std::uint64_t rows() const {
    return regressed + improved + equivalent + unchanged + inconclusive + informational;
  }
};

enum class Overall { kPass, kFail, kEmpty, kInconclusive };
const char* overall_name(Overall overall);
ExitCode exit_code_of(Overall overall);

class VerdictCounter {
 public:
  /// `family`: which rows tell of one fact; empty: this one alone.
  void add(const std::string& metric, std::uint32_t polarity, const ktstr_verdict& verdict,
           bool declared = false, const std::string& family = {});
  /// The row that was added last is one of what did not happen on HEAD.
  void add_did_not_happen() { ++counts_.did_not_happen; }
  /// The row that was added last tells of this metric too.
  void stands_for(const std::string& metric, const ktstr_verdict& verdict);
  const VerdictCounts& counts() const { return counts_; }
  /// kEmpty when nothing was added. A regression of a declared gate fails whatever the policy says. Rows that
  /// lack power make the whole inconclusive only when no row was decided: docs/decisions/0004.
  Overall overall(const GatePolicy& policy) const;
  /// Regressions that fail: as the policy says, else 5, so that a lone noisy one does not. Where a gate
  /// allows for how many metrics it looked at (it states q) and families are counted, one is no accident.
  std::uint64_t threshold(const GatePolicy& policy) const;
  bool reached(const GatePolicy& policy) const;
  /// Metrics of --must-fail that did regress.
  std::vector<std::string> tripped(const GatePolicy& policy) const;

 private:
  VerdictCounts counts_;
  std::uint64_t decided_ = 0;  ///< gating rows of which something is known
  bool adjusted_ = false;      ///< some gating row has a q
  std::vector<std::string> regressed_metrics_;
  std::set<std::string> regressed_families_;
};

/// --must-fail names must be in the registry and able to gate; informational metrics are only when runs are
/// repeated.
Status check_must_fail(const std::vector<std::string>& names, const MetricRegistry& metrics, bool repeated);

}  // namespace ktstr
