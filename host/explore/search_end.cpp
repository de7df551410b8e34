// SPDX-License-Identifier: Apache-2.0
#include "explore/search_end.hpp"

#include <ktstr/kit/text.hpp>

namespace ktstr {
namespace {

ExitCode code_of(const ExploreOutcome& outcome) {
  const ScenarioCounts& counts = outcome.state.counts;
  ExitCode code = ExitCode::kFine;
  if (outcome.interrupted) code = worse(code, ExitCode::kInterrupted);
  if (!outcome.state.findings.empty()) code = worse(code, ExitCode::kFailed);
  if (counts.errors > 0) code = worse(code, ExitCode::kEnvironment);
  // A search in which nothing was judged found nothing, and that says nothing.
  if (counts.inconclusive > 0 || counts.passed + counts.failed == 0)
    code = worse(code, ExitCode::kInconclusive);
  return code;
}

const char* word_of(const ExploreOutcome& outcome) {
  if (!outcome.state.findings.empty()) return "FAIL";
  if (outcome.interrupted) return "INTERRUPTED";
  return outcome.code == ExitCode::kFine ? "PASS" : "INCONCLUSIVE";
}

}  // namespace

double scenarios_an_hour(const ExploreOutcome& outcome) {
  const auto ran = static_cast<double>(outcome.now + outcome.shrinking);
  return outcome.seconds > 0 ? ran / outcome.seconds * 3600 : 0;
}

void conclude(ExploreOutcome& outcome) {
  outcome.code = code_of(outcome);
  const SearchState& state = outcome.state;
  std::string text =
      std::string(word_of(outcome)) + ": " + counted(state.findings.size(), "finding", "findings") + " in " +
      counted(state.counts.all(), "scenario", "scenarios") + " of " +
      counted(outcome.tests.size(), "test", "tests") + " on " + printable(outcome.kernel) +
      (outcome.base.empty() ? "" : ", against " + printable(outcome.base)) + ", " +
      std::to_string(outcome.seeds_done) + " of " + counted(outcome.seeds_asked, "seed", "seeds");
  if (outcome.interrupted) text += "; interrupted, the same command goes on";
  if (outcome.out_of_time) text += "; the time was over, the same command goes on";
  outcome.sentence = text;
}

}  // namespace ktstr
