// SPDX-License-Identifier: Apache-2.0
#include "sidecar/host_drift.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/stats.hpp>

namespace ktstr {
namespace {

using Readings = std::vector<const HostReadings*>;

std::optional<double> reading(const json::object& sidecar, const char* when, const char* key) {
  const json::value* host = sidecar.if_contains(when);
  const json::value* value =
      host != nullptr && host->is_object() ? host->get_object().if_contains(key) : nullptr;
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const double number = value->to_number<double>();
  return std::isfinite(number) && number >= 0 ? std::optional(number) : std::nullopt;
}

std::optional<double> median(const Readings& side, std::optional<double> HostReadings::*field) {
  std::vector<double> values;
  for (const HostReadings* one : side) {
    if (one->*field) values.push_back(*(one->*field));
  }
  if (values.empty()) return std::nullopt;
  return kit::upper_median(std::move(values));
}

struct Drift {
  std::optional<double> HostReadings::*field;
  const char *baseline_more, *head_more, *what;
  int decimals;
  const char* unit;
  double at_least, of_the_cpus, of_the_value;  ///< it is far when it is beyond each of these
};
constexpr Drift kDrifts[] = {
    {&HostReadings::load, "busier while the baseline ran", "busier while HEAD ran", "load", 1, "", 1.5, 0.5,
     0},
    {&HostReadings::mhz, "slower while HEAD ran", "slower while the baseline ran", "clock", 0, " MHz", 0, 0,
     0.1},
    {&HostReadings::temperature, "hotter while the baseline ran", "hotter while HEAD ran", "temperature", 0,
     " C", 10, 0, 0},
};

bool is_far(const Drift& drift, double before, double after, double cpus) {
  return std::fabs(after - before) >
         std::max({drift.at_least, drift.of_the_cpus * cpus, drift.of_the_value * std::max(before, after)});
}

std::string shown(const Drift& drift, double value) { return fixed(value, drift.decimals) + drift.unit; }

}  // namespace

HostReadings host_readings_of(const json::object& sidecar) {
  return {reading(sidecar, "host_before", "load_1m"), reading(sidecar, "host", "cpu_mhz"),
          reading(sidecar, "host", "temperature_c"), reading(sidecar, "host", "online_cpus")};
}

std::vector<std::string> host_drift(const Readings& baseline, const Readings& head) {
  std::vector<std::string> lines;
  const double cpus = median(head, &HostReadings::cpus).value_or(1);
  for (const Drift& drift : kDrifts) {
    const auto before = median(baseline, drift.field), after = median(head, drift.field);
    if (!before || !after || !is_far(drift, *before, *after, cpus)) continue;
    lines.push_back(std::string("the host was ") +
                    (*after > *before ? drift.head_more : drift.baseline_more) + ": " + drift.what + " " +
                    shown(drift, *before) + " -> " + shown(drift, *after) +
                    "; a difference may be its, not the commit's");
  }
  return lines;
}

}  // namespace ktstr
