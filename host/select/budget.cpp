// SPDX-License-Identifier: Apache-2.0
#include "select/budget.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <set>

namespace ktstr {
namespace {

constexpr std::uint64_t kMostCpus = 1 << 20;  // more is no topology that anybody has

struct Shape {
  unsigned nodes = 0, llcs = 0, cores = 0, threads = 0;
};

std::optional<Shape> shape_of(std::string_view topology) {
  Shape shape;
  const char *at = topology.data(), *const end = at + topology.size();
  for (const auto& [number, unit] :
       {std::pair{&shape.nodes, 'n'}, {&shape.llcs, 'l'}, {&shape.cores, 'c'}, {&shape.threads, 't'}}) {
    const auto [next, error] = std::from_chars(at, end, *number);
    if (error != std::errc() || next == end || *next != unit || *number == 0 || *number > 4096)
      return std::nullopt;
    at = next + 1;
  }
  const std::uint64_t cpus = std::uint64_t{shape.llcs} * shape.cores * shape.threads;
  return at == end && cpus <= kMostCpus ? std::optional(shape) : std::nullopt;
}

/// Which power of two it does not exceed: 1, 2, 4, …
std::string bucket(unsigned count) {
  unsigned limit = 1;
  KTSTR_ASSERT(count <= kMostCpus);
  while (limit < count) limit *= 2;
  return std::to_string(limit);
}

}  // namespace

BudgetChoice choose_within(double budget_seconds, const std::vector<BudgetCandidate>& candidates) {
  BudgetChoice choice;
  choice.chosen.assign(candidates.size(), false);
  std::set<std::string> all, covered;
  for (const BudgetCandidate& one : candidates) all.insert(one.features.begin(), one.features.end());
  for (;;) {
    std::size_t best = candidates.size();
    double best_worth = -1;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const BudgetCandidate& one = candidates[i];
      if (choice.chosen[i] || choice.seconds + one.seconds > budget_seconds) continue;
      const std::set<std::string> own(one.features.begin(), one.features.end());
      const auto fresh = static_cast<double>(std::count_if(
          own.begin(), own.end(), [&](const std::string& feature) { return !covered.contains(feature); }));
      const double seconds = std::max(one.seconds, 1e-3);
      // Without anything new the shortest; always behind whatever has something new.
      const double worth = fresh > 0 ? 1 + fresh / seconds : 1 / (1 + seconds);
      if (worth > best_worth) {
        best = i;
        best_worth = worth;
      }
    }
    if (best == candidates.size()) break;
    choice.chosen[best] = true;
    choice.seconds += candidates[best].seconds;
    covered.insert(candidates[best].features.begin(), candidates[best].features.end());
  }
  KTSTR_ASSERT(choice.seconds <= std::max(budget_seconds, 0.0) && covered.size() <= all.size());
  choice.covered = covered.size();
  choice.features = all.size();
  return choice;
}

std::vector<std::string> features_of_topology(std::string_view topology) {
  const auto shape = shape_of(topology);
  if (!shape) return {};
  const unsigned cpus = shape->llcs * shape->cores * shape->threads;
  std::vector<std::string> features = {shape->nodes > 1  ? "several NUMA nodes"
                                       : shape->llcs > 1 ? "several LLCs"
                                                         : "one LLC",
                                       "up to " + bucket(cpus) + " CPUs"};
  if (shape->threads > 1) features.emplace_back("SMT");
  if (shape->llcs > 1 && (shape->llcs & (shape->llcs - 1)) != 0)
    features.emplace_back("an odd number of LLCs");
  return features;
}

std::optional<unsigned> cpus_of_topology(std::string_view topology) {
  const auto shape = shape_of(topology);
  return shape ? std::optional(shape->llcs * shape->cores * shape->threads) : std::nullopt;
}

Result<double> parse_duration(std::string_view text, const std::string& what) {
  constexpr double kLongest = 30.0 * 24 * 3600;
  constexpr std::array<std::pair<char, double>, 3> kUnits = {{{'h', 3600}, {'m', 60}, {'s', 1}}};
  const Error wrong = usage_error(what + " \"" + printable(text) + "\" is no duration",
                                  "for example 90s, 5m or 1h30m; at most 30 days");
  double seconds = 0;
  std::size_t unit = 0;
  const char *at = text.data(), *const end = at + text.size();
  while (at != end) {
    std::uint32_t number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc()) return wrong;
    const char suffix = next == end ? 's' : *next;
    while (unit < kUnits.size() && kUnits[unit].first != suffix) ++unit;  // largest first, each once
    if (unit == kUnits.size()) return wrong;
    seconds += number * kUnits[unit++].second;
    at = next == end ? end : next + 1;
  }
  if (seconds < 1 || seconds > kLongest) return wrong;
  return seconds;
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::llround(std::max(seconds, 0.0)));
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600)
    return std::to_string(whole / 60) + " min" +
           (whole % 60 == 0 ? "" : " " + std::to_string(whole % 60) + " s");
  return std::to_string(whole / 3600) + " h" +
         (whole % 3600 < 60 ? "" : " " + std::to_string(whole % 3600 / 60) + " min");
}

}  // namespace ktstr
