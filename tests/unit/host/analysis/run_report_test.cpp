// SPDX-License-Identifier: Apache-2.0
#include "show/run_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ktstr/kit/text.hpp>

#include "framework/golden.hpp"
#include "run_documents.hpp"
#include "show/bpf_stats.hpp"
#include "show/group_summary.hpp"
#include "show/kvm_stats.hpp"
#include "show/metric_list.hpp"
#include "show/value_list.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

using testing::document;
using testing::foreign_sidecar;
using ::testing::HasSubstr;
using testing::matches_golden;
using ::testing::Not;

json::object vcpu(std::uint64_t exits, std::uint64_t preempted) {
  return {{"exits", exits},
          {"halt_exits", 900},
          {"halt_successful_poll", 9},
          {"halt_attempted_poll", 10},
          {"halt_wait_ns", 81200000},
          {"preemption_reported", preempted},
          {"signal_exits", 1}};
}

std::vector<RunDocument> gauntlet() {
  std::vector<RunDocument> out;
  const char* topologies[] = {"1n1l2c1t", "1n2l1c1t", "1n2l4c1t", "2n4l4c1t", "1n1l8c2t", "1n1l1c1t"};
  for (int i = 0; i < 6; ++i) {
    const double p99 = i == 3 ? 900 : 100 + i;
    out.push_back(document(
        foreign_sidecar({{"test_name", "wakeups"},
                         {"topology", topologies[i]},
                         {"passed", i != 4},
                         {"stats",
                          {{"worst_p99_wake_latency_us", p99},
                           {"worst_spread", 2.5},
                           {"worst_gap_ms", 20},
                           {"total_iterations", 1000}}},
                         {"monitor",
                          {{"max_imbalance_ratio", 1.5},
                           {"max_local_dsq_depth", 3},
                           {"stuck_count", i == 3 ? 2 : 0},
                           {"prog_stats_deltas",
                            {{{"name", "enqueue"}, {"cnt", 20114}, {"nsecs", 9051300}},
                             {{"name", "dispatch"}, {"cnt", 4}, {"nsecs", 9999999}}}}}},
                         {"verifier_stats",
                          {{{"name", "enqueue"}, {"verified_insns", 812 + i}},
                           {{"name", "dispatch"}, {"verified_insns", 760000}}}},
                         {"kvm_stats", {{"per_vcpu", {vcpu(20000, 0), vcpu(22000, i == 0 ? 7 : 0)}}}}}),
        "w" + std::to_string(i)));
  }
  out.push_back(document(foreign_sidecar({{"test_name", "skipped_one"},
                                          {"work_type", "skipped"},
                                          {"skipped", true},
                                          {"monitor", nullptr},
                                          {"kvm_stats", nullptr}}),
                         "z"));
  return out;
}

TEST(RunReport, ShowsEverySection) {
  const auto documents = gauntlet();
  const MetricRegistry metrics;
  const RunReport report = report_of("7.1.0-73730e0", documents, metrics, OutlierRule::kRobust);
  EXPECT_TRUE(matches_golden("stats/report.txt", run_report_text(report, 0)));
  EXPECT_TRUE(matches_golden("stats/report_80.txt", run_report_text(report, 80)));
  EXPECT_TRUE(matches_golden("stats/report.json", to_text(run_report_json(report)) + "\n"));
}

TEST(RunReport, ASectionWithoutDataSaysWhy) {
  const std::vector<RunDocument> documents = {
      document(foreign_sidecar({{"monitor", nullptr}, {"kvm_stats", nullptr}, {"accelerator", "tcg"}}))};
  const MetricRegistry metrics;
  EXPECT_TRUE(matches_golden("stats/report_without_data.txt",
                             run_report_text(report_of("r", documents, metrics, OutlierRule::kRobust), 0)));
}

TEST(RunReport, SurvivesHostileDocuments) {
  const MetricRegistry metrics;
  for (const json::value& strange :
       {json::value(3), json::value("x"),
        json::value(json::array{1, nullptr, json::array(), json::object{{"name", 3}, {"cnt", -1}}}),
        json::value(json::object{{"per_vcpu", json::array{3}}, {"prog_stats_deltas", 7}})}) {
    const std::vector<RunDocument> documents = {document(foreign_sidecar({{"monitor", strange},
                                                                          {"kvm_stats", strange},
                                                                          {"verifier_stats", strange},
                                                                          {"prog_stats", strange},
                                                                          {"host", strange},
                                                                          {"test_name", "t\x1b[2J"}}))};
    const std::string text =
        run_report_text(report_of("r\x1b", documents, metrics, OutlierRule::kRobust), 80);
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(text, HasSubstr("No data"));
  }
}

