// SPDX-License-Identifier: Apache-2.0
#include "delta/families.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/stats.hpp>
#include <ktstr/kit/text.hpp>
#include <limits>

namespace ktstr {
namespace {

constexpr std::array<std::string_view, 4> kTruths = {"null", "regress", "improve", "other"};
constexpr std::array<std::string_view, 2> kKinds = {"AA", "AB"};

double number_or_nan(const Located* located) {
  return located == nullptr || located->is_null() ? kit::kNaN : located->number();
}

std::vector<double> numbers(const Located& located) {
  std::vector<double> out;
  for (const Located& item : located.items()) out.push_back(number_or_nan(&item));
  return out;
}

/// One for each of the `values`; null: not known.
std::vector<double> speeds_of(const Located& located, const std::vector<double>& values) {
  const std::vector<double> speeds = numbers(located);
  if (speeds.size() != values.size())
    refuse(located.place,
           std::to_string(speeds.size()) + " speeds for " + std::to_string(values.size()) + " values",
           "give one for each run, null where it is not known");
  for (std::size_t i = 0; i < speeds.size(); ++i) {
    if (speeds[i] <= 0) refuse(located.items()[i].place, "a speed is above 0", "null: not known");
  }
  return speeds;
}

ktstr_history history_of(const Located& located) {
  const OpenObject object(located);
  ktstr_history history = unknown_history();
  history.log_variance = number_or_nan(object.find("log_variance"));
  history.paired_log_variance = number_or_nan(object.find("paired_log_variance"));
  history.log_variance_df = history.paired_log_variance_df = number_or_nan(object.find("df"));
  const double sessions = number_or_nan(object.find("sessions"));
  if (sessions > 0 && sessions < 1e18) history.sessions = static_cast<std::uint64_t>(sessions);
  return history;
}

FamilyMetric metric_of(const Located& located) {
  const OpenObject object(located);
  FamilyMetric metric;
  metric.name = object.get("name").text();
  if (metric.name.empty()) refuse(object.get("name").place, "every metric needs a name");
  metric.unit = object.text("unit");
  if (const Located* lower = object.find("lower_is_better")) metric.lower_is_better = lower->boolean();
  const Located* truth = object.find("truth");
  metric.truth = truth == nullptr || truth->is_null() ? "null" : truth->one_of(kTruths, "truth");
  metric.baseline = numbers(object.get("a"));
  metric.head = numbers(object.get("b"));
  if (const Located* speeds = object.find("host_speed"); speeds != nullptr && !speeds->is_null()) {
    const OpenObject sides(*speeds);
    metric.baseline_speeds = speeds_of(sides.get("a"), metric.baseline);
    metric.head_speeds = speeds_of(sides.get("b"), metric.head);
  }
  const Located* history = object.find("history");
  metric.history = history == nullptr || history->is_null() ? unknown_history() : history_of(*history);
  return metric;
}

Family family_of(const Located& top) {
  const OpenObject object(top, true);
  Family family;
  family.name = object.text("family");
  family.source = object.text("source");
  family.order = object.text("order");
  family.changed = object.get("kind").one_of(kKinds, "kind") == "AB";
  for (const Located& item : object.get("metrics").items()) family.metrics.push_back(metric_of(item));
  return family;
}

}  // namespace

MeasuringOrder measuring_order(std::string_view order) {
  std::string words(order);
  std::transform(words.begin(), words.end(), words.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto any_of = [&](std::initializer_list<const char*> parts) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](const char* part) { return words.find(part) != std::string::npos; });
  };
  MeasuringOrder result;
  result.cached = any_of({"cached", "next-day", "other-session"});
  result.paired = !result.cached && any_of({"abba", "abab", "alternating", "interleaved", "pair"}) &&
                  !any_of({"unpaired"});
  return result;
}

Result<Family> parse_family(std::string_view line, const std::string& where) {
  return read_document(line, where, {}, ExitCode::kUsage, family_of);
}

FamilyComparisons::Side::Side(const std::vector<double>& all, const std::vector<double>& speeds,
                              std::size_t runs) {
  for (std::size_t i = 0; i < std::min(runs, all.size()); ++i) {
    if (std::isnan(all[i])) continue;  // a run without a value; its partner has none either then
    values.push_back(all[i]);
    blocks.push_back(i + 1);
    seeds.push_back(1);
    host_speeds.push_back(i < speeds.size() ? speeds[i] : kit::kNaN);
  }
}

ktstr_samples FamilyComparisons::Side::samples(bool paired) const {
  KTSTR_ASSERT(blocks.size() == values.size() && seeds.size() == values.size());
  return {sizeof(ktstr_samples),          0, values.size(), values.data(), paired ? blocks.data() : nullptr,
          paired ? seeds.data() : nullptr};
}

double FamilyComparisons::Side::mean() const { return kit::mean(values); }

FamilyComparisons::FamilyComparisons(const Family& family, std::size_t runs, double rel_gate,
                                     bool with_history) {
  const MeasuringOrder order = measuring_order(family.order);
  const auto borrowed = [](const std::string& text) { return ktstr_str{text.data(), text.size()}; };
  scenario_.size = sizeof scenario_;
  scenario_.test = borrowed(family.name);
  for (const FamilyMetric& metric : family.metrics) {
    const Side& before = sides_.emplace_back(metric.baseline, metric.baseline_speeds, runs);
    const Side& after = sides_.emplace_back(metric.head, metric.head_speeds, runs);
    ktstr_comparison& c = comparisons_.emplace_back();
    c.size = sizeof c;
    c.polarity = metric.lower_is_better ? KTSTR_LOWER_IS_BETTER : KTSTR_HIGHER_IS_BETTER;
    c.metric_class = KTSTR_CLASS_RATIO;
    c.flags = (order.paired ? KTSTR_COMPARISON_PAIRED : 0U) | (order.cached ? KTSTR_COMPARISON_CACHED : 0U);
    c.scenario = &scenario_;
    c.metric = borrowed(metric.name);
    c.unit = borrowed(metric.unit);
    c.abs_gate = 0;
    c.rel_gate = rel_gate;
    c.baseline = &samples_.emplace_back(before.samples(order.paired));
    c.head = &samples_.emplace_back(after.samples(order.paired));
    c.baseline_estimate = before.mean();
    c.head_estimate = after.mean();
    c.history = &histories_.emplace_back(with_history ? metric.history : unknown_history());
    c.resolution = 0;
    c.extra_json = borrowed(extras_.emplace_back(
        order.paired ? host_speeds_json(before.host_speeds, after.host_speeds) : std::string("{}")));
  }
  KTSTR_ASSERT(comparisons_.size() == family.metrics.size() && samples_.size() == 2 * comparisons_.size());
}

std::vector<const ktstr_comparison*> FamilyComparisons::pointers() const {
  std::vector<const ktstr_comparison*> out;
  for (const ktstr_comparison& comparison : comparisons_) out.push_back(&comparison);
  return out;
}

}  // namespace ktstr
