// SPDX-License-Identifier: Apache-2.0
#include "sidecar/sidecar.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktstr {
namespace {

using ::testing::HasSubstr;

const char* const kSmall =
    R"({"test_name": "t", "topology": "1n1l2c1t", "scheduler": "s", "work_type": "w", "passed": true, "skipped": false, "stats": {}})";

const MetricRegistry kRegistry;

json::object small() { return parse_json(kSmall, "small")->get_object(); }
Result<SidecarRecord> read(const json::object& object) {
  return read_sidecar(to_text(object), "f.ktstr.json", kRegistry);
}

TEST(CompleteSidecar, SaysTheKernelWhereTheRunnerDoesNot) {
  HostStamp stamp;
  stamp.kernel_version = "6.18.2";
  stamp.kernel_release = "6.18.2-cloud";
  const auto filled = complete_sidecar(R"({"test_name": "t", "kernel_version": null})", stamp);
  ASSERT_TRUE(filled);
  EXPECT_EQ(parse_json(filled->text, "host")->at("kernel_version"), "6.18.2");
  EXPECT_EQ(parse_json(filled->text, "host")->at("kernel_release"), "6.18.2-cloud");
  const auto told = complete_sidecar(R"({"test_name": "t", "kernel_version": "6.17"})", stamp);
  ASSERT_TRUE(told);
  EXPECT_EQ(parse_json(told->text, "host")->at("kernel_version"), "6.17");
}

TEST(CompleteSidecar, FillsTheHostsFieldsInPlace) {
  const char* runner =
      R"({"schema_version": 1, "test_name": "t", "topology": "1n2l4c1t", "scheduler": "my_sched", "project_commit": null, "project_commit_full": null,
    "payload": null, "stats": {}, "work_type": "SpinWait", "sysctls": [], "kargs": [], "kernel_label": null, "kernel_commit": null, "kernel_commit_full": null, "perf_delta": null,
    "timestamp": null, "run_id": null, "run_source": null, "host": null, "host_before": null, "cleanup_duration_ms": 1, "plugins": null})";
  HostStamp stamp;
  stamp.project_commit = "9c01d2e-dirty";
  stamp.project_commit_full = "9c01d2e4f";
  stamp.timestamp = "2026-11-24T12:00:00Z";
  stamp.run_id = "x-0";
  stamp.run_source = "local";
  stamp.host = json::object{{"arch", "x86_64"}};
  stamp.host_before = json::object{{"load_1m", 0.5}};
  stamp.place = PlanPlace{true, 3, 1, "c0ffee"};
  stamp.plugins = json::array{json::object{{"kind", "store"}}};
  const auto done = complete_sidecar(runner, stamp);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->test, "t");
  EXPECT_EQ(done->hash, "d4315f6faabee4bb");
  EXPECT_TRUE(done->text.ends_with("}\n"));
  const auto before = parse_json(runner, "runner"), after = parse_json(done->text, "host");
  ASSERT_TRUE(after);
  auto expected = before->get_object().begin();
  for (const auto& entry : after->get_object())
    EXPECT_EQ(std::string(entry.key()), std::string((expected++)->key()));
  EXPECT_EQ(after->at("project_commit"), "9c01d2e-dirty");
  EXPECT_TRUE(after->at("kernel_commit").is_null());
  EXPECT_EQ(to_text(after->at("perf_delta"), 0), R"({"side":"head","block":3,"slot":1,"plan":"c0ffee"})");
  EXPECT_EQ(after->at("host").at("arch"), "x86_64");
  EXPECT_EQ(after->at("host_before").at("load_1m"), 0.5);
  EXPECT_EQ(after->at("cleanup_duration_ms"), 1);
  EXPECT_EQ(after->at("plugins").at(0).at("kind"), "store");
}

