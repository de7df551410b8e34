// SPDX-License-Identifier: Apache-2.0
//
// Goldens: tests/golden/kvm-runner. Run with KTSTR_APPROVE=1 to accept what is written now.
#include "sidecar/sidecar.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "samples.hpp"

namespace ktstr::kvm {
namespace {

namespace json = boost::json;
using ::testing::ElementsAreArray;

RunFacts facts() {
  RunFacts facts;
  facts.kernel_version = "6.18.12";
  facts.kernel_release = "6.18.12+deb14-cloud-amd64";
  facts.deterministic = true;
  facts.qemu_version = "10.0.2";
  facts.seed = 7;
  facts.cpu_budget = 2;
  facts.scheduler_sha256 = std::string(64, 'a');
  facts.scheduler_build_id = std::string(40, 'b');
  facts.resolve_source = "project";
  return facts;
}

MachineOutcome machine() {
  MachineOutcome machine = samples::completed(samples::result());
  machine.times.ready = std::chrono::microseconds(152'250);
  machine.times.first_worker = std::chrono::milliseconds(300);
  machine.times.total = std::chrono::milliseconds(1500);
  machine.times.cleanup = std::chrono::milliseconds(4);
  machine.times.first_worker_unix_ns = 1'780'000'000'000'000'123;
  return machine;
}

void expect_golden(const std::string& name, const std::string& text) {
  const std::filesystem::path path = std::filesystem::path(KTSTR_GOLDEN_DIR) / name;
  if (std::getenv("KTSTR_APPROVE") != nullptr) std::ofstream(path, std::ios::binary) << text;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(text, golden.str()) << "differs from " << name;
}

std::string sidecar(const MachineOutcome& outcome) {
  const TestSpec test = samples::test();
  return write_sidecar(test, facts(), outcome, judge(test, outcome, samples::terms()));
}

TEST(Sidecar, Golden) { expect_golden("two_groups.ktstr.json", sidecar(machine())); }

TEST(Sidecar, SameBytesForTheSameResult) { EXPECT_EQ(sidecar(machine()), sidecar(machine())); }

TEST(Sidecar, OnlyVolatileKeysDependOnTheHostsTime) {
  MachineOutcome slow = machine();
  slow.times = {};
  slow.times.total = std::chrono::seconds(99);
  slow.template_made = true;
  json::object a = json::parse(sidecar(machine())).as_object(), b = json::parse(sidecar(slow)).as_object();
  EXPECT_NE(a, b);
  for (json::object* document : {&a, &b}) {
    for (const char* key : {"timing", "cleanup_duration_ms"}) document->erase(key);
  }
  EXPECT_EQ(a, b);
}

TEST(Sidecar, KeysAreInCanonicalOrderWhateverHappened) {
  static constexpr const char* kOrder[] = {"schema_version",
                                           "test_name",
                                           "topology",
                                           "scheduler",
                                           "scheduler_commit",
                                           "scheduler_sha256",
                                           "scheduler_build_id",
                                           "manifest_sha256",
                                           "project_commit",
                                           "project_commit_full",
                                           "payload",
                                           "metrics",
                                           "passed",
                                           "skipped",
                                           "inconclusive",
                                           "expected_failure",
                                           "performance_mode",
                                           "failure",
                                           "stats",
                                           "monitor",
                                           "monitor_reason",
                                           "stimulus_events",
                                           "work_type",
                                           "verifier_stats",
                                           "prog_stats",
                                           "kvm_stats",
                                           "sysctls",
                                           "kargs",
                                           "kernel_version",
                                           "kernel_release",
                                           "kernel_label",
                                           "kernel_commit",
                                           "kernel_commit_full",
                                           "accelerator",
                                           "time_source",
                                           "qemu_version",
                                           "template_id",
                                           "seed",
                                           "vcpus",
                                           "cpu_budget",
                                           "resolve_source",
                                           "periodic_fired",
                                           "periodic_target",
                                           "perf_delta_assertions",
                                           "perf_delta",
                                           "timestamp",
                                           "run_id",
                                           "run_source",
                                           "host",
                                           "host_before",
                                           "cleanup_duration_ms",
                                           "timing"};
  MachineOutcome dead;
  dead.end = MachineEnd::kHung;
  for (const MachineOutcome& outcome : {machine(), dead}) {
    const json::value document = json::parse(sidecar(outcome));
    std::vector<std::string> keys;
    for (const auto& entry : document.as_object()) keys.emplace_back(entry.key());
    EXPECT_THAT(keys, ElementsAreArray(kOrder));
  }
}

TEST(Sidecar, AFailureHasLinesAndNoNumbers) {
  MachineOutcome dead;
  dead.end = MachineEnd::kHung;
  dead.stage = Stage::kScenarioStarted;
  dead.reason = "no sign of life for 20 s";
  const json::value document = json::parse(sidecar(dead));
  EXPECT_FALSE(document.at("passed").as_bool() || document.at("skipped").as_bool() ||
               document.at("inconclusive").as_bool());
  EXPECT_EQ(document.at("failure").as_array().size(), 1U);
  EXPECT_TRUE(document.at("stats").at("cgroups").as_array().empty());
  EXPECT_TRUE(document.at("stimulus_events").as_array().empty());
  EXPECT_TRUE(document.at("template_id").is_null());
  EXPECT_EQ(document.at("timing").at("template").as_string(), "cold");
  EXPECT_TRUE(document.at("timing").at("first_worker_ms").is_null());
  EXPECT_EQ(document.at("kernel_release").as_string(), "6.18.12+deb14-cloud-amd64");
}

TEST(Sidecar, KernelVersionComesFromTheGuestWhenTheHostKnowsNone) {
  const TestSpec test = samples::test();
  RunFacts unknown = facts();
  unknown.kernel_version.clear();
  unknown.kernel_release.clear();
  const json::value document =
      json::parse(write_sidecar(test, unknown, machine(), judge(test, machine(), samples::terms())));
  EXPECT_EQ(document.at("kernel_version").as_string(), "6.18.12");
}

}  // namespace
}  // namespace ktstr::kvm
