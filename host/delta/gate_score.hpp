// SPDX-License-Identifier: Apache-2.0
//
// `ktstr gate score`: how often gates cry wolf, and what they miss, on measurements of which the truth is
// known.
#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "delta/families.hpp"
#include "session/context.hpp"

namespace ktstr {

/// Gates that judge together, like those of perf-delta: all must agree.
struct GateTeam {
  std::string name;  ///< as it was asked for
  std::vector<PluginChoice> gates;
};

/// "fdr::q=0.1", or "welch+threshold" for a team of two.
Result<GateTeam> parse_gate_team(const std::string& flag);

struct GateScoreRequest {
  std::filesystem::path file;
  std::vector<GateTeam> teams;
  std::size_t runs = 5;
  double rel_percent = 5;
  bool with_history = true;
  bool rows = false;  ///< keep the verdict on every metric
};

/// k of n, with the 95 % interval of E. B. Wilson (JASA 22, 1927) for the share behind it.
struct Share {
  std::uint64_t k = 0, n = 0;
  double value() const;  ///< NaN for n = 0
  std::pair<double, double> interval() const;
  void count(bool hit) {
    ++n;
    k += hit ? 1 : 0;
  }
};

/// Of one source and order.
struct SourceScore {
  Share false_red;     ///< AA families with any regression
  Share recall;        ///< metrics that truly regressed and were called so, of AB families
  Share red_families;  ///< AB families with any regression
};

struct TeamScore {
  std::string name;
  std::map<std::pair<std::string, std::string>, SourceScore> sources;  ///< by source and order
};

struct GateScores {
  std::vector<TeamScore> teams;
  std::string rows;                  ///< JSON lines
  std::uint64_t short_families = 0;  ///< families with a metric of fewer runs than asked for
};

Result<GateScores> score_gates(const AppContext& context, const GateScoreRequest& request);

}  // namespace ktstr
