// SPDX-License-Identifier: Apache-2.0
#include "config/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/text.hpp>

namespace ktstr {
namespace {

constexpr double kUsualRelativeGate = 0.10;

bool is_metric_name(const std::string& name) {
  return !name.empty() && name.size() <= 100 &&
         name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") ==
             std::string::npos;
}

Status read_gate(const ObjectReader& object, const char* key, double& gate) {
  const json::value* value = object.find(key);
  if (value == nullptr) return Ok{};
  if (!value->is_number())
    return usage_error(object.where(key) + ": expected a number, found " + kind_name(*value));
  gate = value->to_number<double>();
  if (!std::isfinite(gate) || gate < 0) return usage_error(object.where(key) + ": a gate is 0 or more");
  return Ok{};
}

template <typename Parse>
Status read_choice(const ObjectReader& object, const char* key, const std::vector<std::string>& names,
                   Parse parse, std::uint32_t& choice) {
  const auto text = object.text(key);
  if (!text) return text.error();
  if (!text->empty() && !parse(*text, choice)) {
    return usage_error(
        object.where(key) + ": there is no \"" + printable(*text) + "\"" + suggestion(*text, names),
        "one of " + join(names, ", "));
  }
  return Ok{};
}

Result<MetricContribution> contribution(const ObjectReader& object, const std::string& by) {
  if (const Status known = object.only(
          {"name", "polarity", "class", "unit", "abs", "rel", "path", "ext_metric", "description"});
      !known)
    return known.error();
  MetricContribution row;
  std::string ext_metric;
  for (const auto& [key, field] : {std::pair{"name", &row.name},
                                   {"unit", &row.unit},
                                   {"path", &row.path},
                                   {"ext_metric", &ext_metric},
                                   {"description", &row.description}}) {
    auto text = object.text(key);
    if (!text) return text.error();
    *field = *text;
  }
  if (!is_metric_name(row.name))
    return usage_error(object.where("name") + ": \"" + printable(row.name) + "\" is no name for a metric",
                       "letters, digits, _ . -");
  if (object.find("polarity") == nullptr)
    return usage_error(object.where("polarity") + ": which way is better is missing",
                       "lower, higher or informational");
  if (const Status ok =
          read_choice(object, "polarity", {"lower", "higher", "informational"}, parse_polarity, row.polarity);
      !ok)
    return ok.error();
  if (const Status ok =
          read_choice(object, "class", {"ratio", "count", "exact", "extreme"}, parse_class, row.metric_class);
      !ok)
    return ok.error();
  row.rel_gate = kUsualRelativeGate;
  if (const Status ok = read_gate(object, "abs", row.abs_gate); !ok) return ok.error();
  if (const Status ok = read_gate(object, "rel", row.rel_gate); !ok) return ok.error();
  if (!ext_metric.empty() && !row.path.empty())
    return usage_error(object.where("path") + ": \"path\" and \"ext_metric\" exclude each other");
  if (!ext_metric.empty()) row.path = "stats.ext_metrics." + ext_metric;
  const std::vector<std::string> keys = split(row.path, '.');
  if (!row.path.empty() && ext_metric.empty() && std::find(keys.begin(), keys.end(), "") != keys.end()) {
    return usage_error(object.where("path") + ": \"" + printable(row.path) + "\" is no place in a sidecar",
                       "keys joined by dots: stats.ext_metrics.requests_per_sec");
  }
  if (row.description.empty()) row.description = "declared by " + by;
  return row;
}

}  // namespace

Status add_metrics(const json::value& list, const std::string& where, const std::string& by,
                   MetricRegistry& metrics) {
  if (!list.is_array()) return usage_error(where + ": expected an array, found " + kind_name(list));
  std::size_t index = 0;
  for (const json::value& element : list.get_array()) {
    const std::string place = where + "[" + std::to_string(index++) + "]";
    if (!element.is_object()) return usage_error(place + ": expected an object, found " + kind_name(element));
    const auto row = contribution(ObjectReader(element.get_object(), place), by);
    if (!row) return row.error();
    if (const Status added = metrics.add(*row); !added)
      return usage_error(place + ": " + added.error().message, added.error().hint);
  }
  return Ok{};
}

}  // namespace ktstr
