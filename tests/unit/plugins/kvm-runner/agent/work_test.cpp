// SPDX-License-Identifier: Apache-2.0
//
// Every work type in real processes of this machine for a few milliseconds, and what the agent then says of
// them.
#include "agent/work.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <time.h>

#include <boost/json.hpp>
#include <set>

#include "agent/result.hpp"
#include "agent/workers.hpp"

namespace ktstr::agent {
namespace {

namespace json = boost::json;

Spec spec_of(const std::string& type, unsigned workers, const std::string& parameters) {
  std::string error;
  const std::string text =
      R"({"version": 1, "nonce": "00ff", "seed": 7, "duration_ms": 30, "latency_reservoir": 16, "files": [],
          "sysctls": [], "scheduler": null, "cgroups": [{"name": "g", "cpuset": null, "workers": )" +
      std::to_string(workers) + R"(, "work": {"type": ")" + type + "\"" + parameters + "}}]}";
  const auto spec = parse_spec(text, 1 << 20, error);
  if (!spec) throw std::runtime_error(error);
  return *spec;
}

void sleep_ms(long ms) {
  const timespec time{ms / 1000, ms % 1000 * 1'000'000};
  ::nanosleep(&time, nullptr);
}

/// Whether every worker has something to report; the machine may be busy with other things.
bool all_have_worked(const Workers& workers, bool with_latencies) {
  bool latencies = false;
  for (const Workers::View& view : workers.of_cgroup(0)) {
    if (view.report->iterations < 2) return false;
    latencies = latencies || view.report->latency_count > 0;
  }
  return latencies || !with_latencies;
}

/// The workers' reports after a scenario that lasts as long as it takes, 20 ms at least.
json::array reports_of(const Spec& spec, bool with_latencies) {
  Workers workers(spec);
  std::string error;
  EXPECT_TRUE(workers.start([](pid_t, std::size_t, std::string&) { return true; }, error)) << error;
  Scenario scenario;
  scenario.start_ns = now_ns();
  workers.release();
  sleep_ms(20);
  for (int i = 0; i < 1000 && !all_have_worked(workers, with_latencies); ++i) sleep_ms(10);
  scenario.end_ns = now_ns();
  workers.note_waiting(scenario.end_ns);
  EXPECT_TRUE(workers.ask_to_stop(30'000));
  const json::value result = json::parse(result_text("ok", "", &spec, nullptr, &scenario, &workers));
  EXPECT_EQ(result.at("outcome").as_string(), "ok");
  EXPECT_TRUE(result.at("scheduler").is_null());
  return result.at("scenario").at("cgroups").at(0).at("workers").as_array();
}

struct Case {
  const char* type;
  unsigned workers;
  const char* parameters;
  bool measures_latencies;
};

class EveryWorkType : public ::testing::TestWithParam<Case> {};

TEST_P(EveryWorkType, DoesItsWorkMeasuresItAndStopsWhenAsked) {
  const Case& one = GetParam();
  std::set<std::int64_t> tids;
  std::int64_t latencies = 0;
  for (const json::value& report :
       reports_of(spec_of(one.type, one.workers, one.parameters), one.measures_latencies)) {
    EXPECT_TRUE(report.at("completed").as_bool()) << report;
    EXPECT_EQ(report.at("exit").as_string(), "");
    EXPECT_GT(report.at("iterations").to_number<std::int64_t>(), 0) << report;
    EXPECT_GT(report.at("work_units").to_number<std::int64_t>(), 0);
    EXPECT_GE(report.at("cpus_used").as_array().size(), 1U);
    EXPECT_LE(report.at("wake_latencies_ns").as_array().size(), 16U) << "as many as there is room for";
    tids.insert(report.at("tid").as_int64());
    latencies += report.at("wake_count").to_number<std::int64_t>() +
                 static_cast<std::int64_t>(report.at("timer_latencies_ns").as_array().size());
  }
  EXPECT_EQ(tids.size(), one.workers) << "a process each";
  EXPECT_EQ(latencies > 0, one.measures_latencies);
}

INSTANTIATE_TEST_SUITE_P(Work, EveryWorkType,
                         ::testing::Values(Case{"SpinWait", 2, R"(, "units": 64)", false},
                                           Case{"YieldHeavy", 2, R"(, "units": 64)", false},
                                           Case{"Mixed", 1, R"(, "units": 512)", false},
                                           Case{"Bursty", 2, R"(, "busy_us": 500, "sleep_us": 500)", true},
                                           Case{"PipeIo", 2, R"(, "units": 64)", true},
                                           Case{"FutexPingPong", 2, R"(, "units": 64)", true},
                                           Case{"FutexFanOut", 3, R"(, "units": 64, "fan_out": 2)", true},
                                           Case{"TimerLatency", 1, R"(, "units": 64, "interval_us": 500)",
                                                true}),
                         [](const auto& row) { return std::string(row.param.type); });

TEST(Work, EveryTypeOfTheTableHasAFunction) {
  for (const kvm::WorkType& type : kvm::kWorkTypes) EXPECT_NE(work_function(type.name), nullptr) << type.name;
  EXPECT_EQ(work_function("Spin"), nullptr);
}

TEST(Work, WhoIsKilledHasStillReported) {
  const Spec spec = spec_of("SpinWait", 2, R"(, "units": 64)");
  Workers workers(spec);
  std::string error;
  ASSERT_TRUE(workers.start([](pid_t, std::size_t, std::string&) { return true; }, error)) << error;
  workers.release();
  sleep_ms(40);
  workers.note_waiting(now_ns());
  workers.kill();
  for (const Workers::View& view : workers.of_cgroup(0)) {
    EXPECT_EQ(view.exit, "killed by signal 9");
    EXPECT_FALSE(view.report->completed.load());
    EXPECT_GT(view.wall_time_ns, 0U);
  }
}

TEST(Work, AWorkerThatCannotBePlacedEndsTheStart) {
  const Spec spec = spec_of("SpinWait", 2, R"(, "units": 64)");
  Workers workers(spec);
  std::string error;
  EXPECT_FALSE(workers.start(
      [](pid_t, std::size_t, std::string& why) {
        why = "no such cgroup";
        return false;
      },
      error));
  EXPECT_EQ(error, "no such cgroup");
}

TEST(CpuList, IsReadAsFarAsItIsOne) {
  using ::testing::ElementsAre;
  EXPECT_THAT(parse_cpu_list("0-3,8\n"), ElementsAre(0U, 1U, 2U, 3U, 8U));
  EXPECT_THAT(parse_cpu_list("5"), ElementsAre(5U));
  EXPECT_THAT(parse_cpu_list("1,x"), ElementsAre(1U));
  EXPECT_TRUE(parse_cpu_list("").empty());
  EXPECT_LE(parse_cpu_list("0-99999999999").size(), 65536U);
}

TEST(Result, AFailureSaysWhichAndHasNoScenario) {
  const json::value result =
      json::parse(result_text("setup_error", "no \xff memory", nullptr, nullptr, nullptr, nullptr));
  EXPECT_EQ(result.at("outcome").as_string(), "setup_error");
  EXPECT_EQ(result.at("message").as_string(), "no \xef\xbf\xbd memory") << "JSON is UTF-8";
  EXPECT_TRUE(result.at("scenario").is_null());
  EXPECT_TRUE(result.at("bpf_programs").as_array().empty());
  EXPECT_FALSE(result.at("topology").at("cores").as_array().empty());
}

}  // namespace
}  // namespace ktstr::agent
