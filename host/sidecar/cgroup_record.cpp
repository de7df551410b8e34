// SPDX-License-Identifier: Apache-2.0
#include "sidecar/cgroup_record.hpp"

#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/stats.hpp>
#include <limits>
#include <set>
#include <unordered_map>

namespace ktstr {
namespace {

constexpr double kEnoughForTail = 100;  // iterations: few wake-ups make a tail meaningless
constexpr std::string_view kExtra = "ext_metrics";

double number(const json::value& value) {
  if (!value.is_number()) return kit::kNaN;
  const double found = value.to_number<double>();
  return std::isfinite(found) ? found : kit::kNaN;
}

/// What the figures of a cgroup are derived from.
struct Counted {
  double workers = kit::kNaN, iterations = kit::kNaN, cpu_time_ns = kit::kNaN, idle = kit::kNaN,
         wakeups = kit::kNaN, timers = kit::kNaN;
};

double* counted_field(Counted& counted, std::string_view key) {
  if (key == "num_workers") return &counted.workers;
  if (key == "total_iterations") return &counted.iterations;
  if (key == "total_cpu_time_ns") return &counted.cpu_time_ns;
  if (key == "workers_without_iterations") return &counted.idle;
  if (key == "wake_latency_samples") return &counted.wakeups;
  if (key == "timer_latency_samples") return &counted.timers;
  return nullptr;
}

using Places = std::unordered_map<std::string_view, std::size_t>;

/// Place in the table by key, for keys of the object itself or of its ext_metrics.
const Places& places(bool extra) {
  static const auto make = [](bool of_extra) {
    Places out;
    const std::string prefix = std::string(kExtra) + ".";
    for (std::size_t i = 0; i < cgroup_metrics().size(); ++i) {
      std::string_view key = cgroup_metrics()[i].key;
      if (key.find(' ') != key.npos || key.starts_with(prefix) != of_extra) continue;
      if (of_extra) key.remove_prefix(prefix.size());
      out.emplace(key, i);
    }
    return out;
  };
  static const Places kOwn = make(false), kExtras = make(true);
  return extra ? kExtras : kOwn;
}

void read_figures(const json::object& object, bool extra, CgroupRecord& record) {
  for (const auto& entry : object) {
    const auto place = places(extra).find({entry.key().data(), entry.key().size()});
    if (place != places(extra).end()) record.values[place->second] = number(entry.value());
  }
}

std::uint64_t whole(double value) {
  return value >= 0 && value < 1e15 ? static_cast<std::uint64_t>(value) : 0;
}

void drop(CgroupRecord& record, Happening needs) {
  for (std::size_t i = 0; i < cgroup_metrics().size(); ++i) {
    if (cgroup_metrics()[i].needs == needs) record.values[i] = kit::kNaN;
  }
}

/// What only counts tell apart: zero, and nothing.
void settle(const Counted& counted, CgroupRecord& record) {
  static const std::size_t kP99 = cgroup_metric_index("p99_wake_latency_us"),
                           kMedian = cgroup_metric_index("median_wake_latency_us"),
                           kTail = cgroup_metric_index("wake_latency_tail_ratio"),
                           kMigration = cgroup_metric_index("migration_ratio"),
                           kPerWorker = cgroup_metric_index("iterations_per_worker"),
                           kPerCpu = cgroup_metric_index("iterations_per_cpu_sec"),
                           kPages = cgroup_metric_index("page_locality"),
                           kSpread = cgroup_metric_index("spread");
  auto& values = record.values;
  KTSTR_ASSERT(values.size() == cgroup_metrics().size() && kSpread < values.size() && kTail < values.size());
  record.workers = whole(counted.workers);
  record.counts_workers = !std::isnan(counted.workers);
  record.wakeups = counted.wakeups;
  record.timers = counted.timers;
  const bool none = counted.iterations == 0;
  record.idle_workers = std::isnan(counted.idle) ? (none ? record.workers : 0) : whole(counted.idle);
  // No wake-up takes exactly no time: older files have no other sign.
  const bool no_wakeups =
      std::isnan(counted.wakeups) ? values[kP99] == 0 && values[kMedian] == 0 : counted.wakeups == 0;
  if (no_wakeups) drop(record, Happening::kWakeups);
  if (counted.timers == 0) drop(record, Happening::kTimers);
  if (values[kTail] == 0 || !(counted.iterations >= kEnoughForTail)) values[kTail] = kit::kNaN;
  if (none) values[kMigration] = kit::kNaN;
  if (values[kPages] == 0) values[kPages] = kit::kNaN;
  if (record.workers < 2) values[kSpread] = kit::kNaN;
  const double per_cpu_sec = counted.iterations / (counted.cpu_time_ns / 1e9);
  if (counted.cpu_time_ns > 0) values[kPerCpu] = std::isfinite(per_cpu_sec) ? per_cpu_sec : kit::kNaN;
  if (none && counted.cpu_time_ns == 0) values[kPerCpu] = 0;
  if (record.workers == 0) values[kPerWorker] = values[kPerCpu] = kit::kNaN;
}

}  // namespace

CgroupRecord::CgroupRecord()
    : values(cgroup_metrics().size(), kit::kNaN), wakeups(kit::kNaN), timers(kit::kNaN) {}

double CgroupRecord::samples(Happening what) const {
  return what == Happening::kWakeups ? wakeups : what == Happening::kTimers ? timers : kit::kNaN;
}

bool CgroupRecord::happened(Happening what) const {
  if (what == Happening::kAlways) return true;
  KTSTR_ASSERT(leading_metric(what) < values.size());
  const double value = values[leading_metric(what)];
  return what == Happening::kIterations ? value > 0 : !std::isnan(value);
}

std::vector<CgroupRecord> read_cgroups(const json::object& stats) {
  std::vector<CgroupRecord> out;
  const json::value* list = stats.if_contains("cgroups");
  if (list == nullptr || !list->is_array()) return out;
  for (const json::value& element : list->get_array()) {
    if (!element.is_object()) continue;
    const json::object& object = element.get_object();
    CgroupRecord& record = out.emplace_back();
    Counted counted;
    read_figures(object, false, record);
    for (const auto& entry : object) {
      const std::string_view key(entry.key().data(), entry.key().size());
      if (double* field = counted_field(counted, key)) *field = number(entry.value());
      if (key == "name" && entry.value().is_string()) record.name = std::string(entry.value().get_string());
      if (key == kExtra && entry.value().is_object()) read_figures(entry.value().get_object(), true, record);
    }
    settle(counted, record);
  }
  return out;
}

std::optional<std::string> name_that_is_twice(const std::vector<CgroupRecord>& cgroups) {
  std::set<std::string_view> seen;
  for (const CgroupRecord& cgroup : cgroups) {
    if (!cgroup.name.empty() && !seen.insert(cgroup.name).second) return cgroup.name;
  }
  return std::nullopt;
}

}  // namespace ktstr
