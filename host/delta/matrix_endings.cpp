// SPDX-License-Identifier: Apache-2.0
#include "delta/matrix_endings.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "pool/stored_test.hpp"

namespace ktstr {
namespace {

const char* outcome_of(const SidecarRecord& record) {
  if (record.skipped || record.expected_failure) return "skipped";
  return record.inconclusive ? "inconclusive" : "failed";
}

/// The first line of why a stored run did not pass; empty when nothing says.
std::string stored_reason(const AppContext& context, const Measurement& measured,
                          const SidecarRecord& record) {
  if (record.expected_failure) return "expected to fail";
  const std::string run =
      pass_key(measured.session(), "head", measured.head_side().spec.label, record.block.value_or(0));
  const auto tests = read_stored_tests(context, "", run, record.test);
  if (!tests) return {};
  for (const StoredTest& test : *tests) {
    if (test.topology == record.topology && test.scheduler == record.scheduler && !test.why.empty())
      return split(test.why.front(), '\n').front();
  }
  return {};
}

ExitCode code_of(const MatrixEnding& ending, bool strict) {
  if (ending.passed()) return ExitCode::kFine;
  if (ending.outcome == "failed") return ExitCode::kFailed;
  if (ending.outcome == "error") return ExitCode::kEnvironment;
  if (ending.outcome == "skipped" && !strict) return ExitCode::kFine;
  return ExitCode::kInconclusive;
}

const char* word_of(ExitCode code) {
  switch (code) {
    case ExitCode::kFine: return "PASS";
    case ExitCode::kFailed: return "FAIL";
    case ExitCode::kEnvironment: return "ERROR";
    default: return "INCONCLUSIVE";
  }
}

}  // namespace

MatrixEnding ending_of(const AppContext& context, const Measurement& measured, const PlannedTest& test,
                       const std::vector<SidecarRecord>& records) {
  if (test.outcome.empty()) return {"error", "it did not end"};
  const bool fresh = test.outcome != "passed";
  std::uint64_t total = 0, unpassed = 0;
  const SidecarRecord* worst = nullptr;
  for (const SidecarRecord& record : records) {
    if (record.test != test.test || record.topology != test.topology || record.scheduler != test.scheduler)
      continue;
    ++total;
    if (record.counts()) continue;
    ++unpassed;
    if (worst == nullptr || outcome_of(record) == std::string_view("failed")) worst = &record;
  }
  KTSTR_ASSERT(unpassed <= total);
  const std::string share = unpassed > 0 && unpassed < total
                                ? std::to_string(unpassed) + " of " + std::to_string(total) + " runs: "
                                : std::string();
  if (fresh) return {test.outcome, share + test.reason};
  if (worst == nullptr) return {"passed", ""};
  return {outcome_of(*worst), share + stored_reason(context, measured, *worst)};
}

void conclude(MatrixOutcome& outcome, bool strict) {
  const MatrixTable& table = outcome.table;
  std::uint64_t rows = 0, unpassed = 0;
  for (const MatrixTest& test : table.tests()) {
    rows += test.rows.size();
    for (const MatrixEnding& ending : test.endings) {
      outcome.code = worse(outcome.code, code_of(ending, strict));
      unpassed += ending.passed() ? 0 : 1;
    }
  }
  if (!table.has_values() || (strict && !outcome.warnings.empty()))
    outcome.code = worse(outcome.code, ExitCode::kInconclusive);
  const MatrixCounts counts = table.counts();
  outcome.sentence =
      std::string(word_of(outcome.code)) + ": " + counted(table.tests().size(), "test", "tests") + " on " +
      counted(table.sides().size(), "side", "sides") + ", " + counted(rows, "metric", "metrics") + ", " +
      counted(counts.steps, "step", "steps") + ": " + std::to_string(counts.regressed) + " regressed, " +
      std::to_string(counts.improved) + " improved, " + std::to_string(counts.inconclusive) +
      " inconclusive" +
      (unpassed > 0 ? "; " + counted(unpassed, "run of a test", "runs of tests") +
                          " did not pass, see below each table"
                    : "");
}

}  // namespace ktstr