TEST(Groups, CountEveryOutcomeOnce) {
  std::vector<SidecarRecord> records(5);
  records[0].passed = true;
  records[1].passed = records[1].skipped = true;  // the oldest writers say both
  records[2].inconclusive = true;
  records[4].passed = true;
  records[4].topology = "x";
  records[4].values["worst_spread"] = 3;
  std::vector<const SidecarRecord*> pointers;
  for (const SidecarRecord& record : records) pointers.push_back(&record);
  const auto groups = summarise_by(pointers, &SidecarRecord::topology);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].name, "x");  // the only one with a spread
  EXPECT_EQ(groups_text(groups, 0),
            "  x  1/1 passed  avg_spread=3.0%\n     1/4 passed (1 skipped, 1 failed, 1 inconclusive)\n");
}

TEST(Verifier, WarnsAtThreeQuartersOfTheLimit) {
  const auto near = [](std::uint64_t instructions) {
    return VerifiedProgram{"p", instructions}.near_limit();
  };
  EXPECT_FALSE(near(749'999));
  EXPECT_TRUE(near(750'000));
  EXPECT_THAT(verifier_text({{"p", 749'999}}, 0), Not(HasSubstr("!")));
  EXPECT_THAT(verifier_text({{"p", 750'000}}, 0), HasSubstr("warning: "));
}

TEST(Kvm, AveragesOverVirtualCpus) {
  KvmStats stats;
  stats.guests = 2;
  stats.vcpus = 4;
  stats.exits = 10;
  stats.halt_attempted_poll = 8;
  stats.halt_successful_poll = 6;
  stats.hypercalls = 2;
  const std::string text = kvm_text(stats, 0);
  EXPECT_THAT(text, HasSubstr("exits/vcpu        2.5\n"));
  EXPECT_THAT(text, HasSubstr("poll_ok%          75.0\n"));
  EXPECT_THAT(text, HasSubstr("hypercalls/vcpu   0.5\n"));
  EXPECT_THAT(text, Not(HasSubstr("warning")));
}

TEST(ValueList, ShowsDistinctValuesInOrder) {
  ValueList values, none;
  for (const json::object& changes : {json::object{},
                                      {{"kernel_version", nullptr}, {"cpu_budget", 10}},
                                      {{"topology", "a\x1b[m"}, {"cpu_budget", 9}}}) {
    const RunDocument one = document(foreign_sidecar(changes));
    values.add(one.record);
  }
  EXPECT_TRUE(matches_golden("stats/list_values.txt", value_list_text(values)));
  EXPECT_TRUE(matches_golden("stats/list_values.json", to_text(value_list_json(values)) + "\n"));
  EXPECT_EQ(value_list_text(none), "(no sidecars in pool)\n");
}

TEST(MetricList, ShowsTheRegistry) {
  MetricRegistry metrics;
  MetricContribution row;
  row.name = "rps";
  row.unit = "req/\x1b[m";
  row.description = "requests";
  ASSERT_TRUE(metrics.add(row));
  EXPECT_TRUE(matches_golden("stats/list_metrics.txt", text_table(metric_list_table(metrics), {2, 3})));
  EXPECT_TRUE(matches_golden("stats/list_metrics_details.txt", metric_details_text(metrics, 80)));
  const json::array rows = metric_list_json(metrics).at("metrics").as_array();
  EXPECT_EQ(rows.size() + 1, metric_list_table(metrics).size());
  EXPECT_EQ(
      to_text(rows.at(0), 0),
      R"j({"name":"worst_spread","family":"fairness","polarity":"lower","default_abs":5.0,"default_rel":0.25,"display_unit":"%","kind":"gauge(max)","class":"ratio","fold":"mean",)j"
      R"j("path":"stats.worst_spread","per_cgroup":"spread","available":true,"numerator":null,"denominator":null,"description":"largest difference in off-CPU time between workers of one cgroup","guest_test":"AnyTest"})j");
  EXPECT_TRUE(rows.back().at("guest_test").is_null()) << "a project's own metric";
}

}  // namespace
}  // namespace ktstr
