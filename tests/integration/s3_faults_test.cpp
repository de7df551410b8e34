// SPDX-License-Identifier: Apache-2.0
//
// What goes wrong with a server, and what is wrong with what was said of it.
#include <gmock/gmock.h>

#include <fstream>

#include "s3_case.hpp"

namespace ktstr::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class S3Faults : public S3Case {};

TEST_F(S3Faults, ReadsEachObjectOnce) {
  ASSERT_EQ(project.s3({"test"}).exit_code, 0);
  const auto got = [&] {
    std::vector<std::string> all = project.requests();
    std::erase_if(all, [](const std::string& line) {
      return !line.starts_with("GET 200") || line.find("list-type") != std::string::npos;
    });
    return all;
  };
  got();
  ASSERT_EQ(project.s3({"stats", "--run", project.run_of_head()}).exit_code, 0);
  EXPECT_THAT(got(), Not(IsEmpty()));
  ASSERT_EQ(project.s3({"stats", "--run", project.run_of_head()}).exit_code, 0);
  EXPECT_THAT(got(), IsEmpty());
  for (const auto& entry : fs::recursive_directory_iterator(project.tree / "cache/s3")) {
    if (entry.is_regular_file()) std::ofstream(entry.path(), std::ios::binary | std::ios::in).write("x", 1);
  }
  ASSERT_EQ(project.s3({"stats", "--run", project.run_of_head()}).exit_code, 0);
  EXPECT_THAT(got(), Not(IsEmpty())) << "a damaged cache is not believed";
}

TEST_F(S3Faults, LosesNothingThatWasAcknowledgedWhenTheServerDies) {
  many_tests(12, 100);
  RunningProgram run(project.program({"test", "-j", "1"}, project.keys()));
  ASSERT_TRUE(run.wait_for_text("t103"));
  project.kill();
  const ProgramResult refused = run.wait();
  EXPECT_EQ(refused.exit_code, 4) << refused.out << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("once the store takes them: ktstr runs push"));
  expect_error(project.s3({"stats", "list"}), 3, {"was not answered", "AWS_ENDPOINT_URL_S3"});

  project.start();
  EXPECT_THAT(project.runs().front(), Not(HasSubstr(" 12"))) << "nothing was refused: killed too late";
  EXPECT_THAT(project.runs().front(), Not(HasSubstr(" 0"))) << "nothing was stored: killed too early";
  const ProgramResult pushed = project.s3({"runs", "push"});
  EXPECT_EQ(pushed.exit_code, 0) << pushed.err;
  EXPECT_THAT(project.runs(), ElementsAre(project.run_of_head() + " 12"));
  for (const std::string& end : project.outcomes(project.run_of_head()))
    EXPECT_THAT(end, HasSubstr(" passed"));
  EXPECT_THAT(project.s3({"runs", "push"}).err, HasSubstr("nothing waits"));
}

TEST_F(S3Faults, TriesAgainWhereThatHelps) {
  project.faults(
      "PUT steady 500 2\nPUT alpha- 500 2\nPUT beta- 409 1\nPUT plain- lose 1\nGET list-type 503 2\nPUT "
      "begin lose 1");
  EXPECT_EQ(project.s3({"test"}).exit_code, 0);
  EXPECT_EQ(project.outcomes(project.run_of_head()), kAllPassed);
  std::vector<std::string> failed = project.requests();
  std::erase_if(failed, [](const std::string& line) { return line.find(" 200 ") != std::string::npos; });
  EXPECT_THAT(failed, Contains(HasSubstr("PUT 409")));
  EXPECT_THAT(failed, Contains(HasSubstr("PUT 412"))) << "the attempt whose answer was lost had got through";
}

TEST_F(S3Faults, WaitsForAServerThatSaysNothingOnlySoLong) {
  project.tree.write(
      "home/.config/ktstr/config.json",
      json::serialize(json::object{
          {"store",
           {{"use", "s3"}, {"options", {{"url", project.store()}, {"timeout_s", 1}, {"attempts", 2}}}}}}));
  project.faults("PUT alpha- hang 1");
  EXPECT_EQ(project.s3({"test"}).exit_code, 0);
  EXPECT_EQ(project.outcomes(project.run_of_head()), kAllPassed);
}