TEST(CompleteSidecar, TheRunnerTellsOfAnotherMachine) {
  HostStamp stamp;
  stamp.host = json::object{{"cpu_model", "here"}};
  stamp.elsewhere = true;
  const auto told =
      complete_sidecar(R"({"test_name": "t", "host": {"arch": "x86_64"}, "host_before": 7})", stamp);
  ASSERT_TRUE(told) << told.error().message;
  const json::value sidecar = json::parse(told->text);
  EXPECT_EQ(sidecar.at("host"), (json::value{{"arch", "x86_64"}}));
  EXPECT_TRUE(sidecar.at("host_before").is_null());
  stamp.elsewhere = false;
  const auto here = complete_sidecar(R"({"test_name": "t", "host": {"arch": "x86_64"}})", stamp);
  ASSERT_TRUE(here) << here.error().message;
  EXPECT_EQ(json::parse(here->text).at("host"), (json::value{{"cpu_model", "here"}}));
}

TEST(CompleteSidecar, RefusesWhatCannotBeStored) {
  const HostStamp stamp;
  for (const char* text : {"", "{", "[]", "{}", R"({"test_name": 3})", R"({"test_name": "../x"})",
                           R"({"test_name": ".x"})", R"({"test_name": "a\u0000b"})"}) {
    const auto done = complete_sidecar(text, stamp);
    ASSERT_FALSE(done) << text;
    EXPECT_EQ(done.error().code, ExitCode::kPlugin);
  }
  EXPECT_THAT(complete_sidecar(R"({"test_name": "a\u001b[1m/"})", stamp).error().message,
              HasSubstr("a\\x1b[1m/"));
}

TEST(ReadSidecar, ReadsAnOldFile) {
  const auto record = read_sidecar(kSmall, "f", kRegistry);
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->test, "t");
  EXPECT_TRUE(record->performance_mode);
  EXPECT_TRUE(record->counts());
  EXPECT_TRUE(record->values.empty());
  EXPECT_TRUE(record->project_commit.empty());
  EXPECT_FALSE(record->block || record->slot || record->seed || record->vcpus || record->cpu_budget);
}

TEST(ReadSidecar, ReadsEverythingAComparisonNeeds) {
  json::object object = small();
  object["stats"] = {{"worst_gap_ms", 12},
                     {"total_iterations", 500},
                     {"worst_wake_latency_tail_ratio", 3.5},
                     {"ext_metrics", {{"iteration_rate", 900.5}}}};
  object["monitor"] = {
      {"max_imbalance_ratio", 2.0}, {"stuck_count", 3}, {"event_deltas", {{"total_fallback", 7}}}};
  object["kernel_version"] = "6.18.12";
  object["project_commit"] = "abc1234";
  object["seed"] = 7;
  object["vcpus"] = 8;
  object["cpu_budget"] = 4;
  object["perf_delta"] = {{"side", "head"}, {"block", 2}, {"slot", 1}};
  object["host"] = {{"arch", "x86_64"}, {"cpu_model", "C"}, {"online_cpus", 16}};
  object["performance_mode"] = false;
  object["time_source"] = "virtual";
  const auto record = read(object);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->values, (decltype(record->values){{"worst_gap_ms", 12},
                                                      {"total_iterations", 500},
                                                      {"worst_wake_latency_tail_ratio", 3.5},
                                                      {"iteration_rate", 900.5},
                                                      {"max_imbalance_ratio", 2},
                                                      {"stuck_count", 3},
                                                      {"total_fallback", 7}}));
  EXPECT_EQ(record->block, 2U);
  EXPECT_EQ(record->slot, 1U);
  EXPECT_EQ(record->seed, 7U);
  EXPECT_EQ(record->vcpus, 8);
  EXPECT_EQ(record->cpu_budget, 4);
  EXPECT_EQ(record->host_identity.at("online_cpus"), "16");
  EXPECT_FALSE(record->performance_mode);
  EXPECT_EQ(record->time_source, "virtual");
}

TEST(ReadSidecar, AbsentIsNotZero) {
  json::object object = small();
  object["stats"] = {{"worst_gap_ms", 0},
                     {"worst_spread", nullptr},
                     {"worst_page_locality", 0.0},
                     {"total_iterations", 1000},
                     {"worst_iterations_per_worker", "many"}};
  object["monitor"] = nullptr;
  const auto record = read(object);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->values, (decltype(record->values){{"worst_gap_ms", 0}, {"total_iterations", 1000}}));
}

