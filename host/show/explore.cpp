// SPDX-License-Identifier: Apache-2.0
#include "show/explore.hpp"

#include <cmath>
#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/text.hpp>

#include "explore/search_end.hpp"
#include "show/document.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

std::string replay_line(const Finding& finding, const ExploreOutcome& outcome) {
  return "ktstr test --manifest " + shell_word(finding.file) + " " + outcome.replay;
}

std::string size_text(const Finding& finding) {
  std::string text = std::to_string(finding.bytes) + " bytes of " + std::to_string(finding.bytes_before);
  if (finding.tried > 0) text += ", " + counted(finding.tried, "smaller one", "smaller ones") + " tried";
  return text + (finding.minimal ? "" : ", not yet the smallest");
}

std::string finding_text(const Finding& finding, const ExploreOutcome& outcome, std::size_t width) {
  const std::string more =
      finding.count == 1 ? "" : ", and with " + counted(finding.count - 1, "other", "others");
  std::string out = hanging(printable(finding.test) + ": " + printable(finding.kind) + " with seed " +
                                std::to_string(finding.seed) + more,
                            width, 2);
  out += "  " + hanging(printable(finding.message), width > 2 ? width - 2 : width, 4);
  out += "  " + printable(finding.file) + " (" + size_text(finding) + ")\n";
  return out + "  again: " + printable(replay_line(finding, outcome)) + "\n";
}

}  // namespace

std::string explore_text(const ExploreOutcome& outcome, std::size_t width) {
  std::string out = hanging(outcome.sentence, width, 2);
  for (const Finding& finding : outcome.state.findings) out += "\n" + finding_text(finding, outcome, width);
  if (!outcome.state.findings.empty()) out += "\n";
  const ScenarioCounts& counts = outcome.state.counts;
  std::string line = std::to_string(counts.passed) + " passed, " + std::to_string(counts.failed) + " failed";
  for (const auto& [count, what] : {std::pair{counts.inconclusive, " inconclusive"},
                                    {counts.skipped, " skipped"},
                                    {counts.errors, " could not be run"},
                                    {counts.refused, " refused by the runner"}}) {
    if (count > 0) line += ", " + std::to_string(count) + what;
  }
  if (outcome.now > 0)
    line += "; " + std::to_string(std::llround(scenarios_an_hour(outcome))) + " an hour, " +
            std::to_string(outcome.shrinking) + " more while shrinking";
  if (outcome.resumed > 0) line += "; " + counted(outcome.resumed, "seed", "seeds") + " searched before";
  out += hanging(line, width, 2);
  for (const std::string& reason : outcome.state.reasons)
    out += hanging("not judged: " + printable(reason), width, 2);
  return out;
}

json::object explore_json(const ExploreOutcome& outcome, const ExploreRequest& request) {
  json::array findings;
  for (const Finding& finding : outcome.state.findings) {
    json::object one = finding_json(finding);
    one["replay"] = replay_line(finding, outcome);
    findings.push_back(std::move(one));
  }
  const auto texts = [](const std::vector<std::string>& list) {
    return json::array(list.begin(), list.end());
  };
  return document("explore", {{"exit_code", static_cast<int>(outcome.code)},
                              {"sentence", outcome.sentence},
                              {"kernel", outcome.kernel},
                              {"tests", texts(outcome.tests)},
                              {"vary", texts(outcome.dimensions)},
                              {"seed", request.seed},
                              {"seeds",
                               {{"first", request.first},
                                {"last", request.last},
                                {"done", outcome.seeds_done},
                                {"before", outcome.resumed}}},
                              {"interrupted", outcome.interrupted},
                              {"out_of_time", outcome.out_of_time},
                              {"directory", outcome.directory},
                              {"scenarios", counts_json(outcome.state.counts)},
                              {"this_call",
                               {{"scenarios", outcome.now},
                                {"shrinking", outcome.shrinking},
                                {"seconds", outcome.seconds},
                                {"per_hour", scenarios_an_hour(outcome)}}},
                              {"findings", std::move(findings)},
                              {"not_judged", texts(outcome.state.reasons)}});
}

}  // namespace ktstr
