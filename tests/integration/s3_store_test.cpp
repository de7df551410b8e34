// SPDX-License-Identifier: Apache-2.0
//
// The same commands over S3: what was acknowledged is there, whoever else writes, whatever dies.
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

class S3Store : public S3Case {};

TEST_F(S3Store, TakesRunsListsComparesAndRemovesThem) {
  const std::string first = project.head();
  const ProgramResult tested = project.s3({"test", "-v"});
  EXPECT_EQ(tested.exit_code, 0) << tested.out << tested.err;
  expect_no_secret(tested);
  project.write("numbers.json", Project::kBad);
  const std::string second = project.commit("second");
  EXPECT_EQ(project.s3({"test"}).exit_code, 0);
  EXPECT_FALSE(fs::exists(project.directory() / "target/ktstr/6.18.2-" / first)) << "nothing lies here";

  EXPECT_THAT(project.runs(), ElementsAre("6.18.2-" + second + " 3", "6.18.2-" + first + " 3"));
  EXPECT_EQ(project.outcomes("6.18.2-" + first), kAllPassed);
  const ProgramResult shown = project.s3({"show", "6.18.2-" + first, "alpha"});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr(project.store() + "/v1/runs/6.18.2-" + first));

  const ProgramResult delta = project.s3({"perf-delta", "--base", first, "--fail-threshold", "1", "-vv"});
  EXPECT_EQ(delta.exit_code, 1) << delta.out << delta.err;
  EXPECT_THAT(delta.out, HasSubstr("alpha"));
  expect_no_secret(delta);
  EXPECT_EQ(project.s3({"perf-delta", "--last"}).exit_code, 1);

  EXPECT_EQ(project.s3({"runs", "rm", "6.18.2-" + first}).exit_code, 0);
  EXPECT_THAT(project.runs(), ElementsAre("6.18.2-" + second + " 3"));
  expect_error(project.s3({"runs", "rm", "6.18.2-" + first}), 2, {"there is no \"6.18.2-" + first + "\""});
}

/// Cases that share a bucket; those of stores alone want an empty place each.
TEST_F(S3Store, PassesTheChecker) {
  Arguments arguments{"plugin", "check",     (fs::path(KTSTR_PLUGINS_DIR) / "sidecar-store-s3.so").string(),
                      "--json", "--options", json::serialize(json::object{{"url", project.store()}})};
  for (const char* one : {"exports", "unique-symbols", "fast-math", "start-code", "works", "two-instances",
                          "other-threads", "at-the-same-time", "longer-structs", "read-only-input",
                          "borrowed-input", "odd-options", "short-error", "read-only-instance", "log-lines",
                          "threads-left", "descriptors-left", "state-signals"})
    arguments.insert(arguments.end(), {"--case", one});
  const ProgramResult result = project.s3(arguments);
  expect_no_secret(result);
  const json::value document = parsed(result);
  EXPECT_EQ(document.at("state"), "passed") << result.out << result.err;
  EXPECT_GT(document.at("counts").at("passed").as_int64(), 18);
}

TEST_F(S3Store, KeepsWhatLaterInvocationsTookThePlaceOf) {
  ASSERT_EQ(project.s3({"test"}).exit_code, 0);
  ASSERT_EQ(project.s3({"test"}).exit_code, 0);
  EXPECT_THAT(project.runs(), ElementsAre(project.run_of_head() + " 3"));
  ASSERT_THAT(project.runs("history"), SizeIs(1));
  const std::string entry = project.runs("history").front();
  EXPECT_THAT(entry, StartsWith(".history/" + project.run_of_head() + "/"));
  EXPECT_EQ(project.s3({"runs", "rm", entry.substr(0, entry.find(' '))}).exit_code, 0);
  EXPECT_THAT(project.runs("history"), IsEmpty());
  EXPECT_EQ(project.outcomes(project.run_of_head()), kAllPassed);
}

TEST_F(S3Store, LosesNothingOfEightWritersAtOnce) {
  many_tests(24, 20);
  std::vector<std::unique_ptr<RunningProgram>> writers;
  for (int i = 1; i <= 8; ++i) {
    writers.push_back(std::make_unique<RunningProgram>(
        project.program({"test", "--partition", "slice:" + std::to_string(i) + "/8"}, project.keys())));
  }
  for (const auto& writer : writers) {
    const ProgramResult result = writer->wait();
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  }
  EXPECT_THAT(project.runs(), ElementsAre(project.run_of_head() + " 24"));
  for (const std::string& end : project.outcomes(project.run_of_head()))
    EXPECT_THAT(end, HasSubstr(" passed"));
}

TEST_F(S3Store, KeepsSessionsThatCanBeGoneOnWith) {
  ASSERT_EQ(project.s3({"test"}).exit_code, 0);
  project.commit("second");
  const Arguments measure{"perf-delta", "--base", "HEAD~1", "--noise-adjust", "3", "--kernel", "6.18"};
  const ProgramResult measured = project.s3(measure);
  EXPECT_THAT(measured.exit_code, ::testing::AnyOf(0, 5)) << measured.out << measured.err;
  ASSERT_THAT(project.runs("session"), SizeIs(1));
  Arguments resume = measure;
  resume.push_back("--resume");
  EXPECT_EQ(project.s3(resume).exit_code, measured.exit_code);
  EXPECT_THAT(project.runs("session"), SizeIs(1)) << "the same one";
  EXPECT_THAT(project.objects(), Not(Contains(HasSubstr("/hold"))));
  EXPECT_EQ(project.s3({"perf-delta", "--last"}).exit_code, measured.exit_code);
  EXPECT_EQ(project.s3({"runs", "prune", "--keep", "0"}).exit_code, 0);
  EXPECT_THAT(project.runs("session"), IsEmpty());
}

}  // namespace
}  // namespace ktstr::testing
