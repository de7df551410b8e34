// SPDX-License-Identifier: Apache-2.0
#include "delta/gate_score.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <limits>

#include "compare/verdict.hpp"
#include "config/load.hpp"
#include "delta/judgement.hpp"
#include "support/lines.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

constexpr std::size_t kMaxLine = std::size_t{64} << 20;

/// One verdict per metric; all gates of the team must agree.
Result<std::vector<ktstr_verdict>> judge_family(const Gates& gates,
                                                const std::vector<const ktstr_comparison*>& comparisons) {
  std::vector<std::vector<ktstr_verdict>> opinions;
  for (const auto& gate : gates.all()) {
    auto verdicts = gate->evaluate(comparisons);
    if (!verdicts) return verdicts.error();
    opinions.push_back(std::move(*verdicts));
  }
  std::vector<ktstr_verdict> combined;
  for (std::size_t i = 0; i < comparisons.size(); ++i) {
    std::vector<const ktstr_verdict*> of_metric;
    for (const auto& gate : opinions) of_metric.push_back(&gate[i]);
    KTSTR_ASSERT(of_metric.size() == gates.all().size());
    combined.push_back(combine_verdicts(of_metric));
  }
  return combined;
}

void score_family(const Family& family, const std::vector<ktstr_verdict>& verdicts, SourceScore& score) {
  KTSTR_ASSERT(verdicts.size() == family.metrics.size());
  const auto regressed = [](const ktstr_verdict& verdict) { return verdict.outcome == KTSTR_REGRESSED; };
  const bool red = std::any_of(verdicts.begin(), verdicts.end(), regressed);
  (family.changed ? score.red_families : score.false_red).count(red);
  if (!family.changed) return;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    if (family.metrics[i].truth == "regress") score.recall.count(regressed(verdicts[i]));
  }
}

json::object row_of(const std::string& team, const Family& family, const FamilyMetric& metric,
                    const ktstr_verdict& v) {
  return {{"gate", team},
          {"family", family.name},
          {"metric", metric.name},
          {"outcome", verdict_name(v.outcome)},
          {"statistic", v.statistic},
          {"df", v.df},
          {"p_value", v.p_value},
          {"q_value", v.q_value},
          {"ratio", v.ratio},
          {"ci_low", v.ci_low},
          {"ci_high", v.ci_high},
          {"mde", v.mde},
          {"text", v.text}};
}

bool is_short(const Family& family, std::size_t runs) {
  return std::any_of(family.metrics.begin(), family.metrics.end(),
                     [&](const FamilyMetric& m) { return m.baseline.size() < runs || m.head.size() < runs; });
}

}  // namespace

Result<GateTeam> parse_gate_team(const std::string& flag) {
  GateTeam team{flag, {}};
  std::size_t begin = 0;
  for (std::size_t i = 1; i <= flag.size(); ++i) {
    // A plus sign before a letter starts the next gate; the one of a number like 1e+3 does not.
    const bool next =
        i + 1 < flag.size() && flag[i] == '+' && std::isalpha(static_cast<unsigned char>(flag[i + 1])) != 0;
    if (!next && i != flag.size()) continue;
    auto gate = parse_plugin_flag(flag.substr(begin, i - begin), "--gate");
    if (!gate) return gate.error();
    team.gates.push_back(std::move(*gate));
    begin = i + 1;
  }
  if (team.gates.empty()) return usage_error("--gate \"\" names no gate", "NAME[::key=value][+NAME…]");
  return team;
}

double Share::value() const {
  return n == 0 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(k) / static_cast<double>(n);
}

std::pair<double, double> Share::interval() const {
  if (n == 0) return {value(), value()};
  KTSTR_ASSERT(k <= n);
  constexpr double z = 1.959963984540054;
  const double count = static_cast<double>(n), share = value(), widened = 1 + z * z / count;
  const double centre = (share + z * z / (2 * count)) / widened;
  const double reach = z / widened * std::sqrt(share * (1 - share) / count + z * z / (4 * count * count));
  return {std::max(0.0, k == 0 ? 0 : centre - reach), std::min(1.0, k == n ? 1 : centre + reach)};
}

Result<GateScores> score_gates(const AppContext& context, const GateScoreRequest& request) {
  GateScores scores;
  std::vector<Gates> teams;
  for (const GateTeam& team : request.teams) {
    auto gates = Gates::make(context.plugins, team.gates);
    if (!gates) return gates.error();
    if (const GatePort& hungriest = gates->hungriest(); hungriest.min_samples() > request.runs) {
      context.warn("gate " + hungriest.name() + " needs " + std::to_string(hungriest.min_samples()) +
                   " runs a side and gets " + std::to_string(request.runs));
    }
    teams.push_back(std::move(*gates));
    scores.teams.push_back({team.name, {}});
  }
  auto lines = LineReader::open(request.file, kMaxLine);
  if (!lines) return lines.error();
  const std::string file = printable(request.file.filename().string());
  std::uint64_t families = 0;
  for (;;) {
    if (context.cancelled) return Error{ExitCode::kInterrupted, "interrupted: nothing is scored", ""};
    const auto line = lines->next();
    if (!line) return line.error();
    if (!*line) break;
    if ((*line)->find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto family = parse_family(**line, file + ": line " + std::to_string(lines->line()));
    if (!family) return family.error();
    ++families;
    scores.short_families += is_short(*family, request.runs) ? 1 : 0;
    const FamilyComparisons comparisons(*family, request.runs, request.rel_percent / 100,
                                        request.with_history);
    for (std::size_t i = 0; i < teams.size(); ++i) {
      const auto verdicts = judge_family(teams[i], comparisons.pointers());
      if (!verdicts) return verdicts.error();
      score_family(*family, *verdicts, scores.teams[i].sources[{family->source, family->order}]);
      for (std::size_t m = 0; request.rows && m < verdicts->size(); ++m) {
        scores.rows +=
            to_text(row_of(request.teams[i].name, *family, family->metrics[m], (*verdicts)[m]), 0) + "\n";
      }
    }
  }
  if (families == 0)
    return usage_error(file + " holds no family",
                       "one JSON object per line; docs/statistics.md describes them");
  return scores;
}

}  // namespace ktstr
