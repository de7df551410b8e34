// SPDX-License-Identifier: Apache-2.0
#include "measure.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ktstr/kit/stats.hpp>

#include "compare/verdict.hpp"

namespace ktstr::bench {
namespace {

const ktstr_scenario kScenario{sizeof kScenario, 0,        {"t", 1},   {"1n1l1c1t", 8},
                               {"s", 1},         {"w", 1}, {"6.18", 4}};

ktstr_samples samples(const std::vector<double>& values, const std::vector<std::uint64_t>& blocks,
                      const std::vector<std::uint64_t>& seeds) {
  return {sizeof(ktstr_samples), 0, values.size(), values.data(), blocks.data(), seeds.data()};
}

}  // namespace

std::vector<std::uint32_t> Team::judge(const std::vector<const ktstr_comparison*>& comparisons) const {
  std::vector<std::vector<ktstr_verdict>> opinions;
  for (const auto& gate : gates) {
    auto verdicts = gate->evaluate(comparisons);
    if (!verdicts) {
      std::fprintf(stderr, "bench-gates: %s\n", verdicts.error().message.c_str());
      std::exit(1);
    }
    opinions.push_back(std::move(*verdicts));
  }
  std::vector<std::uint32_t> outcomes;
  for (std::size_t i = 0; i < comparisons.size(); ++i) {
    std::vector<const ktstr_verdict*> of_one;
    for (const auto& gate : opinions) of_one.push_back(&gate[i]);
    outcomes.push_back(combine_verdicts(of_one).outcome);
  }
  return outcomes;
}

void Batch::add(std::vector<double> baseline, std::vector<double> head, double rel_gate, double log_variance,
                double df) {
  Values& values = values_.emplace_back();
  for (std::uint64_t i = 0; i < baseline.size(); ++i) {
    values.blocks.push_back(i / 2);
    values.seeds.push_back(i);
  }
  values.baseline = std::move(baseline);
  values.head = std::move(head);
  values.baseline_samples = samples(values.baseline, values.blocks, values.seeds);
  values.head_samples = samples(values.head, values.blocks, values.seeds);
  values.history = {sizeof values.history,
                    0,
                    log_variance,
                    std::isnan(log_variance) ? kit::kNaN : df,
                    kit::kNaN,
                    kit::kNaN,
                    0};
  ktstr_comparison& c = comparisons_.emplace_back();
  c.size = sizeof c;
  c.polarity = KTSTR_LOWER_IS_BETTER;
  c.metric_class = KTSTR_CLASS_RATIO;
  c.flags = KTSTR_COMPARISON_PAIRED;
  c.rel_gate = rel_gate;
  c.scenario = &kScenario;
  c.metric = {"metric", 6};
  c.unit = {"us", 2};
  c.extra_json = {"{}", 2};
  c.baseline = &values.baseline_samples;
  c.head = &values.head_samples;
  c.baseline_estimate = kit::mean(values.baseline);
  c.head_estimate = kit::mean(values.head);
  c.history = &values.history;
}

std::vector<const ktstr_comparison*> Batch::pointers() const {
  std::vector<const ktstr_comparison*> out;
  out.reserve(comparisons_.size());
  for (const ktstr_comparison& comparison : comparisons_) out.push_back(&comparison);
  return out;
}

/// Marsaglia's polar method: the standard library's own differs between libraries, and tables must be the
/// same everywhere.
double normal(Random& random) {
  for (;;) {
    const double u = 2 * static_cast<double>(random() >> 11) * 0x1p-53 - 1,
                 v = 2 * static_cast<double>(random() >> 11) * 0x1p-53 - 1;
    const double s = u * u + v * v;
    if (s > 0 && s < 1) return u * std::sqrt(-2 * std::log(s) / s);
  }
}

void print_row(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + cell + " |";
  std::printf("%s\n", line.c_str());
}

std::string rate(std::uint64_t hits, std::uint64_t of) {
  char text[16];
  std::snprintf(text, sizeof text, "%.3f", static_cast<double>(hits) / static_cast<double>(of));
  return text;
}

}  // namespace ktstr::bench
