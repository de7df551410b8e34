// SPDX-License-Identifier: Apache-2.0
//
// One manifest on kernels old and new: what a kernel lacks is a reason, not zeros and not a failure. The
// kernels are those that `ktstr kernel fetch` has brought. 6.18, which all guest tests have, is the one of
// every run of the tests; `ctest -C slow` asks for the others.
#include <gmock/gmock.h>

#include <algorithm>

#include "vm_case.hpp"

namespace ktstr::vm {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

constexpr const char* kManifest = R"({"defaults": {"topology": "1n1l2c1t", "duration_ms": 1000}, "tests": [
  {"name": "own", "cgroups": [{"name": "spin", "cpuset": [1], "workers": 4, "work": {"type": "SpinWait"}}],
   "assert": {"max_imbalance_ratio": 8}},
  {"name": "depth", "cgroups": [{"name": "spin", "workers": 2, "work": {"type": "SpinWait"}}], "assert": {"max_local_dsq_depth": 50}},
  {"name": "fallback", "cgroups": [{"name": "spin", "workers": 2, "work": {"type": "SpinWait"}}], "assert": {"max_fallback_rate": 50}},
  {"name": "ext", "scheduler": {"name": "probe", "binary": ")" KTSTR_VM_SCHEDULERS R"(/scx_probe"},
   "cgroups": [{"name": "spin", "workers": 2, "work": {"type": "SpinWait"}}]},
  {"name": "hang", "sysctls": {"kernel.sched_rt_runtime_us": -1}, "duration_ms": 60000, "timeout_s": 40,
   "cgroups": [{"name": "calm", "workers": 1, "work": {"type": "TimerLatency"}}],
   "payloads": [{"name": "hog", "binary": ")" KTSTR_VM_SCHEDULERS R"(/misbehave", "args": ["hang"]}]}]})";

/// The newest cached kernel image of a series; empty: there is none.
fs::path cached_image(const std::string& series) {
  const char *own = std::getenv("KTSTR_CACHE_DIR"), *cache = std::getenv("XDG_CACHE_HOME"),
             *home = std::getenv("HOME");
  const fs::path root = own != nullptr     ? fs::path(own)
                        : cache != nullptr ? fs::path(cache) / "ktstr"
                                           : fs::path(home == nullptr ? "/" : home) / ".cache/ktstr";
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(root / "kernels", none)) {
    if (entry.path().filename().string().starts_with(series + ".") && fs::exists(entry.path() / "image"))
      found.push_back(entry.path() / "image");
  }
  return found.empty() ? fs::path() : *std::max_element(found.begin(), found.end());
}

struct Series {
  const char* name;
  bool sched_ext;
};
void PrintTo(const Series& series, std::ostream* out) { *out << series.name; }

class KernelsVm : public VmCase, public ::testing::WithParamInterface<Series> {};

TEST_P(KernelsVm, WhatTheyLackIsAReason) {
  const Series& series = GetParam();
  const fs::path image = cached_image(series.name);
  ASSERT_FALSE(image.empty()) << "no kernel " << series.name << ": ktstr kernel fetch " << series.name;
  const auto records = run(kManifest, {{"kernel", {{"image", image.string()}}}});
  ASSERT_EQ(status, KTSTR_OK) << error_text;

  const TestRecord& own = records.at("own");
  EXPECT_EQ(own.outcome, KTSTR_TEST_PASSED) << own.message;
  const json::object own_sidecar = own.document();
  const json::object& monitor = own_sidecar.at("monitor").as_object();
  EXPECT_GE(monitor.at("max_imbalance_ratio").to_number<double>(), 3) << "run queues can be read";
  EXPECT_TRUE(monitor.contains("schedstat_deltas"));
  EXPECT_EQ(monitor.contains("max_local_dsq_depth"), series.sched_ext);
  EXPECT_FALSE(monitor.contains("event_deltas")) << "no scheduler was there to have any";
  EXPECT_FALSE(monitor.contains("psi_irq")) << "CONFIG_IRQ_TIME_ACCOUNTING is off in Debian's kernels";

  const TestRecord &depth = records.at("depth"), &fallback = records.at("fallback"), &ext = records.at("ext");
  EXPECT_EQ(depth.outcome, series.sched_ext ? KTSTR_TEST_PASSED : KTSTR_TEST_INCONCLUSIVE) << depth.message;
  EXPECT_EQ(fallback.outcome, KTSTR_TEST_INCONCLUSIVE) << fallback.message;
  EXPECT_EQ(ext.outcome, series.sched_ext ? KTSTR_TEST_PASSED : KTSTR_TEST_SKIPPED) << ext.message;
  if (series.sched_ext) {
    const json::object sidecar = ext.document();
    EXPECT_TRUE(sidecar.at("monitor").as_object().contains("event_deltas"));
    const json::array& programs = sidecar.at("monitor").at("prog_stats_deltas").as_array();
    ASSERT_FALSE(programs.empty());
    double runs = 0;
    for (const json::value& program : programs) runs += program.at("cnt").to_number<double>();
    EXPECT_GT(runs, 10) << "of the scenario alone";
    EXPECT_LT(runs, sidecar.at("stats").at("ext_metrics").at("bpf_runs").to_number<double>());
  } else {
    EXPECT_THAT(ext.message, HasSubstr("has no sched_ext (CONFIG_SCHED_CLASS_EXT)"));
  }

  const TestRecord& hang = records.at("hang");
  // Where the host kept the guest waiting, nobody knows whether it hung.
  const bool overloaded = hang.message.find("the host was overloaded") != std::string::npos;
  EXPECT_EQ(hang.outcome, overloaded ? KTSTR_TEST_INCONCLUSIVE : KTSTR_TEST_FAILED) << hang.message;
  EXPECT_THAT(hang.report, ContainsRegex("  misbehave [0-9]+: R"));
  EXPECT_THAT(hang.report, ContainsRegex("run queues, when the guest ended:\n  CPU 0: [1-9]"));
  EXPECT_THAT(hang.report, ContainsRegex("\n      [a-z_0-9]+[+]0x[0-9a-f]+\n")) << "functions by their names";
}

INSTANTIATE_TEST_SUITE_P(Series, KernelsVm,
                         ::testing::Values(Series{"6.1", false}, Series{"6.12", false}, Series{"6.16", true},
                                           Series{"6.17", true}, Series{"6.18", true}, Series{"6.19", true},
                                           Series{"7.0", true}, Series{"7.2", true}, Series{"7.3", true}),
                         [](const auto& of) {
                           std::string name = of.param.name;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return "Linux" + name;
                         });

}  // namespace
}  // namespace ktstr::vm
