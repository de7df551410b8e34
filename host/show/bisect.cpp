// SPDX-License-Identifier: Apache-2.0
#include "show/bisect.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/text.hpp>

#include "show/document.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

std::string amount(double value) { return std::isfinite(value) ? significant(value, 4) : "-"; }
std::string change(double relative) {
  if (!std::isfinite(relative)) return "-";
  return (relative < 0 ? "" : "+") + fixed(relative * 100, 1) + " %";
}
std::string chance(double p) { return !std::isfinite(p) ? "-" : p < 0.001 ? "<0.001" : fixed(p, 3); }

std::string noun_of(const BisectOutcome& outcome) { return outcome.of_kernels ? "kernel" : "commit"; }

}  // namespace

std::string bisect_text(const BisectOutcome& outcome, std::size_t width) {
  const bool kernels = outcome.of_kernels;
  std::vector<std::vector<std::string>> table{{kernels ? "KERNEL" : "COMMIT", "VERDICT", "GOOD",
                                               kernels ? "KERNEL'S" : "COMMIT'S", "CHANGE", "P", "METRIC",
                                               "SUMMARY"}};
  for (const Bisected& one : outcome.line) {
    if (one.verdict.empty()) continue;
    table.push_back({printable(one.label), one.verdict, amount(one.baseline), amount(one.head),
                     change(one.relative), chance(one.p_value),
                     one.metric.empty() ? printable(one.note.empty() ? "-" : one.note) : one.metric,
                     one.summary});
  }
  std::string out = text_table(table, {2, 3, 4, 5}, width) + "\n";
  if (!outcome.strict.empty()) out += "INCONCLUSIVE: " + outcome.strict + "\n";
  for (const Bisected& one : outcome.line) {
    if (one.id != outcome.first_bad) continue;
    return out + "first bad " + noun_of(outcome) + ": " + printable(one.id) + " " + one.summary + "\n" +
           (outcome.show_first_bad.empty() ? "" : "next: " + outcome.show_first_bad + "\n");
  }
  std::vector<std::string> labels;
  for (const Bisected& one : outcome.line) {
    const auto& suspects = outcome.suspects;
    if (std::find(suspects.begin(), suspects.end(), one.id) != suspects.end())
      labels.push_back(printable(one.label));
  }
  KTSTR_ASSERT(outcome.first_bad.empty() && labels.size() == outcome.suspects.size());  // all are of the line
  return out + "the first bad " + noun_of(outcome) + " is one of " + join(labels, ", ") +
         ": those between could not be judged\n";
}

json::object bisect_json(const BisectOutcome& outcome) {
  const char* id = outcome.by_version ? "kernel" : "commit";
  json::array line;
  for (const Bisected& one : outcome.line) {
    line.push_back(
        json::object{{id, one.id},
                     {"summary", one.summary},
                     {"verdict", one.verdict.empty() ? json::value(nullptr) : json::value(one.verdict)},
                     {"test", one.test},
                     {"metric", one.metric},
                     {"baseline", one.baseline},
                     {"head", one.head},
                     {"relative", one.relative},
                     {"p_value", one.p_value},
                     {"note", one.note}});
  }
  return document("bisect", {{"searched", outcome.by_version   ? "kernels"
                                          : outcome.of_kernels ? "kernel_commits"
                                                               : "commits"},
                             {"first_bad", outcome.first_bad.empty() ? json::value(nullptr)
                                                                     : json::value(outcome.first_bad)},
                             {"suspects", json::array(outcome.suspects.begin(), outcome.suspects.end())},
                             {"strict", outcome.strict},
                             {outcome.by_version ? "kernels" : "commits", std::move(line)}});
}

}  // namespace ktstr
