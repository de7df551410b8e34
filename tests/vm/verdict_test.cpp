// SPDX-License-Identifier: Apache-2.0
//
// Verdicts on real guests: a planted regression is red under every gate, with and without noise, a comment is
// quiet, and bisect finds the commit. Sessions are measured once and judged again from the stored runs.
#include "demo_project.hpp"

namespace ktstr::testing {
namespace {

using ::testing::IsSupersetOf;

constexpr const char* kTest = "timers_under_load";
const std::vector<std::vector<std::string>> kGates = {{"--gate", "welch", "--gate", "threshold"},
                                                      {"--gate", "fdr"}};

class Verdict : public Demo {
 protected:
  json::object judged(const std::vector<std::string>& how, const std::vector<std::string>& gates,
                      int& exit_code) const {
    std::vector<std::string> arguments = {"--kernel",         kernel_, "-E", kTest, "--resume",
                                          "--fail-threshold", "1"};
    for (const auto* more : {&how, &gates}) arguments.insert(arguments.end(), more->begin(), more->end());
    return perf_delta(arguments, exit_code);
  }
  void expect_red(const std::vector<std::string>& how) const {
    for (const auto& gates : kGates) {
      int exit_code = 0;
      const json::object document = judged(how, gates, exit_code);
      EXPECT_EQ(exit_code, 1) << json::serialize(document);
      EXPECT_THAT(regressed(document),
                  IsSupersetOf({"worst_median_timer_latency_us", "worst_p99_timer_latency_us"}))
          << gates.back();
    }
    EXPECT_EQ(run({"git", "status", "--porcelain"}, project()).out, "");
  }
  /// Of each session's two runs a side every number is the same.
  void expect_a_comment_to_be_quiet(int sessions) const {
    git_switch("comment-only");
    for (int seed = 1; seed < 10 * sessions; seed += 10) {
      for (const auto& gates : kGates) {
        int exit_code = 0;
        const json::object document = judged(
            {"--base", "main", "--noise-adjust", "2", "--deterministic", "--seed", std::to_string(seed)},
            gates, exit_code);
        EXPECT_EQ(exit_code, 0) << seed << " " << gates.back();
        EXPECT_EQ(document.at("verdict").as_string(), "pass");
        const json::array& rows = document.at("rows").as_array();
        EXPECT_GT(rows.size(), 10U);
        for (const json::value& row : rows)
          EXPECT_EQ(row.at("baseline").at("values"), row.at("head").at("values"))
              << seed << " " << json::serialize(row.at("metric"));
      }
    }
  }
  void shell(const std::string& script) const {
    const ProgramResult result = run({"sh", "-ec", script}, project());
    ASSERT_EQ(result.exit_code, 0) << script << "\n" << result.err;
  }
};

TEST_F(Verdict, ThePlantedRegressionIsRedOnANoisyMachine) {
  expect_red({"--base", "HEAD~1", "--noise-adjust", "4"});
}

TEST_F(Verdict, ThePlantedRegressionIsRedInVirtualTime) {
  expect_red({"--base", "HEAD~1", "--noise-adjust", "3", "--deterministic"});
}

TEST_F(Verdict, ACommentIsQuietInVirtualTime) { expect_a_comment_to_be_quiet(2); }

TEST_F(Verdict, SlowACommentIsQuietInTenOfTenRuns) { expect_a_comment_to_be_quiet(10); }

TEST_F(Verdict, BisectFindsThePlantedCommitAmongEight) {
  shell(
      "git switch -q -c line main; git config user.name Demo; git config user.email demo@ktstr.example\n"
      "for i in 1 2 3 4 5 6 7 8; do\n"
      "  sed -i \"s|^// How much of a task's .*|// How much of a task's running time is in its vtime "
      "already, said in way $i.|\" demo.bpf.c\n"
      "  if [ $i = 6 ]; then git apply '" KTSTR_DEMO
      "/overlong-slice.patch'; fi\n"
      "  git commit -qam \"Change $i\"\n"
      "done");
  const ProgramResult found =
      ktstr({"bisect", "--good", "main", "--bad", "HEAD", "-E", kTest, "--deterministic", "--noise-adjust",
             "2", "--kernel", kernel_, "--json"});
  ASSERT_EQ(found.exit_code, 0) << found.err;
  const json::value document = json::parse(found.out);
  EXPECT_EQ(std::string(document.at("first_bad").as_string()) + "\n",
            run({"git", "rev-parse", "HEAD~2"}, project()).out);
  EXPECT_EQ(document.at("commits").as_array().size(), 9U);
}

}  // namespace
}  // namespace ktstr::testing