TEST(ReadSidecar, ReadsWhatTheHostGaveTheGuest) {
  json::object object = small();
  EXPECT_TRUE(std::isnan(read(object)->host_speed()));
  object["timing"] = {
      {"cpu_ran_ms", 300.0}, {"cpu_waited_ms", 100}, {"burst_before_us", 60.0}, {"burst_after_us", 75}};
  EXPECT_DOUBLE_EQ(read(object)->host_speed(), 0.75 / 60);
  object["timing"].as_object()["burst_after_us"] = nullptr;
  EXPECT_TRUE(std::isnan(read(object)->host_speed()));
  object["timing"] = {
      {"cpu_ran_ms", -300.0}, {"cpu_waited_ms", "100"}, {"burst_before_us", 60.0}, {"burst_after_us", 75}};
  EXPECT_TRUE(std::isnan(read(object)->host_speed()));
}

TEST(ReadSidecar, ExtraMetricsStandInForAMissingPlace) {
  json::object object = small();
  object["stats"] = {
      {"worst_spread", 3},
      {"ext_metrics", {{"worst_spread", 9}, {"max_dsq_depth", 4}, {"wakeup_p99_latency_us", 1}}}};
  EXPECT_EQ(read(object)->values,
            (decltype(SidecarRecord::values){{"worst_spread", 3}, {"max_dsq_depth", 4}}));
}

TEST(ReadSidecar, ARateComesFromItsPartsWhenTheWriterLeftItOut) {
  json::object object = small();
  object["monitor"] = {
      {"schedstat_deltas",
       {{"total_run_delay", 900}, {"total_pcount", 3}, {"total_ttwu_local", 5}, {"total_ttwu_count", 0}}}};
  const auto record = read(object);
  EXPECT_EQ(record->values.at("total_run_delay_ns_per_sched"), 300);
  EXPECT_FALSE(record->values.contains("ttwu_local_fraction"));
}

TEST(ReadSidecar, ContributedMetricsAreReadToo) {
  MetricRegistry registry;
  MetricContribution row;
  row.name = "rps";
  row.path = "stats.ext_metrics.server.rps";
  ASSERT_TRUE(registry.add(row));
  row.name = "boot";
  row.path = "timing.ready_ms";
  ASSERT_TRUE(registry.add(row));
  json::object object = small();
  object["stats"] = {{"ext_metrics", {{"server.rps", 12.5}}}};
  object["timing"] = {{"ready_ms", 3}};
  EXPECT_EQ(read_sidecar(to_text(object), "f", registry)->values,
            (decltype(SidecarRecord::values){{"boot", 3}, {"rps", 12.5}}));
}

TEST(ReadSidecar, SaysThatANewerProgramWroteIt) {
  json::object object = small();
  object["schema_version"] = 2;
  EXPECT_EQ(read(object).error().message,
            "f.ktstr.json: written by a newer ktstr (schema 2, this one reads 1)");
  object["schema_version"] = 1;
  EXPECT_TRUE(read(object));
}

// A file of the first writers: a flag profile, a skip that counts as passed, a flag instead of a count.
TEST(ReadSidecar, ReadsTheOldestShape) {
  json::object object = small();
  object["skipped"] = true;
  object["active_flags"] = json::array{"llc"};
  object["monitor"] = {{"total_samples", 9},
                       {"max_imbalance_ratio", 1.5},
                       {"max_local_dsq_depth", 2},
                       {"stall_detected", false}};
  object["metrics"] = json::array{json::object{
      {"payload_index", 0},
      {"exit_code", 0},
      {"metrics", json::array{json::object{{"name", "a"}, {"polarity", {{"TargetValue", 3.0}}}}}}}};
  const auto record = read(object);
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_FALSE(record->counts());
  EXPECT_EQ(record->values, (decltype(SidecarRecord::values){
                                {"max_imbalance_ratio", 1.5}, {"max_dsq_depth", 2}, {"stuck_count", 0}}));
}

