// SPDX-License-Identifier: Apache-2.0
#include "judge/evidence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "judge/verdict.hpp"
#include "samples.hpp"

namespace ktstr::kvm {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Evidence : ::testing::Test {
  json::object result = samples::result();
  MachineOutcome machine = samples::completed(result);
  RunTerms terms = samples::terms();

  json::object& worker(std::size_t index = 0) { return samples::worker_of(result, 0, index); }
  json::object& scenario() { return result.at("scenario").as_object(); }
  std::vector<std::string> lies() const {
    const TestSpec test = samples::test();
    return contradictions(test, samples::read(result, test), machine.seen, terms);
  }
};

TEST_F(Evidence, AnHonestResultIsBelieved) { EXPECT_THAT(lies(), IsEmpty()); }

TEST_F(Evidence, TheHostsClockBoundsTheScenario) {
  machine.seen.scenario_at_most = milliseconds(
      2);  // the agent was still starting the scheduler two milliseconds before it said it was done
  EXPECT_THAT(lies(), ElementsAre("a scenario of 1.000 s within 0.002 s of the host's time"));
  machine.seen.scenario_at_most = {};
  EXPECT_THAT(lies(), ElementsAre(HasSubstr("within 0.000 s of the host's time")));
  terms.virtual_time = true;  // then the host's clock says nothing
  EXPECT_THAT(lies(), IsEmpty());
  terms.virtual_time = false;
  machine.seen.scenario_at_most = seconds(300);  // a busy host looks seldom
  EXPECT_THAT(lies(), IsEmpty());
  machine.seen.scenario_at_least = seconds(60);
  EXPECT_THAT(lies(), ElementsAre("a scenario of 1.000 s that the host saw running for 60.000 s"));
}

TEST_F(Evidence, AScenarioLastsAtLeastItsDuration) {
  scenario()["end_ns"] = 5'999'999'999;
  EXPECT_THAT(lies(), ElementsAre(HasSubstr("is shorter than its duration_ms of 1000")));
}

TEST_F(Evidence, WorkTakesCpuTime) {
  for (std::size_t i = 0; i < 2; ++i) worker(i)["work_units"] = 1'125'899'906'842'624;
  EXPECT_THAT(lies(), ElementsAre("2251799813685748 units of work with 3.000 s of the host's CPU time",
                                  "worker 90 of cgroup steady did 1125899906842624 units of work in 0.400 s "
                                  "of CPU time (and 1 more)"));
  worker(0)["work_units"] = worker(1)["work_units"] =
      800'000'000;  // possible, but not with so little of the host's time
  machine.seen.cpu_time = milliseconds(50);
  EXPECT_THAT(lies(), ElementsAre(HasSubstr("of the host's CPU time")));
  machine.seen.cpu_time = {};  // unknown
  EXPECT_THAT(lies(), IsEmpty());
  worker()["work_units"] = 0;
  worker()["iterations"] = 11'000'000;
  EXPECT_THAT(lies(), ElementsAre(HasSubstr("did 11000000 iterations with 0 units of work")));
}

TEST_F(Evidence, TimesLieWithinTheScenario) {
  worker()["wall_time_ns"] = 60'000'000'000;
  EXPECT_THAT(lies(), ElementsAre("worker 90 of cgroup steady ran for 60.000 s in a scenario of 1.000 s"));
  worker() = samples::worker(90, 0);
  worker()["cpu_time_ns"] = 2'000'000'000;
  EXPECT_THAT(lies(), Contains("worker 90 of cgroup steady took 2.000 s of CPU time in 1.000 s"));
  worker() = samples::worker(90, 0);
  worker()["samples"] = samples::distribution("wake", {1, 9'223'372'036'854'775'807});
  EXPECT_THAT(lies(), ElementsAre(HasSubstr("waited 9223372036.855 s in a scenario of 1.000 s")));
  worker() = samples::worker(90, 0);
  worker().at("samples").at("wake").as_object()["seen"] = 1;
  EXPECT_THAT(lies(), ElementsAre(HasSubstr("has more samples than there were")));
  worker() = samples::worker(90, 0);
  for (std::size_t i = 0; i < 2; ++i) worker(i)["cpu_time_ns"] = 1'200'000'000;
  samples::worker_of(result, 1, 0)["cpu_time_ns"] = 1'000'000'000;
  EXPECT_THAT(lies(), ElementsAre("the workers took 3.400 s of CPU time on 2 CPUs in 1.000 s"));
}

TEST_F(Evidence, StagesAndHeartbeatsCount) {
  machine.seen.disorder = "the guest went back from scenario_started to ready";
  EXPECT_THAT(lies(), ElementsAre(machine.seen.disorder));
  machine.seen.disorder.clear();
  machine.seen.heartbeats = 0;
  EXPECT_THAT(lies(), ElementsAre("a scenario without a heartbeat of the agent"));
}

TEST_F(Evidence, TheNonceTellsWhoWroteIt) {
  result["nonce"] = "0123abce";
  EXPECT_THAT(lies(), ElementsAre(HasSubstr("the agent did not write it")));
  result["outcome"] = "scheduler_died";
  result["scenario"] = nullptr;
  EXPECT_THAT(lies(), ElementsAre(HasSubstr("the agent did not write it")));
  result["outcome"] = "spec_error";  // the agent has its nonce all the same
  result["nonce"] = "";
  EXPECT_THAT(lies(), ElementsAre(HasSubstr("the agent did not write it")));
  result["nonce"] = terms.nonce;
  EXPECT_THAT(lies(), IsEmpty());
}

TEST_F(Evidence, AContradictionIsAVerdictAndLeavesNoNumbers) {
  machine.seen.scenario_at_most = milliseconds(2);
  const Verdict verdict = judge(samples::test(), machine, terms);
  EXPECT_EQ(verdict.outcome, Outcome::kInconclusive);
  EXPECT_THAT(
      verdict.lines,
      ElementsAre(HasSubstr("the guest's result contradicts what the host saw: a scenario of 1.000 s")));
  ASSERT_TRUE(verdict.result);
  EXPECT_FALSE(verdict.result->scenario);
  EXPECT_EQ(verdict.result->kernel_release, "6.18.12+deb14-cloud-amd64");
}

/// Looks as the machine takes them, a millisecond apart unless a stage says otherwise.
struct Looks {
  Observer::Clock::time_point now{};
  Observer observer{now};
  void at(int ms, Stage stage, std::uint64_t beats = 0) {
    observer.look(stage, beats, now + milliseconds(ms), now + milliseconds(ms));
  }
  Observation seen() const { return observer.finish(seconds(1)); }
};

TEST(Observer, BoundsTheScenarioFromBothSides) {
  Looks looks;
  looks.at(0, Stage::kReady);
  looks.at(50, Stage::kSchedulerAttached);
  looks.at(60, Stage::kScenarioStarted, 1);
  looks.at(500, Stage::kScenarioStarted, 5);
  looks.at(570, Stage::kDone, 6);
  looks.at(580, Stage::kDone, 6);
  EXPECT_EQ(looks.seen().scenario_at_most, milliseconds(520));
  EXPECT_EQ(looks.seen().scenario_at_least, milliseconds(440));
  EXPECT_EQ(looks.seen().heartbeats, 6U);
  EXPECT_EQ(looks.seen().disorder, "");
}

TEST(Observer, ALateLookMakesTheBoundWideAndNotWrong) {
  Looks looks;
  looks.at(10'000, Stage::kDone, 6);  // the host was busy all the time
  EXPECT_EQ(looks.seen().scenario_at_most, seconds(10));
  EXPECT_EQ(looks.seen().scenario_at_least, seconds(0));
}

TEST(Observer, NoticesStagesThatGoBack) {
  Looks looks;
  looks.at(1, Stage::kScenarioStarted, 1);
  looks.at(2, Stage::kReady, 2);
  looks.at(3, Stage::kNone, 0);
  EXPECT_EQ(looks.seen().disorder, "the guest went back from scenario_started to ready");
  Looks beats;
  beats.at(1, Stage::kReady, 7);
  beats.at(2, Stage::kReady, 3);
  EXPECT_EQ(beats.seen().disorder, "the guest's heartbeats were set back");
}

}  // namespace
}  // namespace ktstr::kvm
