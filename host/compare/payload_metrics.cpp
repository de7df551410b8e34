// SPDX-License-Identifier: Apache-2.0
#include "compare/payload_metrics.hpp"

#include <map>
#include <set>

namespace ktstr {
namespace {

constexpr double kRelativeGate = 0.10;  // as of metrics that configuration adds

using Declared = std::map<std::string, PayloadMetricRecord>;

/// Where sides or tests disagree about the direction, nobody knows which way is better.
void collect(const std::vector<SidecarRecord>& records, Declared& declared) {
  for (const SidecarRecord& record : records) {
    for (const PayloadMetricRecord& metric : record.payload_metrics) {
      const auto [known, added] = declared.try_emplace(metric.name, metric);
      if (!added && known->second.polarity != metric.polarity) known->second.polarity = KTSTR_INFORMATIONAL;
    }
  }
}

void add_values(const std::set<std::string>& own, std::vector<SidecarRecord>& records) {
  for (SidecarRecord& record : records) {
    for (const PayloadMetricRecord& metric : record.payload_metrics) {
      if (own.contains(metric.name)) record.values[metric.name] = metric.value;
    }
  }
}

}  // namespace

std::shared_ptr<const WithPayloadMetrics> with_payload_metrics(const std::vector<SidecarRecord>& baseline,
                                                               const std::vector<SidecarRecord>& head,
                                                               const MetricRegistry& metrics) {
  Declared declared;
  collect(baseline, declared);
  collect(head, declared);
  std::set<std::string> places, own;
  for (const Metric& metric : metrics.rows()) places.insert(metric.sidecar_path());
  std::erase_if(declared, [&](const auto& entry) {
    return metrics.find(entry.first) != nullptr || places.contains("stats.ext_metrics." + entry.first);
  });
  if (declared.empty()) return nullptr;
  auto with = std::make_shared<WithPayloadMetrics>(WithPayloadMetrics{baseline, head, metrics});
  for (const auto& [name, metric] : declared) {
    const Status added = with->metrics.add({name,
                                            metric.unit,
                                            {},
                                            "declared by a payload or the scheduler of the test",
                                            metric.polarity,
                                            KTSTR_CLASS_RATIO,
                                            0,
                                            kRelativeGate});
    if (added) own.insert(name);
  }
  add_values(own, with->baseline);
  add_values(own, with->head);
  return with;
}

}  // namespace ktstr
