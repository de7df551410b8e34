// SPDX-License-Identifier: Apache-2.0
#include "compare/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/json_writer.hpp>
#include <ktstr/kit/stats.hpp>
#include <ktstr/kit/text.hpp>
#include <limits>

#include "metrics/cgroup_metrics.hpp"

namespace ktstr {
namespace {

ktstr_str borrowed(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

std::string shown(const ScenarioKey& key) {
  return printable(key.test + " " + key.topology + " " + key.scheduler);
}

MetricComparison::MetricComparison(const ScenarioKey& scenario, const Metric& metric, const MetricRule& rule,
                                   std::string phase)
    : key_(scenario), metric_(metric), rule_(rule), phase_(std::move(phase)), name_(metric.name) {}

bool MetricComparison::is_named(std::string_view name) const {
  return name == name_ || std::find(also_.begin(), also_.end(), name) != also_.end();
}

std::string MetricComparison::family() const {
  return shown(key_) + "\n" + key_.work_type + "\n" + key_.kernel + "\n" + key_.accelerator + "\n" +
         key_.time_source + "\n" + cgroup_ + "\n" + std::string(metric_.family);
}

void MetricComparison::add(bool head, double value, std::uint64_t block, std::uint64_t seed,
                           double host_speed) {
  KTSTR_ASSERT(comparison_.size == 0);  // not finished: the C struct points into these
  Side& side = head ? head_ : baseline_;
  side.values.push_back(value);
  side.blocks.push_back(block);
  side.seeds.push_back(seed);
  side.host_speeds.push_back(host_speed);
}

void MetricComparison::add_parts(bool head, double numerator, double denominator) {
  Side& side = head ? head_ : baseline_;
  side.numerator += numerator;
  side.denominator += denominator;
  ++side.parts;
}

double MetricComparison::Side::estimate(Fold fold) const {
  KTSTR_ASSERT(parts <= values.size());
  if (values.empty()) return kit::kNaN;
  if (fold == Fold::kPooled && parts == values.size() && parts > 1 && denominator > 0 &&
      std::isfinite(numerator / denominator))
    return numerator / denominator;
  if (fold == Fold::kMax) return *std::max_element(values.begin(), values.end());
  return kit::mean(values);
}

ktstr_samples MetricComparison::Side::samples(bool paired) const {
  KTSTR_ASSERT(blocks.size() == values.size() && seeds.size() == values.size());
  return {sizeof(ktstr_samples),          0, values.size(), values.data(), paired ? blocks.data() : nullptr,
          paired ? seeds.data() : nullptr};
}

void MetricComparison::finish(bool paired, bool deterministic, bool cached) {
  KTSTR_ASSERT(comparison_.size == 0);  // once: what it points to must stay
  KTSTR_ASSERT(rule_.abs_gate >= 0 && rule_.rel_gate >= 0 && rule_.polarity <= KTSTR_INFORMATIONAL);
  scenario_ = {sizeof scenario_,         0,
               borrowed(key_.test),      borrowed(key_.topology),
               borrowed(key_.scheduler), borrowed(key_.work_type),
               borrowed(key_.kernel)};
  if (!cgroup_.empty()) name_ = path_of(cgroup_, metric_.name);
  comparison_.size = sizeof comparison_;
  comparison_.polarity = rule_.polarity;
  comparison_.metric_class = judged_class();
  comparison_.flags = (paired ? KTSTR_COMPARISON_PAIRED : 0U) |
                      (deterministic ? KTSTR_COMPARISON_DETERMINISTIC : 0U) |
                      (cached ? KTSTR_COMPARISON_CACHED : 0U);
  comparison_.scenario = &scenario_;
  comparison_.metric = borrowed(name_);
  comparison_.unit = borrowed(metric_.unit);
  comparison_.abs_gate = rule_.abs_gate;
  comparison_.rel_gate = rule_.rel_gate;
  baseline_samples_ = baseline_.samples(paired);
  head_samples_ = head_.samples(paired);
  comparison_.baseline = &baseline_samples_;
  comparison_.head = &head_samples_;
  comparison_.baseline_estimate = baseline_.estimate(metric_.fold);
  comparison_.head_estimate = head_.estimate(metric_.fold);
  history_ = unknown_history();
  comparison_.history = &history_;
  comparison_.resolution = metric_.resolution();
  if (paired && !cached) extra_json_ = host_speeds_json(baseline_.host_speeds, head_.host_speeds);
  comparison_.extra_json = borrowed(extra_json_);
}

std::string host_speeds_json(std::span<const double> baseline, std::span<const double> head) {
  const auto known = [](std::span<const double> speeds) {
    return std::all_of(speeds.begin(), speeds.end(), [](double speed) { return speed > 0; });
  };
  if (!known(baseline) || !known(head)) return "{}";
  std::string text = R"({"host_speed":{)";
  for (const auto& [name, speeds] : {std::pair{R"("baseline":[)", baseline}, {R"(],"head":[)", head}}) {
    text += name;
    for (std::size_t i = 0; i < speeds.size(); ++i) {
      if (i > 0) text += ',';
      kit::append_json_number(text, speeds[i]);
    }
  }
  return text + "]}}";
}

ktstr_history unknown_history() {
  return {sizeof(ktstr_history), 0, kit::kNaN, kit::kNaN, kit::kNaN, kit::kNaN, 0};
}

double spread_percent(const ktstr_samples& side) {
  if (side.count == 0) return kit::kNaN;
  const auto [low, high] = std::minmax_element(side.values, side.values + side.count);
  if (*low == *high) return 0;
  const double mean = kit::mean({side.values, side.count});
  return std::fabs(mean) < 1e-9 ? std::numeric_limits<double>::infinity()
                                : (*high - *low) / std::fabs(mean) * 100;
}

}  // namespace ktstr