TEST_F(S3Faults, WorksWithServersThatKnowNoConditions) {
  project.faults("PUT * plain 1000");
  EXPECT_EQ(project.s3({"test"}).exit_code, 0);
  EXPECT_EQ(project.outcomes(project.run_of_head()), kAllPassed);
  project.commit("second");
  const ProgramResult measured =
      project.s3({"perf-delta", "--base", "HEAD~1", "--noise-adjust", "2", "--kernel", "6.18"});
  EXPECT_THAT(measured.err, Not(HasSubstr("error:"))) << measured.out;
  EXPECT_THAT(project.runs("session"), SizeIs(1));
}

TEST_F(S3Faults, SaysWhatIsWrongAndNoSecret) {
  const auto fails = [&](const Variables& variables, int code, const std::vector<std::string>& parts) {
    const ProgramResult result = project.s3({"stats", "list", "-vv"}, variables);
    expect_no_secret(result);
    EXPECT_EQ(result.exit_code, code) << result.err;
    for (const std::string& part : parts) EXPECT_THAT(result.err, HasSubstr(part));
  };
  fails({{"AWS_SECRET_ACCESS_KEY", "wrong"}}, 4,
        {"403 SignatureDoesNotMatch", "is AWS_SECRET_ACCESS_KEY right?"});
  fails({{"AWS_ACCESS_KEY_ID", ""}}, 2, {"AWS_SECRET_ACCESS_KEY and no AWS_ACCESS_KEY_ID"});
  fails({{"AWS_ACCESS_KEY_ID", ""}, {"AWS_SECRET_ACCESS_KEY", ""}}, 2,
        {"there are no credentials", "AWS_PROFILE"});
  fails({{"AWS_PROFILE", "nobody"}}, 2, {"there is no profile \"nobody\""});
  fails({{"AWS_ENDPOINT_URL_S3", "http://192.0.2.1:9000"}}, 2, {"not encrypted", "\"http\": \"any\""});
  fails({{"AWS_REGION", "x.example.com/"}}, 2, {"is no region"});
  fails({{"KTSTR_STORE", "s3://nothing-here"}}, 4, {"404 NoSuchBucket", "make the bucket first"});
  fails({{"KTSTR_STORE", "s3://No_Bucket/x"}}, 2, {"names no bucket"});
  project.faults("GET list-type garble 9");
  fails({}, 4, {"the server's listing cannot be read: it is no XML"});
}

TEST_F(S3Faults, IsChosenByFlagVariableAndConfiguration) {
  EXPECT_EQ(project
                .s3({"--store", "s3://runs-of-ci/flag", "test", "alpha"},
                    {{"KTSTR_STORE", "s3://runs-of-ci/variable"}})
                .exit_code,
            0);
  EXPECT_EQ(project.s3({"test", "alpha"}, {{"KTSTR_STORE", "s3://runs-of-ci/variable"}}).exit_code, 0);
  project.write("ktstr.json", R"({"project": "demo", "runner": "fake", "store": "s3://runs-of-ci/project"})");
  project.commit("a store");
  EXPECT_EQ(project.s3({"test", "alpha"}).exit_code, 0);
  for (const char* place : {"flag/v1/runs/", "variable/v1/runs/", "project/v1/runs/"})
    EXPECT_THAT(project.objects(), Contains(StartsWith(place)));
  const ProgramResult shown = project.s3({"config", "show"});
  EXPECT_THAT(shown.out, HasSubstr("s3://runs-of-ci/project"));
  expect_no_secret(shown);
  EXPECT_EQ(project.s3({"--store", "elsewhere/runs", "test", "alpha"}).exit_code, 0);
  EXPECT_TRUE(fs::exists(project.directory() / "elsewhere/runs" / project.run_of_head()));
}

TEST_F(S3Faults, OfAProjectDoesNotSayWhereCredentialsGo) {
  project.write("ktstr.json", R"({"project": "demo", "runner": "fake", "store": {"use": "s3", "options":
    {"url": "s3://runs-of-ci", "endpoint": "https://collector.example.org"}}})");
  const ProgramResult result = project.s3({"stats", "list"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("a project may not say this"));
}

}  // namespace
}  // namespace ktstr::testing
