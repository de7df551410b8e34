// SPDX-License-Identifier: Apache-2.0
#include "config/metrics.hpp"

#include <algorithm>
#include <array>
#include <ktstr/kit/text.hpp>

namespace ktstr {
namespace {

constexpr double kUsualRelativeGate = 0.10;

bool is_metric_name(const std::string& name) {
  return !name.empty() && name.size() <= 100 &&
         name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") ==
             std::string::npos;
}

constexpr std::array<std::string_view, 9> kRowKeys = {"name", "polarity", "class",      "unit",       "abs",
                                                      "rel",  "path",     "ext_metric", "description"};

/// Where its value lies in a sidecar; empty for the place that its name tells.
std::string path_of(const StrictObject& object) {
  const Located *path = object.find("path"), *ext_metric = object.find("ext_metric");
  if (path != nullptr && ext_metric != nullptr)
    refuse(path->place, "\"path\" and \"ext_metric\" exclude each other");
  if (ext_metric != nullptr && !ext_metric->text().empty()) return "stats.ext_metrics." + ext_metric->text();
  std::string text = object.text("path");
  const std::vector<std::string> keys = split(text, '.');
  if (!text.empty() && std::find(keys.begin(), keys.end(), "") != keys.end()) {
    refuse(path->place, "\"" + printable(text) + "\" is no place in a sidecar",
           "keys joined by dots: stats.ext_metrics.requests_per_sec");
  }
  return text;
}

MetricContribution contribution(const Located& located, const std::string& by) {
  const StrictObject object(located, kRowKeys);
  MetricContribution row;
  row.name = object.get("name").text();
  if (!is_metric_name(row.name)) {
    refuse(object.get("name").place, "\"" + printable(row.name) + "\" is no name for a metric",
           "letters, digits, _ . -");
  }
  if (object.find("polarity") == nullptr) {
    refuse(object.place() + ".polarity", "which way is better is missing", "lower, higher or informational");
  }
  row.polarity = static_cast<std::uint32_t>(object.get("polarity").index_in(kPolarityNames, "polarity"));
  if (const Located* value = object.find("class"))
    row.metric_class = static_cast<std::uint32_t>(value->index_in(kClassNames, "class"));
  const auto gate = [&](std::string_view key, double usual) {
    const Located* value = object.find(key);
    return value == nullptr ? usual : value->not_negative();
  };
  row.abs_gate = gate("abs", row.abs_gate);
  row.rel_gate = gate("rel", kUsualRelativeGate);
  row.unit = object.text("unit");
  row.path = path_of(object);
  row.description = object.text("description");
  if (row.description.empty()) row.description = "declared by " + by;
  return row;
}

}  // namespace

void add_metrics(const Located& list, const std::string& by, MetricRegistry& metrics) {
  for (const Located& item : list.items()) {
    const Status added = metrics.add(contribution(item, by));
    if (!added) refuse(item.place, added.error().message, added.error().hint);
  }
}

}  // namespace ktstr
