// SPDX-License-Identifier: Apache-2.0
#include "sidecar/payload_metrics.hpp"

#include <ktstr/abi/gate.h>

#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <map>

namespace ktstr {
namespace {

constexpr std::size_t kMostMetrics = 1000, kLongestText = 300;

std::string short_text(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains({key.data(), key.size()});
  if (value == nullptr || !value->is_string() || value->get_string().size() > kLongestText) return {};
  return std::string(value->get_string());
}

std::uint32_t polarity_of(const std::string& name) {
  return name == "HigherBetter"  ? KTSTR_HIGHER_IS_BETTER
         : name == "LowerBetter" ? KTSTR_LOWER_IS_BETTER
                                 : KTSTR_INFORMATIONAL;
}

const json::array* array_in(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains({key.data(), key.size()});
  return value == nullptr ? nullptr : value->if_array();
}

}  // namespace

std::vector<PayloadMetricRecord> read_payload_metrics(const json::value& metrics) {
  std::map<std::string, PayloadMetricRecord> found;
  if (!metrics.is_array()) return {};
  for (const json::value& run : metrics.get_array()) {
    const json::array* values = run.is_object() ? array_in(run.get_object(), "metrics") : nullptr;
    if (values == nullptr) continue;
    const std::string payload =
        short_text(run.get_object(), run.get_object().contains("scheduler") ? "scheduler" : "payload");
    for (const json::value& one : *values) {
      if (!one.is_object() || found.size() == kMostMetrics) continue;
      const json::object& metric = one.get_object();
      const std::string name = short_text(metric, "name");
      const json::value* value = metric.if_contains("value");
      if (payload.empty() || name.empty() || value == nullptr || !value->is_number()) continue;
      const double number = value->to_number<double>();
      if (!std::isfinite(number)) continue;
      const std::string key = payload + "." + name;
      found[key] = {key, short_text(metric, "unit"), polarity_of(short_text(metric, "polarity")), number};
    }
  }
  std::vector<PayloadMetricRecord> records;
  KTSTR_ASSERT(found.size() <= kMostMetrics);
  for (auto& [key, record] : found) records.push_back(std::move(record));
  return records;
}

}  // namespace ktstr
