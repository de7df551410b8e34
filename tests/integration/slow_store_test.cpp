// SPDX-License-Identifier: Apache-2.0
//
// A store with latency: what makes up for it is calls that overlap, as many as the store allows and no more,
// whether it has one large run or many small ones. Told by the store itself, never by a clock.
#include "slow_store.hpp"

#include <gmock/gmock.h>

namespace ktstr::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kLatencyMs = 30;

class SlowStore : public ::testing::Test {
 protected:
  void fill(const FolderProject& project, int runs, int sidecars) const {
    for (int r = 0; r < runs; ++r) {
      for (int s = 0; s < sidecars; ++s) {
        const std::string test = "t" + std::to_string(s);
        project.write("target/ktstr/6.18.2-" + std::to_string(1000000 + r) + "/" + test + ".ktstr.json",
                      R"({"test_name":")" + test +
                          R"(","topology":"1n1l1c1t","scheduler":"s","work_type":"w","passed":true,)"
                          R"("skipped":false,"stats":{},"kernel_version":"6.18.2","project_commit":")" +
                          std::to_string(1000000 + r) + R"(","timestamp":"2026-01-02T03:04:05Z"})");
      }
    }
  }
  struct Calls {
    int most = 0, read = 0, read_many = 0;
  };
  /// What the store was asked for since the last time.
  static Calls calls(const FolderProject& project) {
    std::istringstream lines(project.tree.read("project/target/ktstr/.calls"));
    fs::remove(project.runs() / ".calls");
    Calls all, one;
    for (std::string word; lines >> word >> one.most >> word >> one.read >> word >> one.read_many;) {
      all.most = std::max(all.most, one.most);
      all.read += one.read;
      all.read_many += one.read_many;
    }
    return all;
  }
  static std::int64_t tests_listed(const FolderProject& project) {
    std::int64_t tests = 0;
    const ProgramResult list = project.ktstr({"stats", "list", "--json"});
    EXPECT_EQ(list.exit_code, 0) << list.err;
    const json::value runs = parsed(list).at("runs");
    for (const json::value& run : runs.as_array()) tests += run.at("tests").as_int64();
    return tests;
  }
};

TEST_F(SlowStore, OneLargeRunIsReadWithAsManyCallsAtOnceAsItAllows) {
  const FolderProject project("folder", kLatencyMs);
  fill(project, 1, 300);
  EXPECT_EQ(tests_listed(project), 300);
  Calls asked = calls(project);
  EXPECT_EQ(asked.read, 300);
  EXPECT_GE(asked.most, 12);
  EXPECT_LE(asked.most, 16);

  EXPECT_EQ(project.ktstr({"stats", "explain-sidecar", "--run", "6.18.2-1000000"}).exit_code, 0);
  asked = calls(project);
  EXPECT_EQ(asked.read, 300);
  EXPECT_GE(asked.most, 12);
}

TEST_F(SlowStore, ManySmallRunsAreReadWithAsManyCallsAtOnceAsItAllows) {
  const FolderProject project("folder", kLatencyMs);
  fill(project, 100, 1);
  EXPECT_EQ(tests_listed(project), 100);
  Calls asked = calls(project);
  EXPECT_EQ(asked.read, 100);
  EXPECT_GE(asked.most, 12);
  EXPECT_LE(asked.most, 16);
  EXPECT_EQ(project.ktstr({"runs", "list"}).exit_code, 0);
  asked = calls(project);
  EXPECT_GE(asked.most, 12);
  EXPECT_LE(asked.most, 16);
}

TEST_F(SlowStore, OneThatAllowsNoOverlapGetsNone) {
  const FolderProject project("folder-serial");
  fill(project, 10, 10);
  EXPECT_EQ(tests_listed(project), 100);
  const Calls asked = calls(project);
  EXPECT_EQ(asked.read, 100);
  EXPECT_EQ(asked.most, 1);
}

TEST_F(SlowStore, OneThatReadsManyIsAskedInFewCalls) {
  const FolderProject project("folder-many", 1);
  fill(project, 1, 300);
  EXPECT_EQ(tests_listed(project), 300);
  const Calls asked = calls(project);
  EXPECT_EQ(asked.read, 0);
  EXPECT_EQ(asked.read_many, 4) << "as many as may overlap";
  EXPECT_LE(asked.most, 4);
}

TEST_F(SlowStore, AFileThatCannotBeReadHidesNoOther) {
  const FolderProject project("folder-many");
  fill(project, 1, 40);
  project.write("target/ktstr/6.18.2-1000000/unreadable.ktstr.json", "{}");
  const ProgramResult list = project.ktstr({"stats", "list"});
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_THAT(list.out, HasSubstr(" 40 "));
  EXPECT_THAT(list.err, HasSubstr("unreadable.ktstr.json cannot be read today"));
  EXPECT_THAT(list.err, Not(HasSubstr("t1.ktstr.json")));
}

TEST_F(SlowStore, OneThatCannotBeWrittenEndsACommandBeforeAnythingIsDone) {
  const FolderProject project;
  project.write("ktstr.json", std::regex_replace(project.tree.read("project/ktstr.json"), std::regex("^\\{"),
                                                 R"({"build":"touch built.txt",)"));
  project.commit("built");
  project.tell(".away");
  for (const Arguments& arguments :
       {Arguments{"test"}, {"perf-delta", "--base", "HEAD~1", "--noise-adjust", "3", "--kernel", "6.18"}}) {
    const ProgramResult result = project.ktstr(arguments);
    EXPECT_EQ(result.exit_code, 3) << result.err;
    EXPECT_THAT(result.err, HasSubstr("nobody answers"));
    EXPECT_THAT(result.err, Not(HasSubstr("plan ")));
    EXPECT_FALSE(fs::exists(project.directory() / "built.txt"));
  }
}

}  // namespace
}  // namespace ktstr::testing
