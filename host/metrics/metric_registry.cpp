// SPDX-License-Identifier: Apache-2.0
#include "metrics/metric_registry.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "metrics/cgroup_metrics.hpp"

namespace ktstr {

std::string Metric::sidecar_path() const {
  if (kind == MetricKind::kPerPhase) return "stats.phases[].metrics." + std::string(name);
  return path.empty() ? "stats.ext_metrics." + std::string(name) : std::string(path);
}

double Metric::resolution() const {
  if (metric_class == KTSTR_CLASS_COUNT || unit == "ns" || unit == "insns") return 1;
  return unit == "us" ? 1e-3 : 0;
}

MetricRegistry::MetricRegistry()
    : rows_(builtin_metrics().begin(), builtin_metrics().end()),
      texts_(std::make_shared<std::deque<std::string>>()) {
  const auto of_cgroup = [](std::string_view whole) {
    const auto table = cgroup_metrics();
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const CgroupMetric& one) { return one.whole == whole; });
    return found == table.end() ? std::string_view() : found->name;
  };
  for (const CgroupMetric& one : cgroup_metrics()) {
    KTSTR_ASSERT(find(one.whole) != nullptr);
    Metric row = *find(one.whole);
    row.name = one.name;
    row.path = texts_->emplace_back("stats.cgroups[]." + std::string(one.key));
    row.flags &= ~static_cast<unsigned>(Metric::kZeroAbsent);  // the reader has sorted that out
    row.fold = row.fold == Fold::kPooled ? Fold::kMean : row.fold;
    row.description = one.description;
    row.numerator = of_cgroup(row.numerator);
    row.denominator = of_cgroup(row.denominator);
    cgroup_rows_.push_back(row);
  }
  KTSTR_ASSERT(cgroup_rows_.size() == cgroup_metrics().size());
}

Status MetricRegistry::add(const MetricContribution& row) {
  if (const Metric* taken = find(row.name)) {
    return usage_error(
        "there is a metric \"" + printable(row.name) + "\" already: " + std::string(taken->description),
        "choose another name; ktstr stats list-metrics shows all");
  }
  for (const Metric& metric : rows_) {
    if (!row.path.empty() && metric.sidecar_path() == row.path)
      return usage_error("\"" + printable(row.path) + "\" is read as the metric " + std::string(metric.name) +
                         " already");
  }
  const auto kept = [&](const std::string& text) { return std::string_view(texts_->emplace_back(text)); };
  const std::string_view name = kept(row.name);
  rows_.push_back({name, name, MetricKind::kGaugeLast, row.polarity, row.metric_class, row.abs_gate,
                   row.rel_gate, kept(row.unit), Fold::kMean, kept(row.path), Metric::kAvailable,
                   kept(row.description)});
  KTSTR_ASSERT(find(row.name) == &rows_.back() && row.polarity < kPolarityNames.size());
  return Ok{};
}

const Metric* MetricRegistry::find(std::string_view name) const {
  const auto it =
      std::find_if(rows_.begin(), rows_.end(), [&](const Metric& metric) { return metric.name == name; });
  return it == rows_.end() ? nullptr : &*it;
}

const Metric* MetricRegistry::find_path(std::string_view name) const {
  const MetricPath path = metric_path(name);
  if (path.cgroup.empty()) return name.find('/') == std::string_view::npos ? find(name) : nullptr;
  const std::size_t index = cgroup_metric_index(path.metric);
  KTSTR_ASSERT(index <= cgroup_rows_.size());
  return index < cgroup_rows_.size() ? &cgroup_rows_[index] : nullptr;
}

std::string MetricRegistry::path_suggestion(std::string_view name) const {
  const MetricPath path = metric_path(name);
  if (path.cgroup.empty()) return suggestion(std::string(name), names());
  std::vector<std::string> known;
  for (const Metric& row : cgroup_rows_) known.push_back(path_of(path.cgroup, row.name));
  // What the worst cgroup's metric is called is nearly right after a slash.
  for (const CgroupMetric& one : cgroup_metrics()) {
    if (one.whole == path.metric)
      return " (did you mean \"" + printable(path_of(path.cgroup, one.name)) + "\"?)";
  }
  return suggestion(std::string(name), known);
}

std::vector<std::string> MetricRegistry::names() const {
  std::vector<std::string> names;
  for (const Metric& metric : rows_) {
    if (!metric.has(Metric::kComponent)) names.emplace_back(metric.name);
  }
  return names;
}

std::string_view polarity_name(std::uint32_t polarity) { return kPolarityNames.at(polarity); }
std::string_view class_name(std::uint32_t metric_class) { return kClassNames.at(metric_class); }
std::string_view kind_name(MetricKind kind) {
  switch (kind) {
    case MetricKind::kCounter: return "counter";
    case MetricKind::kGaugeAvg: return "gauge(avg)";
    case MetricKind::kGaugeLast: return "gauge(last)";
    case MetricKind::kGaugeMax: return "gauge(max)";
    case MetricKind::kPeak: return "peak";
    case MetricKind::kDeltaSum: return "delta-sum";
    case MetricKind::kPerPhaseDeltaSum: return "per-phase-delta-sum";
    case MetricKind::kRate: return "rate";
    case MetricKind::kDistribution: return "distribution";
    case MetricKind::kWorstLowest: return "worst-lowest";
    case MetricKind::kWorstRatio: return "worst-ratio";
    case MetricKind::kPerPhase: return "per-phase";
    case MetricKind::kPerRunDistribution: return "per-run-distribution";
  }
  return "";
}

std::string_view fold_name(Fold fold) {
  return fold == Fold::kMax ? "max" : fold == Fold::kPooled ? "pooled" : "mean";
}

}  // namespace ktstr
