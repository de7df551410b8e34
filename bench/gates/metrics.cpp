// SPDX-License-Identifier: Apache-2.0
//
// Many metrics at once: how often does an unchanged invocation go red, and is one real regression found?
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ktstr/kit/stats.hpp>

#include "measure.hpp"

namespace ktstr::bench {
namespace {

constexpr double kTypicalNoise = 0.06,
                 kNoiseFactor = 2.2;  // noise sd of metrics: log-normal around 6 %, one sd is a factor of 2.2
constexpr double kGate = 0.05;
constexpr unsigned kHistoryDf = 20;

struct Setting {
  std::size_t metrics, runs;
  double shared = 0;  ///< part of the noise variance that all metrics share in a run
  bool history = false;
  std::size_t slower = 0;  ///< metrics that are 20 % slower in head
};

void measure(const Setting& setting, Random& random, Batch& batch) {
  const auto common = [&] {
    std::vector<double> out(setting.runs);
    for (double& value : out) value = std::sqrt(setting.shared) * normal(random);
    return out;
  };
  const std::vector<double> common_baseline = common(), common_head = common();
  for (std::size_t m = 0; m < setting.metrics; ++m) {
    const double noise = kTypicalNoise * std::exp(std::log(kNoiseFactor) * normal(random));
    const auto side = [&](const std::vector<double>& shared, double ratio) {
      std::vector<double> out;
      for (const double s : shared)
        out.push_back(100 * ratio * std::exp(noise * (s + std::sqrt(1 - setting.shared) * normal(random))));
      return out;
    };
    double past = kit::kNaN;
    if (setting.history) {
      past = 0;
      for (unsigned i = 0; i < kHistoryDf; ++i) past += std::pow(noise * normal(random), 2) / kHistoryDf;
    }
    auto baseline = side(common_baseline, 1);
    batch.add(std::move(baseline), side(common_head, m < setting.slower ? 1.2 : 1), kGate, past, kHistoryDf);
  }
}

void print_settings(const std::vector<const Team*>& teams, unsigned repeats, std::size_t metrics,
                    double shared, std::size_t slower) {
  for (const bool history : {false, true}) {
    std::vector<std::string> row{std::to_string(metrics), shared > 0 ? "0.5" : "0", history ? "yes" : "no"};
    for (const Team* team : teams) {
      std::string cell;
      for (const std::size_t runs : {3, 5, 10}) {
        Random random(1 + runs);
        std::uint64_t hits = 0;
        for (unsigned i = 0; i < repeats / team->every; ++i) {
          Batch batch;
          measure({metrics, runs, shared, history, slower}, random, batch);
          const auto outcomes = team->judge(batch.pointers());
          const auto end = slower > 0 ? outcomes.begin() + 1 : outcomes.end();
          hits += std::find(outcomes.begin(), end, KTSTR_REGRESSED) != end ? 1 : 0;
        }
        cell += (cell.empty() ? "" : " / ") + rate(hits, repeats / team->every);
      }
      row.push_back(cell);
    }
    print_row(row);
  }
}

void print_header(const std::vector<const Team*>& teams) {
  std::vector<std::string> header{"metrics", "shared noise", "history"}, rule{"---", "---", "---"};
  for (const Team* team : teams) {
    header.push_back(team->name);
    rule.emplace_back("---");
  }
  print_row(header);
  print_row(rule);
}

}  // namespace

void many_metrics_table(const std::vector<const Team*>& teams, unsigned repeats) {
  std::printf("\n## Invocations that go red although nothing changed; N = 3 / 5 / 10\n\n");
  print_header(teams);
  for (const std::size_t metrics : {10, 40, 100}) {
    for (const double shared : {0.0, 0.5}) print_settings(teams, repeats, metrics, shared, 0);
  }
  std::printf("\n## One metric of 40 is 20 %% slower, and found; N = 3 / 5 / 10\n\n");
  print_header(teams);
  print_settings(teams, repeats, 40, 0, 1);
}

}  // namespace ktstr::bench
