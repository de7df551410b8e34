// SPDX-License-Identifier: Apache-2.0
#include "measure/test_budget.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <map>
#include <tuple>

#include "pool/pool.hpp"
#include "select/budget.hpp"

namespace ktstr {
namespace {

constexpr std::size_t kMostRuns = 20;   // of the pool, the newest ones: older durations tell less
constexpr std::size_t kMostNamed = 10;  // tests that the line about what is left out names

using Variant = std::tuple<std::string, std::string, std::string>;  // test, topology, scheduler

double median(std::vector<double> values) {
  KTSTR_ASSERT(!values.empty());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Host time that runs of each variant took, in seconds. Best effort: what cannot be read tells nothing.
std::map<Variant, std::vector<double>> known_durations(const AppContext& context) {
  std::map<Variant, std::vector<double>> known;
  PoolQuery query;
  std::size_t runs = 0;
  query.run = [&](const RunEntry&) { return runs++ < kMostRuns; };
  query.wanted = [](const SidecarRecord& record) { return record.run_ms.has_value() && !record.skipped; };
  const auto pool = read_pool(context, query);
  if (!pool) return known;
  for (const PoolEntry& entry : pool->entries) {
    const SidecarRecord& record = entry.record;
    known[{record.test, record.topology, record.scheduler}].push_back(*record.run_ms / 1000);
  }
  return known;
}

class Estimates {
 public:
  Estimates(const AppContext& context, const std::vector<BudgetedTest>& tests)
      : known_(known_durations(context)) {
    std::vector<double> overheads;
    for (const BudgetedTest& one : tests) {
      if (const auto found = known_.find(variant_of(*one.test)); found != known_.end())
        overheads.push_back(std::max(0.0, median(found->second) - planned(*one.test)));
    }
    if (!overheads.empty()) overhead_ = median(std::move(overheads));
  }
  bool knows(const TestEntry& test) const { return known_.contains(variant_of(test)); }
  double seconds(const TestEntry& test) const {
    if (const auto found = known_.find(variant_of(test)); found != known_.end()) return median(found->second);
    if (overhead_) return planned(test) + *overhead_;
    const double cpus = cpus_of_topology(test.topology).value_or(1);
    return planned(test) + 12 + std::max(0.0, cpus - 16) / 10;  // a boot, and what comes with large machines
  }

 private:
  static Variant variant_of(const TestEntry& test) { return {test.test, test.topology, test.scheduler}; }
  static double planned(const TestEntry& test) { return static_cast<double>(test.duration_ms) / 1000; }
  std::map<Variant, std::vector<double>> known_;
  std::optional<double> overhead_;  ///< beside the planned time, of tests that are known
};

std::vector<std::string> features_of(const BudgetedTest& one) {
  const TestEntry& test = *one.test;
  std::vector<std::string> features = features_of_topology(test.topology);
  features.push_back("test " + test.test);
  features.push_back("topology " + test.topology);
  features.push_back("scheduler " + test.scheduler);
  features.push_back("work " + test.work_type);
  features.push_back("kernel " + one.kernel);
  if (test.performance_mode) features.emplace_back("performance mode");
  return features;
}

std::string left_out_text(const std::vector<BudgetedTest>& tests, const std::vector<bool>& chosen) {
  std::vector<std::string> names;
  std::size_t left = 0;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    if (chosen[i] || ++left > kMostNamed) continue;
    names.push_back(printable(tests[i].test->name) +
                    (tests[i].kernel.empty() ? "" : "@" + printable(tests[i].kernel)));
  }
  return "--budget leaves out " + counted(left, "test", "tests") + ": " + join(names, ", ") +
         (left > kMostNamed ? " and " + std::to_string(left - kMostNamed) + " more" : "");
}

}  // namespace

Result<BudgetOutcome> budget_tests(const AppContext& context, double seconds,
                                   const std::vector<BudgetedTest>& tests) {
  const Estimates estimates(context, tests);
  std::vector<BudgetCandidate> candidates;
  std::size_t guessed = 0;
  for (const BudgetedTest& one : tests) {
    candidates.push_back({estimates.seconds(*one.test), features_of(one)});
    guessed += estimates.knows(*one.test) ? 0 : 1;
  }
  const BudgetChoice choice = choose_within(seconds, candidates);
  KTSTR_ASSERT(choice.chosen.size() == tests.size() && choice.covered <= choice.features);
  const auto chosen = static_cast<std::size_t>(std::count(choice.chosen.begin(), choice.chosen.end(), true));
  if (chosen == 0 && !tests.empty()) {
    const auto shortest =
        std::min_element(candidates.begin(), candidates.end(),
                         [](const auto& a, const auto& b) { return a.seconds < b.seconds; });
    return usage_error("--budget " + duration_text(seconds) +
                           ": no test fits; the shortest is expected to take " +
                           duration_text(shortest->seconds),
                       "give more time, or select fewer tests");
  }
  BudgetOutcome outcome{choice.chosen, {}};
  outcome.told.push_back(
      "--budget " + duration_text(seconds) + ": " + std::to_string(chosen) + " of " +
      counted(tests.size(), "test", "tests") + ", expected to take " + duration_text(choice.seconds) +
      (guessed == 0 ? "" : " (" + std::to_string(guessed) + " never ran: guessed)") + "; they cover " +
      std::to_string(choice.covered) + " of " + std::to_string(choice.features) + " traits");
  if (chosen < tests.size()) outcome.told.push_back(left_out_text(tests, choice.chosen));
  return outcome;
}

}  // namespace ktstr
