// SPDX-License-Identifier: Apache-2.0
#include "delta/families.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/stats.hpp>
#include <ktstr/kit/text.hpp>
#include <limits>

namespace ktstr {
namespace {

Error wrong(const std::string& where, const char* expected, const json::value* found) {
  return usage_error(where + ": expected " + expected + ", found " +
                     (found == nullptr ? "nothing" : kind_name(*found)));
}

Result<double> number_or_nan(const json::value& value, const std::string& where) {
  if (value.is_null()) return kit::kNaN;
  if (!value.is_number()) return wrong(where, "a number or null", &value);
  return value.to_number<double>();
}

Result<std::vector<double>> numbers(const ObjectReader& reader, std::string_view key) {
  const json::value* value = reader.find(key);
  if (value == nullptr || !value->is_array()) return wrong(reader.where(key), "an array of numbers", value);
  std::vector<double> out;
  for (const json::value& element : value->get_array()) {
    const auto number = number_or_nan(element, reader.where(key) + "[" + std::to_string(out.size()) + "]");
    if (!number) return number.error();
    out.push_back(*number);
  }
  return out;
}

Result<ktstr_history> parse_history(const json::value* value, const std::string& where) {
  ktstr_history history = unknown_history();
  if (value == nullptr || value->is_null()) return history;
  if (!value->is_object()) return wrong(where, "an object or null", value);
  const auto read = [&](const char* key) -> Result<double> {
    const json::value* number = value->get_object().if_contains(key);
    return number == nullptr ? Result<double>(kit::kNaN) : number_or_nan(*number, where + "." + key);
  };
  const auto own = read("log_variance"), paired = read("paired_log_variance"), df = read("df"),
             sessions = read("sessions");
  for (const auto* part : {&own, &paired, &df, &sessions}) {
    if (!*part) return part->error();
  }
  history.log_variance = *own;
  history.paired_log_variance = *paired;
  history.log_variance_df = history.paired_log_variance_df = *df;
  if (*sessions > 0 && *sessions < 1e18) history.sessions = static_cast<std::uint64_t>(*sessions);
  return history;
}

Result<FamilyMetric> parse_metric(const json::value& value, const std::string& where) {
  if (!value.is_object()) return wrong(where, "an object", &value);
  const ObjectReader reader(value.get_object(), where);
  FamilyMetric metric;
  const auto name = reader.text("name"), unit = reader.text("unit");
  for (const auto* part : {&name, &unit}) {
    if (!*part) return part->error();
  }
  if (name->empty()) return usage_error(reader.where("name") + ": every metric needs a name");
  metric.name = *name;
  metric.unit = *unit;
  if (const json::value* lower = reader.find("lower_is_better"); lower != nullptr) {
    if (!lower->is_bool()) return wrong(reader.where("lower_is_better"), "true or false", lower);
    metric.lower_is_better = lower->get_bool();
  }
  metric.truth = "null";
  if (const json::value* truth = reader.find("truth"); truth != nullptr && !truth->is_null()) {
    static const std::vector<std::string> known = {"null", "regress", "improve", "other"};
    if (!truth->is_string()) return wrong(reader.where("truth"), "a string or null", truth);
    metric.truth = std::string(truth->get_string());
    if (std::find(known.begin(), known.end(), metric.truth) == known.end()) {
      return usage_error(reader.where("truth") + ": unknown truth \"" + printable(metric.truth) + "\"" +
                             suggestion(metric.truth, known),
                         "known: " + join(known, ", "));
    }
  }
  auto a = numbers(reader, "a"), b = numbers(reader, "b");
  if (!a) return a.error();
  if (!b) return b.error();
  metric.baseline = std::move(*a);
  metric.head = std::move(*b);
  const auto history = parse_history(reader.find("history"), reader.where("history"));
  if (!history) return history.error();
  metric.history = *history;
  return metric;
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
  const auto parsed = parse_json(line, where);
  if (!parsed) return parsed.error();
  if (!parsed->is_object()) return wrong(where, "an object", &*parsed);
  const ObjectReader reader(parsed->get_object(), where + ": ");
  Family family;
  const auto name = reader.text("family"), source = reader.text("source"), order = reader.text("order"),
             kind = reader.text("kind");
  for (const auto* part : {&name, &source, &order, &kind}) {
    if (!*part) return part->error();
  }
  if (*kind != "AA" && *kind != "AB")
    return usage_error(reader.where("kind") + ": expected \"AA\" (no change) or \"AB\" (a change), found \"" +
                       printable(*kind) + "\"");
  family.name = *name;
  family.source = *source;
  family.order = *order;
  family.changed = *kind == "AB";
  const json::value* metrics = reader.find("metrics");
  if (metrics == nullptr || !metrics->is_array())
    return wrong(reader.where("metrics"), "an array of objects", metrics);
  for (const json::value& element : metrics->get_array()) {
    auto metric =
        parse_metric(element, reader.where("metrics") + "[" + std::to_string(family.metrics.size()) + "]");
    if (!metric) return metric.error();
    family.metrics.push_back(std::move(*metric));
  }
  return family;
}

FamilyComparisons::Side::Side(const std::vector<double>& all, std::size_t runs) {
  for (std::size_t i = 0; i < std::min(runs, all.size()); ++i) {
    if (std::isnan(all[i])) continue;  // a run without a value; its partner has none either then
    values.push_back(all[i]);
    blocks.push_back(i + 1);
    seeds.push_back(1);
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
    const Side& before = sides_.emplace_back(metric.baseline, runs);
    const Side& after = sides_.emplace_back(metric.head, runs);
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
    c.extra_json = {"{}", 2};
  }
}

std::vector<const ktstr_comparison*> FamilyComparisons::pointers() const {
  std::vector<const ktstr_comparison*> out;
  for (const ktstr_comparison& comparison : comparisons_) out.push_back(&comparison);
  return out;
}

}  // namespace ktstr
