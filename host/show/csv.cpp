// SPDX-License-Identifier: Apache-2.0
#include "show/csv.hpp"

#include <charconv>
#include <iterator>
#include <ktstr/kit/text.hpp>

namespace ktstr {
namespace {

constexpr std::string_view kEnd = "\r\n";

constexpr std::string_view kColumns[] = {
    "run",           "test",           "topology",  "scheduler", "work_type",        "kernel",
    "kernel_commit", "project_commit", "timestamp", "outcome",   "performance_mode", "source",
    "metric",        "value",          "unit",      "polarity"};

const char* outcome_of(const SidecarRecord& record) {
  return record.skipped        ? "skipped"
         : record.passed       ? (record.flaky ? "flaky" : "passed")
         : record.inconclusive ? "inconclusive"
                               : "failed";
}

/// The shortest text that reads back as the same number.
std::string number_text(double value) {
  char text[40];
  const auto end = std::to_chars(std::begin(text), std::end(text), value).ptr;
  return {text, end};
}

}  // namespace

std::string csv_field(std::string_view text) {
  std::string safe = printable(text);
  if (!safe.empty() && std::string_view("=+-@").find(safe.front()) != std::string_view::npos)
    safe.insert(0, "'");
  if (safe.find_first_of(",\"") == std::string::npos && !safe.starts_with(' ') && !safe.ends_with(' '))
    return safe;
  std::string quoted = "\"";
  for (const char c : safe) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv_header() { return join(kColumns, ",") + std::string(kEnd); }

std::string csv_lines(std::string_view run, const SidecarRecord& record, const MetricRegistry& metrics) {
  const std::string begin =
      join({csv_field(run), csv_field(record.test), csv_field(record.topology), csv_field(record.scheduler),
            csv_field(record.work_type), csv_field(record.kernel), csv_field(record.kernel_commit),
            csv_field(record.project_commit), csv_field(record.timestamp), outcome_of(record),
            record.performance_mode ? "true" : "false", csv_field(record.run_source)},
           ",");
  std::string lines;
  const auto add = [&](std::string_view name, double value, std::string_view unit, std::uint32_t polarity) {
    lines +=
        join({begin, csv_field(name), number_text(value), csv_field(unit), polarity_name(polarity)}, ",");
    lines += kEnd;
  };
  for (const auto& [name, value] : record.values) {
    const Metric* metric = metrics.find(name);
    const bool shown = metric != nullptr && (metric->flags & Metric::kComponent) == 0;
    if (shown) add(name, value, metric->unit, metric->polarity);
  }
  for (const PayloadMetricRecord& metric : record.payload_metrics) {
    if (metrics.find(metric.name) == nullptr) add(metric.name, metric.value, metric.unit, metric.polarity);
  }
  return lines;
}

}  // namespace ktstr
