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

std::string replay_line(const Discovery& finding, const ExploreOutcome& outcome) {
  return "ktstr " + outcome.replay + " --manifest " + shell_word(finding.file);
}

/// Empty where it is not known.
std::string moment_text(const Moment& moment) {
  const std::string of = moment.as_found ? "as it was found, " : "";
  if (moment.state == "never") return of + "another scheduler that takes over at once does not avert it";
  if (moment.state != "found") return {};
  const std::string late = of + "inevitable from +" + std::to_string(moment.inevitable_ms) + " ms on: ";
  return moment.averted_ms == 0 ? late + "a takeover by the kernel's own scheduler comes too late then"
                                : late + "the kernel's own scheduler, taking over at +" +
                                      std::to_string(moment.averted_ms) + " ms, still averts it";
}

std::string size_text(const Discovery& finding) {
  std::string text = std::to_string(finding.bytes) + " bytes of " + std::to_string(finding.bytes_before);
  if (finding.tried > 0) text += ", " + counted(finding.tried, "smaller one", "smaller ones") + " tried";
  return text + (finding.minimal ? "" : ", not yet the smallest");
}

std::string finding_text(const Discovery& finding, const ExploreOutcome& outcome, std::size_t width) {
  const std::string more =
      finding.count == 1 ? "" : ", and with " + counted(finding.count - 1, "other", "others");
  std::string out = hanging(printable(finding.test) + ": " + printable(finding.kind) + " with seed " +
                                std::to_string(finding.seed) + more,
                            width, 2);
  const std::size_t room = width > 2 ? width - 2 : width;
  std::string message = printable(finding.message);
  if (const std::string moment = moment_text(finding.moment); !moment.empty()) message += "; " + moment;
  out += "  " + hanging(message, room, 4);
  if (finding.worse_metrics.size() > 1) {
    std::vector<std::string> others(finding.worse_metrics.begin() + 1, finding.worse_metrics.end());
    out += "  " + hanging("worse, too: " + printable(join(others, ", ")), room, 4);
  }
  out += "  " + printable(finding.file) + " (" + size_text(finding) + ")\n";
  return out + "  again: " + printable(replay_line(finding, outcome)) + "\n";
}

}  // namespace

std::string explore_text(const ExploreOutcome& outcome, std::size_t width) {
  std::string out = hanging(outcome.sentence, width, 2);
  for (const Discovery& finding : outcome.state.findings) out += "\n" + finding_text(finding, outcome, width);
  if (!outcome.state.findings.empty()) out += "\n";
  const ScenarioCounts& counts = outcome.state.counts;
  std::string line = std::to_string(counts.passed) + " passed, " + std::to_string(counts.failed) + " failed";
  for (const auto& [count, what] : {std::pair{counts.inconclusive, " inconclusive"},
                                    {counts.skipped, " skipped"},
                                    {counts.errors, " could not be run"},
                                    {counts.refused, " refused by the runner"},
                                    {counts.as_before, " of the failed fail on the baseline, too"},
                                    {counts.suspects, " of the passed look worse than the baseline"}}) {
    if (count > 0) line += ", " + std::to_string(count) + what;
  }
  if (const std::uint64_t seen = outcome.state.corpus.behaviours(); seen > 0)
    line += "; " + counted(seen, "behaviour", "behaviours") + " seen";
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
  for (const Discovery& finding : outcome.state.findings) {
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
                              {"base", outcome.base.empty() ? json::value() : json::value(outcome.base)},
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
                              {"guided", request.guided},
                              {"behaviours", outcome.state.corpus.behaviours()},
                              {"kept", outcome.state.corpus.kept()},
                              {"this_call",
                               {{"scenarios", outcome.now},
                                {"shrinking", outcome.shrinking},
                                {"seconds", outcome.seconds},
                                {"per_hour", scenarios_an_hour(outcome)}}},
                              {"findings", std::move(findings)},
                              {"not_judged", texts(outcome.state.reasons)}});
}

}  // namespace ktstr
