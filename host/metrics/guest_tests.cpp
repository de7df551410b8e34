// SPDX-License-Identifier: Apache-2.0
#include "metrics/guest_tests.hpp"

#include <algorithm>
#include <array>

namespace ktstr {
namespace {

struct GuestTest {
  std::string_view test;
  bool (*shows)(const Metric& metric);
};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

/// The first that fits.
constexpr std::array<GuestTest, 8> kGuestTests = {{
    {"Network",
     [](const Metric& metric) { return contains(metric.name, "net_rx") || contains(metric.name, "net_tx"); }},
    {"Schbench", [](const Metric& metric) { return metric.description.starts_with("schbench: "); }},
    {"Taobench", [](const Metric& metric) { return metric.description.starts_with("taobench: "); }},
    {"Timers", [](const Metric& metric) { return contains(metric.name, "timer_latency"); }},
    {"Wakeups", [](const Metric& metric) { return contains(metric.name, "wake_latency"); }},
    {"Cost", [](const Metric& metric) { return metric.name.starts_with("cost_"); }},
    {"OwnScheduler",
     [](const Metric& metric) {
       return metric.name.starts_with("bpf_") || contains(metric.name, "dsq_depth") ||
              metric.name == "total_fallback" || metric.name == "total_keep_last";
     }},
    {"AnyTest", [](const Metric&) { return true; }},
}};

}  // namespace

std::string_view guest_test_of(const Metric& metric) {
  const auto is_it = [&](const Metric& one) { return one.name == metric.name; };
  const bool ours = std::any_of(builtin_metrics().begin(), builtin_metrics().end(), is_it);
  if (!ours || !metric.has(Metric::kAvailable)) return {};
  const auto row = std::find_if(kGuestTests.begin(), kGuestTests.end(),
                                [&](const GuestTest& one) { return one.shows(metric); });
  return row == kGuestTests.end() ? std::string_view{} : row->test;
}

}  // namespace ktstr
