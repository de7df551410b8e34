// SPDX-License-Identifier: Apache-2.0
//
// One metric, nothing changed, a machine that drifts during the session: how often is it called a regression?
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>

#include "measure.hpp"

namespace ktstr::bench {
namespace {

constexpr double kNoise = 0.1;  // of the logarithm; drifts are in units of it

struct Drift {
  const char* name;
  /// At position i of n, given whether this is the second run of its pair. `state` starts anew for each
  /// session.
  std::function<double(std::size_t i, std::size_t n, std::vector<double>& state, Random& random)> at;
};

double autoregressive(double keep, double deviation, std::vector<double>& state, Random& random) {
  if (state.empty()) {
    state.push_back(deviation * normal(random));
  } else {
    state[0] = keep * state[0] + deviation * std::sqrt(1 - keep * keep) * normal(random);
  }
  return state[0];
}

double linear(double total, std::size_t i, std::size_t n) {
  return total * static_cast<double>(i) / static_cast<double>(n - 1);
}

const std::vector<Drift>& drifts() {
  static const std::vector<Drift> all = {
      {"none", [](auto, auto, auto&, auto&) { return 0.0; }},
      {"linear, 2 sd in all", [](auto i, auto n, auto&, auto&) { return linear(2, i, n); }},
      {"linear, 4 sd", [](auto i, auto n, auto&, auto&) { return linear(4, i, n); }},
      {"one step of 2 sd",
       [](auto i, auto n, auto& state, auto& random) {
         if (state.empty()) state.push_back(static_cast<double>(1 + random() % (n - 1)));
         return static_cast<double>(i) >= state[0] ? 2.0 : 0.0;
       }},
      {"AR(1) .8, 1 sd",
       [](auto, auto, auto& state, auto& random) { return autoregressive(0.8, 1, state, random); }},
      {"AR(1) .95, 2 sd",
       [](auto, auto, auto& state, auto& random) { return autoregressive(0.95, 2, state, random); }},
      {"second of a pair faster by 1 sd", [](auto i, auto, auto&, auto&) { return i % 2 == 1 ? -1.0 : 0.0; }},
      {"first two runs +3 sd", [](auto i, auto, auto&, auto&) { return i < 2 ? 3.0 : 0.0; }},
  };
  return all;
}

/// A session of n pairs. `abba`: pair k runs baseline first when k is even; otherwise all of the baseline
/// runs first.
void measure(const Drift& drift, std::size_t pairs, bool abba, Random& random, Batch& batch) {
  std::vector<double> baseline(pairs), head(pairs), state;
  for (std::size_t i = 0; i < 2 * pairs; ++i) {
    const double value = std::exp(kNoise * (normal(random) + drift.at(i, 2 * pairs, state, random)));
    const bool is_head = abba ? (i % 2 == 1) == (i / 2 % 2 == 0) : i >= pairs;
    (is_head ? head : baseline)[abba ? i / 2 : i % pairs] = value;
  }
  batch.add(std::move(baseline), std::move(head), 0, std::numeric_limits<double>::quiet_NaN(), 0);
}

}  // namespace

void drift_table(const std::vector<const Team*>& teams, unsigned repeats) {
  std::printf("\n## Drift: one metric, nothing changed, called a regression; N = 3 / 5 / 10\n\n");
  std::vector<std::string> header{"drift over the session"}, rule{"---"};
  for (const Team* team : teams) {
    for (const char* order : {"AAABBB", "ABBA"}) {
      header.push_back(std::string(order) + ", " + team->name);
      rule.emplace_back("---");
    }
  }
  print_row(header);
  print_row(rule);
  for (const Drift& drift : drifts()) {
    std::vector<std::string> row{drift.name};
    for (const Team* team : teams) {
      for (const bool abba : {false, true}) {
        std::string cell;
        for (const std::size_t pairs : {3, 5, 10}) {
          Random random(1 + pairs);
          std::uint64_t red = 0;
          for (unsigned i = 0; i < repeats / team->every; ++i) {
            Batch batch;  // alone: every metric is an invocation of its own
            measure(drift, pairs, abba, random, batch);
            red += team->judge(batch.pointers())[0] == KTSTR_REGRESSED ? 1 : 0;
          }
          cell += (cell.empty() ? "" : " / ") + rate(red, repeats / team->every);
        }
        row.push_back(cell);
      }
    }
    print_row(row);
  }
}

}  // namespace ktstr::bench
