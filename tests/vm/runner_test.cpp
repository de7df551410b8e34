// SPDX-License-Identifier: Apache-2.0
//
// The runner on real guests: passing tests, determinism, and everything that can go wrong on the way.
#include <gmock/gmock.h>
#include <signal.h>

#include <chrono>
#include <thread>

#include "vm_case.hpp"

namespace ktstr::vm {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

/// A steady load and a sleeper, without or with a scheduler (JSON).
std::string mix_on(const std::string& topology, const std::string& scheduler = "null",
                   const std::string& more = "") {
  return R"({"name": "mix", "topology": ")" + topology +
         R"(", "duration_ms": 300, "performance_mode": true, "scheduler": )" + scheduler + R"(,
    "cgroups": [{"name": "spin", "workers": 3, "work": {"type": "SpinWait"}},
                {"name": "nap", "cpuset": [0], "workers": 2, "work": {"type": "Bursty", "busy_us": 2000, "sleep_us": 3000}}])" +
         more + "}";
}

/// A program of tests/vm/schedulers as a test's scheduler.
std::string scheduler(const std::string& program, const std::string& args = "", int timeout_ms = 5000) {
  return R"({"name": "probe", "binary": ")" KTSTR_VM_SCHEDULERS "/" + program + R"(", "args": [)" + args +
         R"(], "attach_timeout_ms": )" + std::to_string(timeout_ms) + "}";
}

class RunnerVm : public VmCase {};

TEST_F(RunnerVm, APassingTestHasRealNumbers) {
  const TestRecord record = run_one(mix_on(
      "1n2l1c1t", "null", R"(, "assert": {"not_stuck": true, "isolation": true, "max_gap_ms": 3000})"));
  ASSERT_EQ(record.outcome, KTSTR_TEST_PASSED) << record.message;
  const json::object sidecar = record.document();
  EXPECT_TRUE(sidecar.at("passed").as_bool());
  EXPECT_EQ(record.dump, "");
  EXPECT_GT(sidecar.at("stats").at("total_iterations").to_number<std::uint64_t>(), 100U);
  EXPECT_GT(sidecar.at("stats").at("worst_median_wake_latency_us").to_number<double>(), 0);
  EXPECT_EQ(sidecar.at("stats").at("total_workers").to_number<int>(), 5);
  EXPECT_EQ(sidecar.at("accelerator").as_string(), "tcg");
  EXPECT_EQ(sidecar.at("time_source").as_string(), "host");
  const json::object& timing = sidecar.at("timing").as_object();
  EXPECT_GT(timing.at("first_worker_unix_ns").to_number<std::int64_t>(), 0);
  for (const char* burst : {"burst_before_us", "burst_after_us"}) {
    EXPECT_GT(timing.at(burst).to_number<double>(), 1) << burst;
    EXPECT_LT(timing.at(burst).to_number<double>(), 1e5) << burst;
  }
  EXPECT_EQ(run_one(mix_on("1n2l1c1t")).document().at("timing").at("template").as_string(), "restored");
}

