// SPDX-License-Identifier: Apache-2.0
//
// Every metric that the shipped runner is said to measure, on real guests in virtual time: each case is named
// by the metrics that it shows (host/metrics/guest_tests.cpp).
#include <gmock/gmock.h>

#include "metrics/guest_tests.hpp"
#include "vm_case.hpp"

namespace ktstr::vm {
namespace {

class Metrics : public VmCase {
 protected:
  /// What lies at a dotted path; null when nothing does.
  static const json::value* at(const json::value& document, std::string_view path) {
    const json::value* here = &document;
    while (!path.empty()) {
      const std::size_t dot = std::min(path.find('.'), path.size());
      if (!here->is_object()) return nullptr;
      here = here->get_object().if_contains(path.substr(0, dot));
      if (here == nullptr) return nullptr;
      path.remove_prefix(std::min(dot + 1, path.size()));
    }
    return here->is_number() ? here : nullptr;
  }
  static bool has(const json::value& sidecar, const Metric& metric) {
    const std::string name(metric.name);
    if (!metric.path.empty() && at(sidecar, metric.path) != nullptr) return true;
    if (at(sidecar, "stats.ext_metrics." + name) != nullptr) return true;
    for (const json::value& phase : sidecar.at("stats").at("phases").as_array()) {
      if (phase.at("metrics").as_object().contains(name)) return true;
    }
    if (!metric.is_ratio()) return false;
    const auto part = [&](std::string_view of) {
      return std::any_of(builtin_metrics().begin(), builtin_metrics().end(),
                         [&](const Metric& one) { return one.name == of && has(sidecar, one); });
    };
    return part(metric.numerator) && part(metric.denominator);
  }
  /// Runs the test of this case's name, which must leave every metric that is said to be shown by it;
  /// `meanwhile` is what its second step says beside its length.
  void show(const std::string& name, const std::string& more, bool cost = false,
            const std::string& meanwhile = "") {
    const TestRecord record = run_one(
        R"({"name": ")" + name + R"(", "duration_ms": 1200, "steps": [{"hold_ms": 600}, {"hold_ms": 600)" +
            meanwhile + "}], " + more + "}",
        {{"deterministic", true}, {"cost", cost}});
    ASSERT_EQ(record.outcome, KTSTR_TEST_PASSED) << record.message;
    const json::value sidecar = record.document();
    std::size_t shown = 0;
    for (const Metric& metric : builtin_metrics()) {
      if (guest_test_of(metric) != name) continue;
      ++shown;
      EXPECT_TRUE(has(sidecar, metric)) << metric.name;
    }
    EXPECT_GT(shown, 0U);
  }
};

TEST_F(Metrics, AnyTest) {
  show(
      "AnyTest",
      R"("topology": "2n2l2c1t", "cgroups": [{"name": "g", "workers": 2, "work": {"type": "NumaWorkingSetSweep"}}])");
}

TEST_F(Metrics, Wakeups) {
  show("Wakeups",
       R"("topology": "1n1l2c1t", "cgroups": [{"name": "g", "workers": 2, "work": {"type": "PipeIo"}}])");
}

TEST_F(Metrics, Network) {
  show("Network",
       R"("topology": "1n1l2c1t", "cgroups": [{"name": "g", "workers": 2, "work": {"type": "NetTraffic"}}])");
}

TEST_F(Metrics, Timers) {
  show(
      "Timers",
      R"("topology": "1n1l2c1t", "cgroups": [{"name": "g", "workers": 2, "work": {"type": "TimerLatency"}}])");
}

TEST_F(Metrics, OwnScheduler) {
  show("OwnScheduler",
       R"("topology": "1n1l2c1t", "scheduler": {"name": "probe", "binary": ")" KTSTR_VM_SCHEDULERS
       R"(/scx_probe"}, "cgroups": [{"name": "g", "workers": 4, "work": {"type": "Bursty"}}])");
}

TEST_F(Metrics, Cost) {
  show(
      "Cost",
      R"("topology": "1n1l2c1t", "scheduler": {"name": "probe", "binary": ")" KTSTR_VM_SCHEDULERS
      R"(/scx_probe", "args": ["--ops", "all"]}, "cgroups": [{"name": "g", "workers": 4, "work": {"type": "Bursty"}}, {"name": "h", "workers": 3, "work": {"type": "SpinWait"}}])",
      true,
      R"(, "every_ms": 50, "ops": [{"op": "set_tasks", "cgroup": "h", "nice": 1}, {"op": "set_tasks", "cgroup": "h", "nice": 2}])");
}

TEST_F(Metrics, Schbench) {
  show(
      "Schbench",
      R"("topology": "1n1l2c1t", "cgroups": [{"name": "g", "work": {"type": "Schbench", "cache_kib": 16, "operations": 1}}])");
}

TEST_F(Metrics, Taobench) {
  show("Taobench", R"("topology": "1n1l2c1t", "cgroups": [{"name": "g", "work": {"type": "Taobench"}}])");
}

TEST(GuestTests, EveryMetricHasOne) {
  for (const Metric& metric : builtin_metrics()) {
    EXPECT_EQ(guest_test_of(metric).empty(), !metric.has(Metric::kAvailable)) << metric.name;
  }
}

}  // namespace
}  // namespace ktstr::vm
