// SPDX-License-Identifier: Apache-2.0
#include "array_plan.hpp"

#include <gmock/gmock.h>

#include <ktstr/kit/mistake.hpp>

namespace ktstr::slurm {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

const std::vector<std::string> kTests = {"a", "b", "c"};

TEST(ArrayPlan, ATestIsATaskAndJobsAreAThrottle) {
  EXPECT_EQ(plan_array({}, kTests, Pin::kPair).indices, "0-2");
  FarmRequest request;
  request.jobs = 2;
  EXPECT_EQ(plan_array(request, kTests, Pin::kPair).indices, "0-2%2");
  request.jobs = 3;
  EXPECT_EQ(plan_array(request, kTests, Pin::kPair).indices, "0-2");
  EXPECT_EQ(plan_array(request, {"a"}, Pin::kPair).indices, "0-0");
}

TEST(ArrayPlan, TheOtherSidesNodePinsItsTask) {
  FarmRequest request;
  request.nodes = {{"c", "kn2"}, {"gone", "kn1"}};
  EXPECT_THAT(plan_array(request, kTests, Pin::kPair).pins, ElementsAre(Pair(2, "kn2")));
  EXPECT_THAT(plan_array(request, kTests, Pin::kNone).pins, IsEmpty());
}

TEST(ArrayPlan, WhatIsNoNamePinsNothing) {
  FarmRequest request;
  request.nodes = {{"a", "kn[1-3]"}, {"b", "kn1,kn2"}, {"c", ""}};
  EXPECT_THAT(plan_array(request, kTests, Pin::kPair).pins, IsEmpty());
}

TEST(ArrayPlan, OptionsBecomeArguments) {
  SlurmOptions options;
  const std::vector<std::string> plain = submission(options, {"0-2", {}}, "/shared/ktstr-farm-abc");
  EXPECT_THAT(plain, Contains("--job-name=ktstr-farm-abc"));
  EXPECT_THAT(plain, Contains("--array=0-2"));
  EXPECT_THAT(plain, Contains("--requeue"));
  EXPECT_THAT(plain, Contains("--exclusive"));
  EXPECT_THAT(plain, Contains("--output=/shared/ktstr-farm-abc/log/%a"));
  EXPECT_THAT(plain, Not(Contains("--hold")));
  EXPECT_THAT(plain, Not(Contains(HasSubstr("--partition"))));
  options.partition = "perf";
  options.account = "kernel";
  options.constraint = "kvm";
  options.exclusive = false;
  options.time_limit = std::chrono::seconds(605);
  options.sbatch_args = {"--qos=low", "--mem=8G"};
  const std::vector<std::string> full = submission(options, {"0-2", {{1, "kn2"}}}, "/shared/x");
  for (const char* argument :
       {"--partition=perf", "--account=kernel", "--constraint=kvm", "--time=10:05", "--qos=low", "--hold"})
    EXPECT_THAT(full, Contains(argument));
  EXPECT_THAT(full, Not(Contains("--exclusive")));
  EXPECT_EQ(full.back(), "--mem=8G");  // the user's come last, and so win
}

TEST(ArrayPlan, TheScriptQuotesPaths) {
  const std::string script = task_script("/opt/k tstr", "/sh'ared");
  EXPECT_THAT(script, HasSubstr("exec '/opt/k tstr' -C / plugin call run "));
  EXPECT_THAT(script, Not(HasSubstr(" /sh'ared")));
  EXPECT_THAT(script, HasSubstr("/\"$SLURM_ARRAY_TASK_ID.${SLURM_RESTART_COUNT:-0}\""));
}

TEST(FarmRequest, KnowsWhatItNeedsAndPassesTheRestOn) {
  const FarmRequest request = parse_request(
      R"({"project_dir": "/p", "manifests": ["/p/a.json"], "tests": ["a"], "jobs": 3, "nodes": {"a": "kn1"}, "seed": 7})");
  EXPECT_EQ(request.manifests, 1U);
  EXPECT_THAT(request.tests, ElementsAre("a"));
  EXPECT_THAT(request.nodes, ElementsAre(Pair("a", "kn1")));
  const json::object task = request_for_tasks(request, {"a", "b"});
  EXPECT_EQ(task.at("jobs"), 1);
  EXPECT_EQ(task.at("seed"), 7);
  EXPECT_EQ(task.at("tests"), (json::array{"a", "b"}));
  EXPECT_FALSE(task.contains("nodes"));
}

TEST(FarmRequest, WhatIsNoRequestIsAMistake) {
  for (const char* text : {"", "[]", R"({"manifests": 7})", R"({"jobs": -1})", R"({"nodes": ["a"]})"})
    EXPECT_THROW(parse_request(text), Mistake) << text;
}

TEST(SlurmOptions, DefaultsAndMistakes) {
  const SlurmOptions options = parse_options("{}");
  EXPECT_EQ(options.runner, "kvm");
  EXPECT_TRUE(options.exclusive);
  EXPECT_EQ(options.pin, Pin::kPair);
  EXPECT_THAT(parse_options(R"({"sbatch_args": ["--mem=8G"]})").sbatch_args, ElementsAre("--mem=8G"));
  for (const char* text : {R"({"poll_s": 0})", R"({"shared_dir": "farm"})", R"({"pin": "host"})",
                           R"({"sbatch_args": "--mem=8G"})"})
    EXPECT_THROW(parse_options(text), Mistake) << text;
}

}  // namespace
}  // namespace ktstr::slurm