TEST_F(RunnerVm, WorkTypesShareCpus) {
  // No YieldHeavy beside them: since 6.18 who yields forfeits its virtual run time, and stable kernels of
  // that series keep others of the run queue waiting for seconds then.
  std::string cgroups;
  for (const char* type :
       {"SpinWait", "Mixed", "Bursty", "PipeIo", "FutexPingPong", "FutexFanOut", "TimerLatency"}) {
    const std::string extra = std::string(type) == "Bursty"        ? R"(, "busy_us": 2000, "sleep_us": 3000)"
                              : std::string(type) == "FutexFanOut" ? R"(, "fan_out": 3)"
                                                                   : "";
    if (!cgroups.empty()) cgroups += ",";
    cgroups += R"({"name": ")" + std::string(type) + R"(", "workers": 4, "work": {"type": ")" + type + "\"" +
               extra + "}}";
  }
  const std::string test =
      R"("topology": "1n2l1c1t", "duration_ms": 2000, "assert": {"not_stuck": true}, "cgroups": [)";
  const TestRecord record = run_one(R"({"name": "all", )" + test + cgroups + "]}", {{"deterministic", true}});
  EXPECT_EQ(record.outcome, KTSTR_TEST_PASSED) << record.message;
  const json::object sidecar = record.document();
  EXPECT_GT(sidecar.at("stats").at("ext_metrics").at("worst_p99_timer_latency_us").to_number<double>(), 0);
  for (const json::value& cgroup : sidecar.at("stats").at("cgroups").as_array()) {
    EXPECT_GT(cgroup.at("total_iterations").to_number<std::uint64_t>(), 0U);
  }
  const TestRecord alone = run_one(
      R"({"name": "yield", )" + test + R"({"name": "yield", "workers": 4, "work": {"type": "YieldHeavy"}}]})",
      {{"deterministic", true}});
  EXPECT_EQ(alone.outcome, KTSTR_TEST_PASSED) << alone.message;
}

TEST_F(RunnerVm, AFailingAssertionNamesItsNumbers) {
  const TestRecord record =
      run_one(mix_on("1n2l1c1t", "null", R"(, "assert": {"max_gap_ms": 1})"), {{"deterministic", true}});
  EXPECT_EQ(record.outcome, KTSTR_TEST_FAILED);
  EXPECT_THAT(record.message, AllOf(HasSubstr("was kept from running for"), HasSubstr("limit 1 ms")));
  EXPECT_FALSE(record.document().at("passed").as_bool());
  EXPECT_EQ(json::parse(record.dump).at("stage").as_string(), "done");
}

/// Two threads that want all the host has, while they live.
class HostLoad {
 public:
  HostLoad() {
    for (int i = 0; i < 2; ++i) {
      threads_.emplace_back([](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
        }
      });
    }
  }

 private:
  std::vector<std::jthread> threads_;
};

class Determinism : public VmCase,
                    public ::testing::WithParamInterface<std::tuple<const char*, bool, bool>> {};

TEST_P(Determinism, SameSeedSameBytes) {
  const auto [topology, cold, with_scheduler] = GetParam();
  const std::string text = mix_on(topology, with_scheduler ? scheduler("scx_probe") : "null");
  const json::object request{{"deterministic", true}, {"cold", cold}, {"seed", 7}};
  const TestRecord first = run_one(text, request);
  ASSERT_EQ(first.outcome, KTSTR_TEST_PASSED) << first.message << first.dump;
  EXPECT_EQ(first.document().at("time_source").as_string(), "virtual");
  EXPECT_TRUE(first.document().at("timing").at("burst_before_us").is_null());
  TestRecord second;
  {
    const HostLoad load;
    second = run_one(text, request);
  }
  ASSERT_EQ(second.outcome, KTSTR_TEST_PASSED) << second.message << second.dump;
  EXPECT_EQ(differences(without_volatile(first.sidecar), without_volatile(second.sidecar)), "");
  if (cold) return;  // a boot takes its time, and the seed comes into play after it
  const TestRecord other = run_one(text, {{"deterministic", true}, {"cold", cold}, {"seed", 8}});
  ASSERT_EQ(other.outcome, KTSTR_TEST_PASSED) << other.message;
  EXPECT_NE(json::serialize(first.document().at("stats")), json::serialize(other.document().at("stats")))
      << "another seed is another sample";
}

INSTANTIATE_TEST_SUITE_P(Guests, Determinism,
                         ::testing::Values(std::tuple{"1n2l1c1t", false, false},
                                           std::tuple{"1n2l1c1t", true, false},
                                           std::tuple{"1n2l2c1t", false, false},
                                           std::tuple{"1n2l2c1t", true, false},
                                           std::tuple{"1n2l1c1t", false, true}),
                         [](const auto& row) {
                           return std::string(std::get<0>(row.param)) +
                                  (std::get<1>(row.param) ? "Cold" : "Warm") +
                                  (std::get<2>(row.param) ? "SchedExt" : "");
                         });

