// SPDX-License-Identifier: Apache-2.0
#include "select/budget.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <numeric>
#include <set>

namespace ktstr {
namespace {

constexpr std::uint64_t kMostCpus = 1 << 20;  // more is no topology that anybody has

struct Shape {
  unsigned nodes = 0, llcs = 0, threads = 0, cpus = 0;
  bool uneven = false;
};

/// "3+1c" at `at`, which it moves on; nothing where there is something else.
std::optional<std::vector<unsigned>> numbers_before(char unit, unsigned most, const char*& at,
                                                    const char* end) {
  std::vector<unsigned> numbers;
  for (const char* from = at;;) {
    const auto [next, error] = std::from_chars(from, end, numbers.emplace_back());
    if (error != std::errc() || next == end || numbers.back() > most) return std::nullopt;
    from = next + 1;
    if (*next == unit) {
      at = from;
      return numbers;
    }
    if (*next != '+') return std::nullopt;
  }
}

/// One number for all of `count`, or one for each.
unsigned of_each(const std::vector<unsigned>& numbers, std::size_t i) {
  return numbers.size() == 1 ? numbers.front() : numbers.at(i);
}

std::optional<Shape> shape_of(std::string_view topology) {
  const char *at = topology.data(), *const end = at + topology.size();
  std::array<std::vector<unsigned>, 4> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto numbers = numbers_before("nlct"[i], 4096, at, end);
    if (!numbers) return std::nullopt;
    parts[i] = *std::move(numbers);
  }
  for (const char unit : {'d', 'm'})
    numbers_before(unit, 1U << 20U, at, end);  // how far, how much: no matter here
  const auto& [nodes, llcs, cores, threads] = parts;
  Shape shape{nodes.front(), std::accumulate(llcs.begin(), llcs.end(), 0U),
              *std::max_element(threads.begin(), threads.end()), 0,
              llcs.size() > 1 || cores.size() > 1 || threads.size() > 1};
  const bool fits = at == end && nodes.size() == 1 && shape.nodes > 0 && shape.llcs > 0 &&
                    shape.llcs <= 4096 && (llcs.size() == 1 || llcs.size() == shape.nodes) &&
                    (cores.size() == 1 || cores.size() == shape.llcs) &&
                    (threads.size() == 1 || threads.size() == shape.llcs);
  if (!fits) return std::nullopt;
  std::uint64_t cpus = 0;
  for (std::size_t llc = 0; llc < shape.llcs; ++llc) {
    const std::uint64_t here = std::uint64_t{of_each(cores, llc)} * of_each(threads, llc);
    if (here == 0 || (cpus += here) > kMostCpus) return std::nullopt;
  }
  shape.cpus = static_cast<unsigned>(cpus);
  return shape;
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
  std::vector<std::string> features = {shape->nodes > 1  ? "several NUMA nodes"
                                       : shape->llcs > 1 ? "several LLCs"
                                                         : "one LLC",
                                       "up to " + bucket(shape->cpus) + " CPUs"};
  if (shape->threads > 1) features.emplace_back("SMT");
  if (shape->llcs > 1 && (shape->llcs & (shape->llcs - 1)) != 0)
    features.emplace_back("an odd number of LLCs");
  if (shape->uneven) features.emplace_back("places that are not alike");
  return features;
}

std::optional<unsigned> cpus_of_topology(std::string_view topology) {
  const auto shape = shape_of(topology);
  return shape ? std::optional(shape->cpus) : std::nullopt;
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
