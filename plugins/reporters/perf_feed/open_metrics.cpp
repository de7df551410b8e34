// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include "document/shown_text.hpp"
#include "perf_feed/perf_feed_reporter.hpp"

namespace ktstr::reporters {
namespace {

struct Family {
  std::string name, unit, source;
  double scale = 1;
};

bool drop_end(std::string& text, std::string_view end) {
  if (!text.ends_with(end)) return false;
  text.resize(text.size() - end.size());
  return true;
}

/// "worst_p99_wake_latency_us" in us is ktstr_worst_p99_wake_latency_seconds: base units, the unit last.
Family family_of(const Change& change) {
  Family family;
  family.source = change.plain_metric;
  std::string name;
  for (const char c : change.plain_metric.substr(0, 200)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += plain ? c : '_';
  }
  static constexpr std::array<std::pair<std::string_view, double>, 4> kSeconds = {
      {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}}};
  for (const auto& [unit, scale] : kSeconds) {
    if (change.unit != unit) continue;
    family.scale = scale;
    family.unit = "seconds";
    drop_end(name, "_" + std::string(unit));
  }
  // Endings that mean something else than a gauge.
  for (const char* end : {"_total", "_count", "_sum", "_bucket", "_info", "_created"}) {
    if (family.unit.empty() && name.ends_with(end)) name += "_value";
  }
  family.name = "ktstr_" + name + (family.unit.empty() ? "" : "_" + family.unit);
  return family;
}

std::string label(const char* name, std::string_view value) {
  std::string out = std::string(name) + "=\"";
  for (const char c : shown_line(value, 300)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string value_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 64> buffer;
  return {buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr};
}

/// Readers disagree on how a quote is escaped here.
std::string escaped_help(std::string_view text) {
  std::string out;
  for (const char c : shown_line(text, 300)) {
    if (c == '\\') out += '\\';
    out += c == '"' ? '\'' : c;
  }
  return out;
}

}  // namespace

std::string open_metrics_text(const Collected& all) {
  std::map<std::string, std::pair<Family, std::string>> families;
  std::set<std::string> series;
  for (const Change& change : all.changes) {
    const Family family = family_of(change);
    auto& [known, samples] = families.try_emplace(family.name, family, "").first->second;
    const std::string labels = label("test", change.test) + "," + label("topology", change.topology) + "," +
                               label("scheduler", change.scheduler) + "," +
                               label("work_type", change.work_type) + "," + label("kernel", change.kernel) +
                               "," + label("metric", change.metric);
    for (const auto& [side, value, count] : {std::tuple{"baseline", change.before, change.baseline.size()},
                                             {"head", change.after, change.head.size()}}) {
      const std::string one = family.name + "{" + labels + ",side=\"" + side + "\"}";
      if (count > 0 && series.insert(one).second)
        samples += one + " " + value_text(value * family.scale) + "\n";
    }
  }
  std::string out =
      "# HELP ktstr_perf_delta_passed 1 when the comparison passed, else 0\n# TYPE ktstr_perf_delta_passed "
      "gauge\n"
      "ktstr_perf_delta_passed " +
      std::string(all.verdict() == Verdict::kPass ? "1" : "0") + "\n";
  for (const auto& [name, entry] : families) {
    const auto& [family, samples] = entry;
    if (samples.empty()) continue;
    out += "# HELP " + name + " " + escaped_help(family.source) + "\n# TYPE " + name + " gauge\n";
    if (!family.unit.empty()) out += "# UNIT " + name + " " + family.unit + "\n";
    out += samples;
  }
  return out + "# EOF\n";
}

}  // namespace ktstr::reporters
