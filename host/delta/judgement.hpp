// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compare/pairing.hpp"
#include "compare/verdict.hpp"
#include "noise/noise_history.hpp"
#include "session/context.hpp"

namespace ktstr {

/// The gates of an invocation, in order.
class Gates {
 public:
  static Result<Gates> make(PluginProvider& plugins, const std::vector<PluginChoice>& choices);

  std::vector<std::string> names() const;
  /// `policy` as these gates want findings counted: by families or by metrics.
  GatePolicy policy(GatePolicy policy) const;
  /// None of them knows noise.
  bool judge_by_size_alone() const;
  /// The most values a side that one of them needs.
  const GatePort& hungriest() const;
  const std::vector<std::unique_ptr<GatePort>>& all() const { return gates_; }

 private:
  std::vector<std::unique_ptr<GatePort>> gates_;
};

/// One judged comparison; borrows it from the set.
struct JudgedRow {
  const MetricComparison* comparison;
  ktstr_verdict combined;
  std::vector<ktstr_verdict> opinions;  ///< in the order of the gates
};

struct Judgement {
  std::vector<JudgedRow> rows;  ///< in final order: regressions first, worst first
  VerdictCounter counter;
};

/// One run a side in real time, and nobody knows the noise: a change of it is a suspicion.
bool is_suspect(const MetricComparison& comparison);

/// What gates cannot see in the numbers: the noise of earlier sessions, and which metrics somebody named.
void prepare(const ComparisonSet& set, const NoiseHistory& history, const std::vector<std::string>& named);

/// Asks every gate once about all comparisons. `adjust` may change a combined verdict before it is counted.
Result<Judgement> judge(Gates& gates, const ComparisonSet& set,
                        const std::function<void(JudgedRow&)>& adjust = {});

/// A row that tells of a change: what readers look at first.
bool is_finding(const JudgedRow& row);
std::vector<const MetricComparison*> findings_of(const Judgement& judgement);

}  // namespace ktstr