TEST(ReadSidecar, ATailOfFewWakeUpsMeansNothing) {
  json::object object = small();
  object["stats"] = {{"total_iterations", 99}, {"worst_wake_latency_tail_ratio", 3.5}};
  EXPECT_FALSE(read(object)->values.contains("worst_wake_latency_tail_ratio"));
  object["stats"] = {{"worst_wake_latency_tail_ratio", 3.5}};
  EXPECT_FALSE(read(object)->values.contains("worst_wake_latency_tail_ratio"));
  object["stats"] = {{"total_iterations", 100}, {"worst_wake_latency_tail_ratio", 3.5}};
  EXPECT_TRUE(read(object)->values.contains("worst_wake_latency_tail_ratio"));
}

TEST(ReadSidecar, TheOldStallFlagCountsAsOne) {
  json::object object = small();
  object["monitor"] = {{"stall_detected", true}};
  EXPECT_EQ(read(object)->values.at("stuck_count"), 1);
  object["monitor"] = {{"stall_detected", true}, {"stuck_count", 4}};
  EXPECT_EQ(read(object)->values.at("stuck_count"), 4);
}

TEST(ReadSidecar, WhatDidNotPassDoesNotCount) {
  for (const char* key : {"skipped", "inconclusive", "expected_failure"}) {
    json::object object = small();
    object[key] = true;
    EXPECT_FALSE(read(object)->counts()) << key;
  }
  json::object object = small();
  object["passed"] = false;
  EXPECT_FALSE(read(object)->counts());
}

TEST(ReadSidecar, NamesWhatIsMissing) {
  for (const char* key : {"test_name", "topology", "scheduler", "work_type", "passed", "skipped", "stats"}) {
    for (const bool wrong_kind : {false, true}) {
      json::object object = small();
      if (wrong_kind) {
        object[key] = 17;
      } else {
        object.erase(key);
      }
      const auto record = read(object);
      ASSERT_FALSE(record) << key;
      EXPECT_THAT(record.error().message, HasSubstr(std::string("f.ktstr.json: ") + key));
      EXPECT_EQ(record.error().code, ExitCode::kPlugin);
    }
  }
}

TEST(ReadSidecar, SurvivesHostileFiles) {
  for (const char* text :
       {"", "null", "[1]", "{\"test_name\"", "\xFF\xFE", "{\"test_name\": \"t\", \"test_name\": 3}"})
    EXPECT_FALSE(read_sidecar(text, "f", kRegistry)) << text;
  EXPECT_FALSE(read_sidecar(std::string(1'000'000, '['), "f", kRegistry));
  json::object object = small();
  object["stats"] = {{"worst_gap_ms", 1e308},
                     {"worst_spread", -1e308},
                     {"ext_metrics", 3},
                     {"total_iterations", std::uint64_t{18446744073709551615U}}};
  object["monitor"] = json::array{1, 2};
  object["host"] = "x";
  object["perf_delta"] = {{"block", -1}, {"slot", 1.5}};
  object["seed"] = "7";
  object["vcpus"] = std::uint64_t{18446744073709551615U};
  const auto record = read(object);
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_FALSE(record->block || record->slot || record->seed || record->vcpus);
  const auto huge =
      read_sidecar(std::string(kSmall, std::string_view(kSmall).size() - 3) + "{\"worst_gap_ms\": 1e999}}",
                   "f", kRegistry);
  ASSERT_TRUE(huge) << huge.error().message;
  EXPECT_TRUE(huge->values.empty());
  object["stats"] = {
      {"cgroups",
       json::array{json::object{
           {"name", "a"}, {"num_workers", 1}, {"total_iterations", 1e305}, {"total_cpu_time_ns", 1e-5}}}}};
  const auto endless = read(object);
  ASSERT_TRUE(endless) << endless.error().message;
  EXPECT_FALSE(endless->values.contains("worst_iterations_per_cpu_sec"));
}

}  // namespace
}  // namespace ktstr
