// SPDX-License-Identifier: Apache-2.0
#include "check/fuzz.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "check/bench.hpp"
#include "check/case.hpp"
#include "check/dice.hpp"
#include "check/run_case.hpp"
#include "plugin/catalogue.hpp"

namespace ktstr {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kBatch = 200;      // cases of one process
constexpr std::chrono::seconds kTurn{1};   // and for how long it begins new ones
constexpr std::size_t kMostFindings = 10;  // of one implementation: then it is left alone

void one_case(Bench& bench, Dice& dice) {
  switch (kind_of_interface(bench.row().interface_id)) {
    case kOfGate: return fuzz_gate(bench, dice);
    case kOfReporter: return fuzz_reporter(bench, dice);
    case kOfStore: return fuzz_store(bench, dice);
    case kOfBaseline: return fuzz_baseline(bench, dice);
    default: return fuzz_runner(bench, dice);
  }
}

void batch(Bench& bench) {
  const FuzzPart& part = bench.subject().fuzz;
  const auto begun = Clock::now();
  bench.echoes = true;
  for (std::uint64_t i = 0; i < part.count && (i == 0 || Clock::now() - begun < kTurn); ++i) {
    bench.note_number(part.first + i);
    Dice dice(part.seed, part.first + i);
    one_case(bench, dice);
    if (!bench.remarks.empty()) fail(bench.remarks.front());
  }
}

constexpr CheckCase kBatchCase = {"fuzz", kOfEvery, "survives whatever it is handed", batch};

/// The next batch of one implementation; false when there is nothing more to find out.
Result<bool> go_on(const CheckSubject& subject, const ManifestRow& row, const FuzzWish& wish,
                   std::uint64_t& next, FuzzResult& result) {
  CheckSubject own = subject;
  own.fuzz = {wish.seed, next, wish.only ? 1 : kBatch};
  auto process = RunningCase::start(kBatchCase, own, &row, wish.deadline);
  if (!process) return process.error();
  const CaseEnd end = process->finish();
  const std::uint64_t last = process->number();
  KTSTR_ASSERT(last >= next || end.state != CaseState::kPassed);
  if (end.state == CaseState::kSkipped) {
    result.skipped = end.text;
    return false;
  }
  const std::uint64_t done = last >= next && last < next + kBatch ? last : next;  // a plugin may write there
  result.cases += done - next + 1;
  next = done + 1;
  if (end.state != CaseState::kFailed) return !wish.only;
  const bool known = std::any_of(result.findings.begin(), result.findings.end(),
                                 [&](const FuzzFinding& one) { return one.text == end.text; });
  if (!known) result.findings.push_back({done, end.text});
  return !wish.only && result.findings.size() < kMostFindings;
}

}  // namespace

Result<std::vector<FuzzResult>> fuzz_plugin(const CheckSubject& subject, const FuzzWish& wish,
                                            const std::atomic<bool>& cancelled) {
  struct Going {
    const ManifestRow* row;
    std::size_t result;
    std::uint64_t next;
  };
  std::vector<FuzzResult> results;
  std::vector<Going> going;
  for (const ManifestRow& row : subject.manifest.provides) {
    const bool named =
        wish.names.empty() || std::find(wish.names.begin(), wish.names.end(), row.name) != wish.names.end();
    if (kind_of_interface(row.interface_id) == 0 || !named) continue;
    going.push_back({&row, results.size(), wish.only.value_or(0)});
    results.push_back({printable(kind_of(row.interface_id) + " " + row.name), 0, {}, {}});
  }
  for (const auto begun = Clock::now(); !going.empty();) {
    for (auto at = going.begin(); at != going.end();) {
      if (cancelled) return Error{ExitCode::kInterrupted, "interrupted", ""};
      const auto more = go_on(subject, *at->row, wish, at->next, results[at->result]);
      if (!more) return more.error();
      at = *more ? at + 1 : going.erase(at);
    }
    if (Clock::now() - begun >= wish.time) break;
  }
  return results;
}

}  // namespace ktstr