INSTANTIATE_TEST_SUITE_P(SlowGuests, Determinism, ::testing::Values(std::tuple{"1n2l2c1t", true, true}));

TEST_F(RunnerVm, AGuestThatStartsAttachedRunsToTheDigitAsOftenAsOneLikes) {
  const std::string text = mix_on("1n2l1c1t", scheduler("scx_probe"), R"(, "start_attached": true)");
  const json::object request{{"deterministic", true}, {"seed", 7}};
  const TestRecord first = run_one(text, request);
  ASSERT_EQ(first.outcome, KTSTR_TEST_PASSED) << first.message << first.dump;
  EXPECT_FALSE(first.document().at("verifier_stats").as_array().empty()) << "its programs are there";
  TestRecord second;
  {
    const HostLoad load;
    second = run_one(text, request);
  }
  EXPECT_EQ(differences(without_volatile(first.sidecar), without_volatile(second.sidecar)), "");
  const TestRecord attaching = run_one(mix_on("1n2l1c1t", scheduler("scx_probe")), request);
  EXPECT_NE(first.document().at("template_id"), attaching.document().at("template_id"));
  const json::object a = first.document(), b = attaching.document();
  EXPECT_NEAR(a.at("stats").at("total_iterations").to_number<double>(),
              b.at("stats").at("total_iterations").to_number<double>(),
              0.1 * b.at("stats").at("total_iterations").to_number<double>());
}

TEST_F(RunnerVm, OneThatDoesNotAttachInASavedGuestSaysWhyAllTheSame) {
  const TestRecord record =
      run_one(mix_on("1n2l1c1t", scheduler("misbehave", R"("exit")"), R"(, "start_attached": true)"),
              {{"deterministic", true}});
  EXPECT_EQ(record.outcome, KTSTR_TEST_FAILED);
  EXPECT_THAT(record.message, AllOf(HasSubstr("did not attach"), HasSubstr("no such ops")));
}

TEST_F(RunnerVm, ASchedulerThatExitsDoesNotAttach) {
  const TestRecord record = run_one(mix_on("1n2l1c1t", scheduler("misbehave", R"("exit")")));
  EXPECT_EQ(record.outcome, KTSTR_TEST_FAILED);
  EXPECT_THAT(record.message, AllOf(HasSubstr("the scheduler \"probe\" did not attach"),
                                    HasSubstr("status 3"), HasSubstr("no such ops")));
  EXPECT_THAT(json::parse(record.dump).at("scheduler_log").as_string(), HasSubstr("no such ops"));
}

TEST_F(RunnerVm, ASchedulerThatNeverAttachesTimesOut) {
  const TestRecord record = run_one(mix_on("1n2l1c1t", scheduler("misbehave", R"("sleep")", 500)));
  EXPECT_EQ(record.outcome, KTSTR_TEST_FAILED);
  EXPECT_THAT(record.message, HasSubstr("the scheduler \"probe\" did not attach"));
}

TEST_F(RunnerVm, ASchedExtSchedulerRunsTheTest) {
  const TestRecord record = run_one(mix_on("1n2l1c1t", scheduler("scx_probe")));
  ASSERT_EQ(record.outcome, KTSTR_TEST_PASSED) << record.message << record.dump;
  const json::object sidecar = record.document();
  EXPECT_EQ(sidecar.at("scheduler").as_string(), "probe");
  EXPECT_EQ(sidecar.at("scheduler_sha256").as_string().size(), 64U);
  ASSERT_FALSE(sidecar.at("verifier_stats").as_array().empty());
  EXPECT_GT(sidecar.at("verifier_stats").at(0).at("verified_insns").to_number<int>(), 0);
}

