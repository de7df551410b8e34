// SPDX-License-Identifier: Apache-2.0
#include "show/gate_scores.hpp"

#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/text.hpp>

#include "show/document.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

std::string percent(double share) { return fixed(share * 100, 1); }

/// "3 of 23", "2.3-32.1 %", or dashes.
std::vector<std::string> cells(const Share& share) {
  if (share.n == 0) return {"-", "", ""};
  KTSTR_ASSERT(share.k <= share.n);
  const auto [low, high] = share.interval();
  return {std::to_string(share.k) + " of " + std::to_string(share.n), percent(share.value()) + " %",
          percent(low) + "-" + percent(high)};
}

}  // namespace

json::object gate_scores_json(const GateScores& scores, const GateScoreRequest& request) {
  json::array gates;
  for (const TeamScore& team : scores.teams) {
    json::array sources;
    for (const auto& [key, score] : team.sources) {
      const auto interval = [](const Share& share) {
        return json::array{share.interval().first, share.interval().second};
      };
      sources.push_back(json::object{{"source", key.first},
                                     {"order", key.second},
                                     {"aa_families", score.false_red.n},
                                     {"false_red", score.false_red.value()},
                                     {"regress_metrics", score.recall.n},
                                     {"recall", score.recall.value()},
                                     {"ab_families", score.red_families.n},
                                     {"red_families", score.red_families.k},
                                     {"aa_red_families", score.false_red.k},
                                     {"false_red_interval", interval(score.false_red)},
                                     {"found_metrics", score.recall.k},
                                     {"recall_interval", interval(score.recall)}});
    }
    gates.push_back(json::object{{"name", team.name},
                                 {"n", request.runs},
                                 {"rel", request.rel_percent},
                                 {"sources", std::move(sources)}});
  }
  return document("gate-score", {{"gates", std::move(gates)}});
}

std::string gate_scores_text(const GateScores& scores, const GateScoreRequest& request) {
  std::string out;
  const std::string rel = significant(request.rel_percent, 4);
  for (const TeamScore& team : scores.teams) {
    out += (out.empty() ? "" : "\n") + printable(team.name) + ": " + std::to_string(request.runs) +
           " runs a side, relative gate " + rel + " %" + (request.with_history ? "" : ", without history") +
           "\n";
    std::vector<std::vector<std::string>> table{{"SOURCE", "ORDER", "", "COUNT", "SHARE", "95 %"}};
    for (const auto& [key, score] : team.sources) {
      const std::string source = printable(key.first),
                        order = printable(key.second.substr(0, key.second.find(" (")));
      const auto row = [&](const char* what, const Share& share) {
        if (share.n == 0) return;
        std::vector<std::string> line{source, order, what};
        for (std::string& cell : cells(share)) line.push_back(std::move(cell));
        table.push_back(std::move(line));
      };
      row("false red", score.false_red);
      row("recall", score.recall);
      row("red when changed", score.red_families);
    }
    out += text_table(table, {3, 4, 5});
  }
  return out;
}

}  // namespace ktstr
