// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdio>
#include <ctime>
#include <limits>

#include "measure.hpp"

namespace ktstr::bench {

void speed_table(const std::vector<const Team*>& teams, std::size_t comparisons) {
  constexpr std::size_t kRuns = 10;
  std::printf("\n## Time to judge %zu comparisons of %zu runs a side in one call\n\n", comparisons, kRuns);
  print_row({"gate", "history", "seconds of one core"});
  print_row({"---", "---", "---"});
  for (const bool history : {false, true}) {
    Random random(1);
    Batch batch;
    for (std::size_t i = 0; i < comparisons; ++i) {
      std::vector<double> sides[2];
      for (std::vector<double>& side : sides) {
        for (std::size_t run = 0; run < kRuns; ++run) side.push_back(100 * std::exp(0.05 * normal(random)));
      }
      batch.add(std::move(sides[0]), std::move(sides[1]), 0.05,
                history ? 0.0025 : std::numeric_limits<double>::quiet_NaN(), 20);
    }
    const auto pointers = batch.pointers();
    for (const Team* team : teams) {
      for (const auto& gate : team->gates) {
        const std::clock_t begin = std::clock();
        const auto verdicts = gate->evaluate(pointers);
        char text[32];
        std::snprintf(text, sizeof text, "%.2f", static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
        print_row({gate->name(), history ? "yes" : "no", verdicts ? text : verdicts.error().message});
      }
    }
  }
}

}  // namespace ktstr::bench