// Who never runs has no latency, no gap and no turn that the kernel counts: all of it must show as waiting
// nevertheless.
TEST_F(RunnerVm, StarvationLooksWorseThanAnythingElse) {
  const TestRecord record = run_one(
      R"({"name": "hogged", "topology": "1n1l1c1t", "duration_ms": 500, "performance_mode": true, "scheduler": )" +
          scheduler("scx_probe", R"("--fault", "hog")") + R"(,
    "cgroups": [{"name": "a_cgroup_of_hogs", "workers": 2, "work": {"type": "SpinWait"}},
                {"name": "timers", "workers": 1, "work": {"type": "TimerLatency", "interval_us": 100000}}]})",
      {{"deterministic", true}});
  ASSERT_EQ(record.outcome, KTSTR_TEST_PASSED) << record.message << record.dump;
  EXPECT_THAT(record.message,
              HasSubstr("cgroup timers: 1 of 1 workers completed no iteration; longest wait for a CPU"));
  const json::object sidecar = record.document();
  const json::object& stats = sidecar.at("stats").as_object();
  const json::object& hogs = stats.at("cgroups").at(0).as_object();
  const json::object& timers = stats.at("cgroups").at(1).as_object();
  EXPECT_EQ(hogs.at("name"), "a_cgroup_of_hogs");
  EXPECT_EQ(hogs.at("workers_without_iterations").to_number<int>(), 1);
  EXPECT_GT(hogs.at("worst_run_delay_us").to_number<double>(), 400'000);
  EXPECT_GT(hogs.at("spread").to_number<double>(), 80);
  EXPECT_EQ(timers.at("name"), "timers");
  EXPECT_EQ(timers.at("total_iterations").to_number<int>(), 0);
  EXPECT_EQ(timers.at("timer_latency_samples").to_number<int>(), 0);
  EXPECT_GT(timers.at("mean_run_delay_us").to_number<double>(), 350'000);
  EXPECT_LE(timers.at("mean_run_delay_us").to_number<double>(), 501'000);
  EXPECT_GT(timers.at("max_gap_ms").to_number<int>(), 350);
  EXPECT_EQ(stats.at("worst_iterations_per_worker").to_number<double>(), 0);
  EXPECT_EQ(stats.at("workers_without_iterations").to_number<int>(), 2);
}

TEST_F(RunnerVm, ASchedulerThatDiesDuringTheTestFailsIt) {
  std::string text = mix_on("1n2l1c1t", scheduler("scx_probe", R"("--die-after-ms", "400")"));
  text.replace(text.find("\"duration_ms\": 300"), 18, "\"duration_ms\": 5000");
  const TestRecord died = run_one(text, {{"deterministic", true}});
  EXPECT_EQ(died.outcome, KTSTR_TEST_FAILED);
  EXPECT_THAT(died.message, HasSubstr("the scheduler \"probe\" left during the test"));
}

TEST_F(RunnerVm, ASchedulerThatLosesTasksIsEjected) {
  std::string text = mix_on("1n2l1c1t", scheduler("scx_probe", R"("--fault", "lose-some")"));
  text.replace(text.find("\"duration_ms\": 300"), 18, "\"duration_ms\": 8000");
  const TestRecord record = run_one(text, {{"deterministic", true}});
  EXPECT_EQ(record.outcome, KTSTR_TEST_FAILED);
  EXPECT_THAT(record.message,
              AllOf(HasSubstr("the kernel ejected the scheduler \"probe\""), HasSubstr("stall")));
}

TEST_F(RunnerVm, AKernelPanicIsQuoted) {
  const TestRecord record = run_one(mix_on("1n2l1c1t", scheduler("misbehave", R"("panic")")));
  EXPECT_EQ(record.outcome, KTSTR_TEST_FAILED);
  EXPECT_THAT(record.message,
              AllOf(HasSubstr("the guest kernel panicked"), HasSubstr("sysrq triggered crash")));
  EXPECT_THAT(json::parse(record.dump).at("console_tail").as_string(), HasSubstr("sysrq triggered crash"));
  EXPECT_THAT(record.report, HasSubstr("run queues, when the guest ended"));
}

TEST_F(RunnerVm, AHungGuestIsNoticed) {
  const TestRecord record =
      run_one(mix_on("1n2l1c1t", scheduler("misbehave", R"("hang")"),
                     R"(, "timeout_s": 15, "sysctls": {"kernel.sched_rt_runtime_us": -1})"));
  EXPECT_EQ(record.outcome, KTSTR_TEST_FAILED);
  EXPECT_THAT(record.message, HasSubstr("the guest hung"));
  // Nobody in the guest can tell anything: all of this is read from outside.
  EXPECT_THAT(
      record.report,
      AllOf(HasSubstr("tasks, read from outside"), ContainsRegex("  misbehave [0-9]+: R"),
            ContainsRegex("run queues, when the guest ended:\n  CPU 0: [1-9][0-9]* can run, current "),
            ContainsRegex("virtual CPUs:\n  CPU 0"), HasSubstr("    RIP=")));
  EXPECT_THAT(record.report, ContainsRegex("\n      [a-z_]+[+]0x[0-9a-f]+\n")) << "functions by their names";
}

TEST_F(RunnerVm, AKilledQemuIsAnErrorOfTheEnvironment) {
  run_one(mix_on("1n2l1c1t"));  // the template is there now
  std::string text = mix_on("1n2l1c1t");
  text.replace(text.find("\"duration_ms\": 300"), 18, "\"duration_ms\": 60000");
  std::jthread killer([](const std::stop_token& stop) {
    for (int seen = 0; !stop.stop_requested();) {
      const std::vector<pid_t> found = qemu_children();
      seen = found.empty() ? 0 : seen + 1;
      if (seen > 50) ::kill(found.front(), SIGKILL);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  });
  const TestRecord record = run_one(text);
  EXPECT_EQ(record.outcome, KTSTR_TEST_ERROR);
  EXPECT_THAT(record.message, AllOf(HasSubstr("QEMU ended by itself or was killed"), HasSubstr("signal 9")));
  EXPECT_NE(record.dump, "");
}

TEST_F(RunnerVm, AnInterruptStopsEverythingAndLeavesNothing) {
  std::string text = mix_on("1n2l1c1t");
  text.replace(text.find("\"duration_ms\": 300"), 18, "\"duration_ms\": 60000");
  for (const int delay_ms : {0, 100, 1500}) {
    std::jthread stopper;
    on_started = [&](const std::string&) {
      stopper = std::jthread([this, delay_ms] {
        std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms));
        interrupt();
      });
    };
    const auto begin = std::chrono::steady_clock::now();
    const auto records = run(text);
    EXPECT_EQ(status, KTSTR_CANCELLED) << error_text;
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
    for (const auto& [name, record] : records) EXPECT_EQ(record.sidecar, "") << name;
    EXPECT_EQ(left_behind(), "");
  }
}

TEST_F(RunnerVm, TestsOfOneInvocationDoNotDisturbEachOther) {
  std::string tests;
  for (int i = 0; i < 4; ++i) {
    std::string one = mix_on("1n2l1c1t");
    one.replace(one.find("\"mix\""), 5, "\"mix" + std::to_string(i) + "\"");
    tests += (i == 0 ? "" : ",") + one;
  }
  const auto records = run(R"({"tests": [)" + tests + "]}", {{"deterministic", true}, {"jobs", 4}});
  ASSERT_EQ(records.size(), 4U);
  std::string first;
  for (const auto& [name, record] : records) {
    ASSERT_EQ(record.outcome, KTSTR_TEST_PASSED) << name << ": " << record.message;
    const std::string stats = json::serialize(record.document().at("stats"));
    if (first.empty()) first = stats;
    EXPECT_EQ(stats, first) << "the same work under another name must give the same numbers";
  }
}

}  // namespace
}  // namespace ktstr::vm
