// SPDX-License-Identifier: Apache-2.0
//
// Labelled measurements: what a gate is scored with. One JSON object per line is one invocation ("family") of
// which is known whether its two sides differ; docs/statistics.md describes the keys.
#pragma once
#include <ktstr/abi/gate.h>

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "support/json.hpp"
#include "support/result.hpp"

namespace ktstr {

/// How the two sides of a family were measured.
struct MeasuringOrder {
  bool paired = false;  ///< a[i] and b[i] ran next to each other
  bool cached = false;  ///< the sides are of different sessions
};

/// Read out of the words of `order`: "cached", "next-day" or "other-session" are cached; "ABBA", "ABAB",
/// "alternating", "interleaved" and "pair" are paired; anything else, like "block", is neither.
MeasuringOrder measuring_order(std::string_view order);

struct FamilyMetric {
  std::string name, unit, truth;  ///< truth: "null", "regress", "improve", "other"
  bool lower_is_better = true;
  std::vector<double> baseline, head;                ///< NaN where a run has no value
  std::vector<double> baseline_speeds, head_speeds;  ///< of the host, run by run; empty: not known
  ktstr_history history;
};

struct Family {
  std::string name, source, order;
  bool changed = false;  ///< kind AB
  std::vector<FamilyMetric> metrics;
};

/// `where` ("file.jsonl: line 3") starts the message of an error.
Result<Family> parse_family(std::string_view line, const std::string& where);

/// The comparisons of a family's first `runs` runs, and everything that they point to.
class FamilyComparisons {
 public:
  FamilyComparisons(const Family& family, std::size_t runs, double rel_gate, bool with_history);
  FamilyComparisons(const FamilyComparisons&) = delete;
  FamilyComparisons& operator=(const FamilyComparisons&) = delete;

  std::vector<const ktstr_comparison*> pointers() const;

 private:
  struct Side {
    std::vector<double> values, host_speeds;
    std::vector<std::uint64_t> blocks, seeds;
    Side(const std::vector<double>& all, const std::vector<double>& speeds, std::size_t runs);
    ktstr_samples samples(bool paired) const;
    double mean() const;
  };
  ktstr_scenario scenario_{};
  std::deque<Side> sides_;
  std::deque<ktstr_samples> samples_;
  std::deque<ktstr_history> histories_;
  std::deque<std::string> extras_;
  std::vector<ktstr_comparison> comparisons_;
};

}  // namespace ktstr
