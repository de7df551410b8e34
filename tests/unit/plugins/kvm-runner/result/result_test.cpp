// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "guest/spec_writer.hpp"
#include "samples.hpp"

namespace ktstr::kvm {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string problem_of(std::string_view text) {
  std::string problem;
  return read_agent_result(text, samples::test(), problem) ? "(no problem)" : problem;
}

std::string problem_with(const std::function<void(json::object&)>& change) {
  json::object result = samples::result();
  change(result);
  return problem_of(json::serialize(result));
}

json::object& first_worker(json::object& result) { return samples::worker_of(result, 0, 0); }

json::object& first_mark(json::object& result) { return result.at("scenario").at("marks").at(0).as_object(); }

TEST(AgentResult, ReadsAGoodOne) {
  const AgentResult result = samples::read(samples::result(), samples::test());
  EXPECT_EQ(result.outcome, AgentOutcome::kOk);
  EXPECT_EQ(result.kernel_release, "6.18.12+deb14-cloud-amd64");
  EXPECT_EQ(result.topology.llcs.size(), 2U);
  EXPECT_EQ(result.scheduler->state, "enabled");
  EXPECT_FALSE(result.scheduler->exit_status);
  EXPECT_EQ(result.scenario->seconds(), 1.0);
  const WorkerReport& worker = result.scenario->cgroups.at(0).workers.at(0);
  EXPECT_EQ(worker.tid, 90);
  EXPECT_EQ(worker.max_gap_ns, 46'287'000U);
  EXPECT_EQ(worker.user_time_ns, 390'000'000U);
  ASSERT_NE(worker.find_samples("wake"), nullptr);
  EXPECT_THAT(*worker.find_samples("wake"), ElementsAre(1000U, 3000U, 2000U));
  EXPECT_EQ(worker.find_samples("timer"), nullptr) << "Bursty measures no timers";
  EXPECT_EQ(result.scenario->marks.at(1).sets.at(0).iterations, 250U);
  EXPECT_EQ(result.bpf_programs.at(0).verified_insns, 812U);
}

TEST(AgentResult, ScenarioAndSchedulerMayBeNull) {
  json::object document = samples::result();
  document["scenario"] = nullptr;
  document["scheduler"] = nullptr;
  document.erase("dmesg");
  const AgentResult result = samples::read(document, samples::test());
  EXPECT_FALSE(result.scenario || result.scheduler);
}

TEST(AgentResult, EveryWrongFieldIsNamed) {
  const std::pair<std::function<void(json::object&)>, const char*> kRows[] = {
      {[](json::object& r) { r["version"] = 2; }, "version is not 1"},
      {[](json::object& r) { r["outcome"] = "fine\x1b[2J"; }, "outcome is no outcome: \"fine\\x1b[2J\""},
      {[](json::object& r) { r["outcome"] = 1; }, "outcome is not a string"},
      {[](json::object& r) { r["extra"] = 1; }, "the result has an unknown key \"extra\""},
      {[](json::object& r) { r.erase("message"); }, "message is missing"},
      {[](json::object& r) { r["message"] = std::string(5000, 'x'); }, "message is longer than 4096 bytes"},
      {[](json::object& r) { r["scenario"] = 3; }, "scenario is not an object"},
      {[](json::object& r) { r.at("scenario").as_object()["end_ns"] = 1; },
       "scenario.end_ns lies before the start"},
      {[](json::object& r) { r.at("scenario").at("sets").as_array().pop_back(); },
       "scenario.sets reports 1 of 2 sets of workers"},
      {[](json::object& r) { r.at("scenario").at("sets").at(0).as_array().pop_back(); },
       "scenario.sets[0] reports 1 of 2 workers"},
      {[](json::object& r) { r.at("scenario").at("sets").at(0).as_array().clear(); },
       "scenario.sets[0] reports 0 of 2 workers"},
      {[](json::object& r) { first_mark(r)["at_ns"] = 1; },
       "scenario.marks[0].at_ns lies before the mark that precedes it"},
      {[](json::object& r) { first_mark(r)["label"] = std::string(300, 'x'); },
       "marks[0].label is longer than 256"},
      {[](json::object& r) { first_mark(r)["sets"].as_array().pop_back(); },
       "marks[0].sets is not of all sets"},
      {[](json::object& r) { r.at("scenario").as_object()["marks"] = json::array(5000, first_mark(r)); },
       "scenario.marks has more than 4096 items"},
      {[](json::object& r) { first_worker(r).erase("user_time_ns"); }, "user_time_ns is missing"},
      {[](json::object& r) { first_worker(r)["max_gap_cpu"] = 4096; }, "max_gap_cpu names CPU 4096 of 4096"},
      {[](json::object& r) { first_worker(r)["samples"] = json::object(); }, "samples.wake is missing"},
      {[](json::object& r) { first_worker(r)["samples"] = samples::distribution("timer", {}); },
       "samples has an unknown key \"timer\""},
      {[](json::object& r) {
         first_worker(r)["counts"] = {{"wakes", 1}};
       },
       "counts has an unknown key \"wakes\""},
      {[](json::object& r) { first_worker(r)["iterations"] = -1; }, "iterations is not a whole number"},
      {[](json::object& r) { first_worker(r)["iterations"] = 1.5; }, "iterations is not a whole number"},
      {[](json::object& r) { first_worker(r)["iterations"] = UINT64_MAX; }, "iterations is too large"},
      {[](json::object& r) { first_worker(r)["iterations"] = INT64_MAX; },
       "iterations is larger than any test can count"},
      {[](json::object& r) { first_worker(r)["cpu_time_ns"] = INT64_MAX; },
       "cpu_time_ns is longer than any test"},
      {[](json::object& r) {
         first_worker(r)["cpus_used"] = {1, 0};
       },
       "cpus_used is not in ascending order"},
      {[](json::object& r) { first_worker(r)["cpus_used"] = json::array{99'999}; },
       "cpus_used names CPU 99999 of 4096"},
      {[](json::object& r) {
         first_worker(r)["samples"] = samples::distribution("wake", {1, "x"});
       },
       "samples.wake.kept holds something that is not"},
      {[](json::object& r) {
         first_worker(r)["samples"] = samples::distribution("wake", json::array(20'001, 1));
       },
       "samples.wake.kept has more than 20000 items"},
      {[](json::object& r) { first_worker(r)["completed"] = 1; }, "completed is not true or false"},
      {[](json::object& r) { r.at("scheduler").as_object()["log"] = std::string(300'000, 'x'); },
       "scheduler.log is longer than"},
      {[](json::object& r) { r.at("scheduler").as_object()["cause"] = "fate"; },
       "scheduler.cause is no cause: \"fate\""},
      {[](json::object& r) { r["bpf_programs"] = json::object(); }, "bpf_programs is not an array"},
      {[](json::object& r) { r["topology"] = json::array(); }, "topology is not an object"},
  };
  for (const auto& [change, problem] : kRows) EXPECT_THAT(problem_with(change), HasSubstr(problem));
}

TEST(AgentResult, GarbageIsAProblemNotACrash) {
  EXPECT_EQ(problem_of(""), "the result is empty");
  for (const std::string& text :
       {std::string(100'000, '['), std::string("{\"version\": NaN}"), std::string("{\"a\":1} x"),
        std::string("\0\0\0", 3), std::string("\xff\xfe"), std::string("{\"version\": 1e999999}"),
        std::string("null"), std::string("\x1b[2J")}) {
    EXPECT_NE(problem_of(text), "(no problem)");
  }
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "{\"scenario\":";
  EXPECT_THAT(problem_of(deep), HasSubstr("not valid JSON"));
}

TEST(AgentResult, NoTruncationAndNoFlippedByteCrashes) {
  const std::string whole = json::serialize(samples::result());
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(problem_of(std::string_view(whole).substr(0, size)), "(no problem)");
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char bit : {'\x01', '\x10', '\x7f'}) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ bit);
      problem_of(changed);  // any answer will do
    }
  }
}

}  // namespace
}  // namespace ktstr::kvm
