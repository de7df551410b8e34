// SPDX-License-Identifier: Apache-2.0
#include "show/metric_list.hpp"

#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/text.hpp>

#include "metrics/cgroup_metrics.hpp"
#include "metrics/guest_tests.hpp"
#include "show/cells.hpp"
#include "show/document.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

/// "500", "0.05", "1000000"
std::string plain(double value) { return significant(value, 10); }

/// A runner's and a project's own metrics have none of ours.
std::string guest_test(const Metric& metric) {
  const std::string_view test = guest_test_of(metric);
  return test.empty() ? "-" : std::string(test);
}

/// What one cgroup's figure behind it is called, after the slash; empty: there is none.
std::string_view of_cgroup(const Metric& metric) { return metric.cgroup.name; }

}  // namespace

std::vector<std::vector<std::string>> metric_list_table(const MetricRegistry& metrics) {
  std::vector<std::vector<std::string>> table{
      {"NAME", "POLARITY", "DEFAULT_ABS", "DEFAULT_REL", "UNIT", "AVAILABLE", "PER_CGROUP", "GUEST_TEST"}};
  for (const Metric& metric : metrics.rows()) {
    if (metric.has(Metric::kComponent)) continue;
    table.push_back({std::string(metric.name), std::string(polarity_name(metric.polarity)),
                     plain(metric.abs_gate), plain(metric.rel_gate),
                     metric.unit.empty() ? "-" : printable(metric.unit),
                     metric.has(Metric::kAvailable) ? "yes" : "not yet",
                     of_cgroup(metric).empty() ? "-" : std::string(of_cgroup(metric)), guest_test(metric)});
  }
  return table;
}

std::string metric_details_text(const MetricRegistry& metrics, std::size_t width) {
  std::string out;
  for (const Metric& metric : metrics.rows()) {
    if (metric.has(Metric::kComponent)) continue;
    const std::string unit = metric.unit.empty() ? "" : " " + printable(metric.unit);
    std::string kind = std::string(kind_name(metric.kind)) + ", " +
                       std::string(class_name(metric.metric_class)) + ", runs fold to their " +
                       std::string(fold_name(metric.fold)) + " value";
    if (metric.is_ratio())
      kind += " (" + std::string(metric.numerator) + " over " + std::string(metric.denominator) + ")";
    out += (out.empty() ? "" : "\n") + std::string(metric.name) + "\n";
    out += hanging("  " + printable(metric.description), width, 4);
    out += hanging("  " + std::string(polarity_name(metric.polarity)) +
                       (metric.polarity == KTSTR_INFORMATIONAL ? "" : " is better") + "; matters from " +
                       plain(metric.abs_gate) + unit + " and " + plain(metric.rel_gate * 100) + " %",
                   width, 4);
    if (metric.family != metric.name) kind += "; of the family " + printable(metric.family);
    out += hanging("  " + kind, width, 4);
    if (const std::string_view own = of_cgroup(metric); !own.empty())
      out += hanging("  of each cgroup: CGROUP/" + std::string(own), width, 4);
    out += hanging("  " + printable(metric.sidecar_path()) +
                       (metric.has(Metric::kAvailable) ? "" : "; nothing produces it yet"),
                   width, 4);
    if (!guest_test_of(metric).empty())
      out += hanging("  shown by the guest test " + guest_test(metric) + " (tests/vm/metrics_test.cpp)",
                     width, 4);
  }
  return out;
}

json::object metric_list_json(const MetricRegistry& metrics) {
  json::array out;
  for (const Metric& metric : metrics.rows()) {
    if (metric.has(Metric::kComponent)) continue;
    out.push_back({{"name", owned(metric.name)},
                   {"family", owned(metric.family)},
                   {"polarity", owned(polarity_name(metric.polarity))},
                   {"default_abs", metric.abs_gate},
                   {"default_rel", metric.rel_gate},
                   {"display_unit", owned(metric.unit)},
                   {"kind", owned(kind_name(metric.kind))},
                   {"class", owned(class_name(metric.metric_class))},
                   {"fold", owned(fold_name(metric.fold))},
                   {"path", metric.sidecar_path()},
                   {"per_cgroup", or_null(of_cgroup(metric))},
                   {"available", metric.has(Metric::kAvailable)},
                   {"numerator", or_null(metric.numerator)},
                   {"denominator", or_null(metric.denominator)},
                   {"description", owned(metric.description)},
                   {"guest_test", or_null(guest_test_of(metric))}});
  }
  return document("stats-list-metrics", {{"metrics", std::move(out)}});
}

}  // namespace ktstr
