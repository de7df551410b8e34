// SPDX-License-Identifier: Apache-2.0
//
// Simulated measurements and the gates that judge them.
#pragma once
#include <ktstr/abi/gate.h>

#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "ports/ports.hpp"

namespace ktstr::bench {

/// Gates that judge together, as in perf-delta.
struct Team {
  std::string name;
  unsigned every =
      1;  ///< simulated in every so many repeats only: high rates need few, and slow gates get few
  std::vector<std::unique_ptr<GatePort>> gates;
  /// Outcome of each comparison; all gates must agree.
  std::vector<std::uint32_t> judge(const std::vector<const ktstr_comparison*>& comparisons) const;
};

/// One invocation's comparisons with everything that they point to.
class Batch {
 public:
  /// Values in pairs: baseline[i] and head[i] ran next to each other. History: variance of a reading, NaN
  /// when unknown.
  void add(std::vector<double> baseline, std::vector<double> head, double rel_gate, double log_variance,
           double df);
  std::vector<const ktstr_comparison*> pointers() const;

 private:
  struct Values {
    std::vector<double> baseline, head;
    std::vector<std::uint64_t> blocks, seeds;
    ktstr_samples baseline_samples, head_samples;
    ktstr_history history;
  };
  std::deque<Values> values_;
  std::deque<ktstr_comparison> comparisons_;
};

using Random = std::mt19937_64;
double normal(Random& random);

/// A markdown table row.
void print_row(const std::vector<std::string>& cells);
std::string rate(std::uint64_t hits, std::uint64_t of);

void drift_table(const std::vector<const Team*>& teams, unsigned repeats);
void many_metrics_table(const std::vector<const Team*>& teams, unsigned repeats);
void speed_table(const std::vector<const Team*>& teams, std::size_t comparisons);

}  // namespace ktstr::bench
