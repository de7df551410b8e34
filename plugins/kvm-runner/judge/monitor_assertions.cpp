// SPDX-License-Identifier: Apache-2.0
#include "judge/monitor_assertions.hpp"

#include <cstdio>
#include <functional>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <optional>

#include "monitor/summary.hpp"

namespace ktstr::kvm {
namespace {

constexpr double kUsualSustained = 5;

std::string tenths(double value) {
  char text[400];
  std::snprintf(text, sizeof text, "%.1f", value);
  std::string shown(text);
  for (char& c : shown) c = c == ',' ? '.' : c;  // whatever locale a neighbour has set
  return shown;
}

/// The figure of a sample, by its index; nothing where it has none.
using Figure = std::function<std::optional<double>(std::size_t index)>;

/// The first stretch of enough samples in a row above the limit fails the test.
void judge_sustained(const SampleTerms& terms, const char* name, const Figure& figure, double limit,
                     Findings& findings,
                     const std::function<std::string(std::size_t index, double value)>& tell) {
  std::size_t above = 0, known = 0;
  KTSTR_ASSERT(terms.sustained > 0);
  for (std::size_t i = 0; i < terms.samples.size(); ++i) {
    const std::optional<double> value = figure(i);
    known += value ? 1 : 0;
    above = value && *value > limit ? above + 1 : 0;
    if (above < terms.sustained) continue;
    return findings.fail(tell(i, *value) + " in " + std::to_string(above) +
                         " samples in a row, up to sample " + std::to_string(i + 1) + " of " +
                         std::to_string(terms.samples.size()) + " (" + name + ")");
  }
  if (known >= terms.sustained) return;
  const std::string why = !terms.reason.empty()
                              ? printable_start(terms.reason, 300)
                              : std::to_string(known) + " of " + std::to_string(terms.samples.size()) +
                                    " samples have what it takes, and " + std::to_string(terms.sustained) +
                                    " are needed";
  findings.doubt(std::string(name) + " cannot be judged: " + why);
}

void judge_rate(const SampleTerms& terms, const char* name, const char* what, std::string_view counter,
                double limit, Findings& findings) {
  const std::size_t row = monitor_counter(counter);
  KTSTR_ASSERT(row < kMonitorCounters.size());
  const Figure rate = [&](std::size_t i) -> std::optional<double> {
    if (i == 0) return std::nullopt;
    const MonitorSample &before = terms.samples[i - 1], &after = terms.samples[i];
    const std::optional<std::uint64_t> more = increase(before, after, row);
    if (!more || after.at_ns <= before.at_ns) return std::nullopt;
    return static_cast<double>(*more) / (static_cast<double>(after.at_ns - before.at_ns) / 1e9);
  };
  judge_sustained(terms, name, rate, limit, findings, [&](std::size_t, double value) {
    return std::string(what) + " " + tenths(value) + " times per second, limit " + tenths(limit) + ",";
  });
}

}  // namespace

SampleTerms sample_terms(const TestSpec& test, const ScenarioReport& scenario, const MonitorReport& monitor) {
  SampleTerms terms;
  terms.reason = monitor.reason;
  terms.sustained =
      static_cast<std::size_t>(test.assertions[assertion_row("sustained_samples")].value_or(kUsualSustained));
  for (const MonitorSample& sample : monitor.samples) {
    if (sample.valid && sample.at_ns >= scenario.start_ns && sample.at_ns <= scenario.end_ns)
      terms.samples.push_back(sample);
  }
  return terms;
}

void judge_imbalance(const SampleTerms& terms, double limit, Findings& findings) {
  judge_sustained(
      terms, "max_imbalance_ratio", [&](std::size_t i) { return std::optional(terms.samples[i].imbalance); },
      limit, findings,
      [&](std::size_t, double value) {
        return "the longest run queue was " + tenths(value) + " times the shortest, limit " + tenths(limit) +
               ",";
      });
}

void judge_queue_depth(const SampleTerms& terms, double limit, Findings& findings) {
  const Figure depth = [&](std::size_t i) {
    const MonitorSample& sample = terms.samples[i];
    return sample.queued ? std::optional<double>(sample.deepest) : std::nullopt;
  };
  judge_sustained(terms, "max_local_dsq_depth", depth, limit, findings, [&](std::size_t i, double) {
    return "the local dispatch queue of CPU " + std::to_string(terms.samples[i].deepest_cpu) + " held " +
           std::to_string(terms.samples[i].deepest) + " tasks, limit " +
           std::to_string(static_cast<std::uint64_t>(limit)) + ",";
  });
}

void judge_stuck_clocks(const SampleTerms& terms, double, Findings& findings) {
  const Figure stuck = [&](std::size_t i) { return std::optional<double>(terms.samples[i].stuck); };
  judge_sustained(terms, "fail_on_rq_clock_stuck", stuck, 0, findings, [&](std::size_t i, double) {
    return "the run-queue clock of CPU " + std::to_string(terms.samples[i].stuck_cpu) + " stood still";
  });
}

void judge_fallback_rate(const SampleTerms& terms, double limit, Findings& findings) {
  judge_rate(terms, "max_fallback_rate", "sched_ext chose a CPU in the scheduler's place", "total_fallback",
             limit, findings);
}

void judge_keep_last_rate(const SampleTerms& terms, double limit, Findings& findings) {
  judge_rate(terms, "max_keep_last_rate", "a dispatch kept the last task", "total_dispatch_keep_last", limit,
             findings);
}

}  // namespace ktstr::kvm
