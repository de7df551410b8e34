// SPDX-License-Identifier: Apache-2.0
#include "perf_feed/perf_feed_reporter.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/options.hpp>
#include <ktstr/kit/sdk_mistake.hpp>
#include <map>

#include "display.hpp"
#include "document/shown_text.hpp"
#include "terminal_text.hpp"

namespace ktstr::reporters {
namespace {

using Format = PerfFeedReporter::Format;

const auto kPerfFeedOptions =
    kit::OptionTable<PerfFeedReporter::Options>("reporter perf-feed")
        .choice("format", &PerfFeedReporter::Options::format, "format",
                {{"customSmallerIsBetter", Format::kSmaller},
                 {"customBiggerIsBetter", Format::kBigger},
                 {"bmf", Format::kBencher},
                 {"openmetrics", Format::kOpenMetrics}},
                "of github-action-benchmark one file for each direction; Bencher's JSON; OpenMetrics");

bool has_value(const Change& change) { return std::isfinite(change.after); }

std::string scenario_name(const Change& change) { return shown_line(change.scenario(), 900); }

/// One direction of github-action-benchmark; informational metrics have none and are left out.
json::array benchmark_json(const Collected& all, std::uint32_t polarity) {
  json::array out;
  std::map<std::string, std::size_t> seen;
  for (const Change& change : all.changes) {
    if (change.polarity != polarity || !has_value(change)) continue;
    std::string name = scenario_name(change) + " " + shown_line(change.metric, 300);
    if (const std::size_t before = seen[name]++; before > 0) name += " (" + std::to_string(before + 1) + ")";
    json::object one{{"name", name}, {"unit", shown_line(change.unit, 40)}, {"value", change.after}};
    const auto [low, high] = std::minmax_element(change.head.begin(), change.head.end());
    if (low != change.head.end() && *low < *high) one["range"] = "± " + number((*high - *low) / 2);
    one["extra"] = "baseline " + quantity(change.before, change.unit) + ", " +
                   std::to_string(change.head.size()) + " runs";
    out.push_back(std::move(one));
  }
  return out;
}

/// "worst-p99-wake-latency-us": a slug of at most 64.
std::string slug_of(const std::string& metric) {
  std::string out;
  for (const char c : metric) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain || (c >= 'A' && c <= 'Z')) {
      out += plain ? c : static_cast<char>(c - 'A' + 'a');
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  out.resize(std::min<std::size_t>(out.size(), 64));
  while (out.ends_with('-')) out.pop_back();
  KTSTR_ASSERT(out.size() <= 64 && !out.starts_with('-'));
  return out.empty() ? "metric" : out;
}

json::object bencher_json(const Collected& all) {
  json::object out;
  for (const Change& change : all.changes) {
    if (!has_value(change)) continue;
    json::object measure{{"value", change.after}};
    const auto [low, high] = std::minmax_element(change.head.begin(), change.head.end());
    if (low != change.head.end() && std::isfinite(*low) && std::isfinite(*high)) {
      measure["lower_value"] = *low;
      measure["upper_value"] = *high;
    }
    json::value& benchmark = out[scenario_name(change)];
    if (!benchmark.is_object()) benchmark.emplace_object();
    benchmark.get_object().emplace(slug_of(change.metric), std::move(measure));
  }
  return out;
}

}  // namespace

const std::string kPerfFeedOptionsSchema = kPerfFeedOptions.schema();

PerfFeedReporter::PerfFeedReporter(sdk::Host, const sdk::Creation& creation)
    : CollectingReporter(creation),
      options_(kit::refusing_mistakes([&] { return kPerfFeedOptions.read(creation.options); })) {}

std::string PerfFeedReporter::text(const Collected& all) const {
  if (all.is_partial())
    throw sdk::Error(KTSTR_UNAVAILABLE,
                     "the comparison is partial, which a feed cannot say: nothing is written");
  switch (options_.format) {
    case Format::kSmaller: return kit::to_text(benchmark_json(all, KTSTR_LOWER_IS_BETTER)) + "\n";
    case Format::kBigger: return kit::to_text(benchmark_json(all, KTSTR_HIGHER_IS_BETTER)) + "\n";
    case Format::kBencher: return kit::to_text(bencher_json(all)) + "\n";
    case Format::kOpenMetrics: break;
  }
  return open_metrics_text(all);
}

}  // namespace ktstr::reporters
