// SPDX-License-Identifier: Apache-2.0
//
// Verdicts that a tired person can trust: what they rest on is said, and what proves nothing is no green and
// no red.
#include "project.hpp"

namespace ktstr::testing {
namespace {

class TrustedVerdicts : public ::testing::Test {
 protected:
  /// Two commits with these manifests, measured once each.
  void stored(const std::string& before, const std::string& after) const {
    for (const std::string& manifest : {before, after}) {
      project.write("tests/all.json", R"({"tests": [)" + manifest + "]}");
      project.commit("a commit");
      ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
    }
  }
  ProgramResult delta(const Arguments& more) const {
    Arguments all{"perf-delta", "--base", "HEAD~1"};
    all.insert(all.end(), more.begin(), more.end());
    return project.ktstr(all);
  }
  static std::string test(const std::string& more) {
    return R"({"name": "alpha", "topology": "1n1l2c1t", )" + more + "}";
  }
  static constexpr const char* kFine =
      R"("metrics": {"worst_p99_wake_latency_us": 1000, "worst_median_wake_latency_us": 500})";
  static constexpr const char* kWorse =
      R"("metrics": {"worst_p99_wake_latency_us": 12000, "worst_median_wake_latency_us": 6000})";
  Project project;
};

std::string headline(const ProgramResult& result) {
  return std::string(parsed(result).at("headline").as_string());
}

TEST_F(TrustedVerdicts, OneRunASideIsASuspicion) {
  stored(test(kFine), test(kWorse));
  const json::value document = parsed(delta({"--json"}));
  EXPECT_EQ(document.at("exit_code"), 0) << "two of the five metrics that fail the build by the page's rule";
  EXPECT_EQ(document.at("counts").at("suspects"), 2);
  EXPECT_EQ(document.at("counts").at("regressed_families"), 1) << "both are quantiles of one latency";
  EXPECT_EQ(document.at("runs_a_side"), "1 run a side");
  const std::string text(document.at("headline").as_string());
  for (const char* part :
       {"of alpha rose from", "1 run a side", "one run a side cannot tell noise from change"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
  const ProgramResult failing = delta({"--fail-threshold", "2", "--json"});
  EXPECT_EQ(failing.exit_code, 1);
  EXPECT_NE(headline(failing).find("with the gate threshold alone the build fails from 2 on, noise or not"),
            std::string::npos)
      << headline(failing);
  EXPECT_NE(delta({}).out.find("  suspect  worst_"), std::string::npos);
}

TEST_F(TrustedVerdicts, AGateThatCouldNotSeeDoesNotPass) {
  stored(test(kFine), test(kWorse));
  const ProgramResult result = delta({"--gate", "fdr", "--json"});
  EXPECT_EQ(result.exit_code, 5) << result.out;
  const ProgramResult table = delta({"--gate", "fdr"});
  EXPECT_NE(table.out.find("inconclusive: "), std::string::npos) << table.out;
}

TEST_F(TrustedVerdicts, EqualProgramsDifferByNoise) {
  const std::string same = R"("scheduler": "mine", "scheduler_sha256": ")" + std::string(64, 'a') +
                           R"(", "manifest_sha256": ")" + std::string(64, 'b') + R"(", )";
  stored(test(same + kFine), test(same + kWorse));
  const ProgramResult result = delta({"--fail-threshold", "1", "--json"});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_NE(headline(result).find(
                "same scheduler on both sides: every difference is noise (2 worse, 0 better, 1 run a side)"),
            std::string::npos)
      << headline(result);
  EXPECT_NE(result.out.find("both sides ran the same scheduler program although their trees differ"),
            std::string::npos)
      << result.out;
}

TEST_F(TrustedVerdicts, OvercommittedGuestsGateOnlyWhereSomebodyNamesTheMetric) {
  const std::string shared = R"("vcpus": 4, "cpu_budget": 2, )";
  stored(test(shared + kFine), test(shared + kWorse));
  const ProgramResult result = delta({"--fail-threshold", "1", "--json"});
  EXPECT_EQ(result.exit_code, 5) << result.out;
  EXPECT_NE(headline(result).find("--deterministic"), std::string::npos) << headline(result);
  EXPECT_EQ(parsed(result).at("counts").at("regressed"), 0);
  EXPECT_GT(parsed(result).at("counts").at("overcommitted").to_number<int>(), 2);
  EXPECT_EQ(delta({"--must-fail", "worst_p99_wake_latency_us"}).exit_code, 1);
}

TEST_F(TrustedVerdicts, WhatIsSuggestedKeepsWhatWasGiven) {
  stored(test(kFine), test(kWorse));
  const ProgramResult result = delta({"-E", "=alpha", "--gate", "welch+threshold", "--must-fail",
                                      "worst_p99_wake_latency_us", "--all-metrics"});
  EXPECT_NE(result.out.find("--noise-adjust 5 --kernel 6.18.2 -E '=alpha' --must-fail "
                            "worst_p99_wake_latency_us --gate welch+threshold --all-metrics"),
            std::string::npos)
      << result.out;
  const ProgramResult fresh = delta({"--noise-adjust", "3", "--kernel", "6.18", "--deterministic", "--seed",
                                     "9", "--gate", "welch+threshold", "--fail-threshold", "1"});
  EXPECT_EQ(fresh.exit_code, 1) << fresh.out << fresh.err;
  EXPECT_NE(fresh.out.find(" --kernel 6.18 --gate welch+threshold --seed 9 --deterministic"),
            std::string::npos)
      << fresh.out;
  EXPECT_EQ(fresh.out.find("luck"), std::string::npos) << "in virtual time there is none";
}

TEST_F(TrustedVerdicts, ATestThatAlwaysFailsInVirtualTimeIsCertain) {
  project.write("outcome.txt", "passed");
  project.write("tests/all.json",
                R"({"tests": [{"name": "alpha"}, {"name": "beta", "outcome_file": "outcome.txt"}]})");
  project.commit("fine");
  project.write("outcome.txt", "failed");
  project.commit("broken");
  const Arguments fresh{"--noise-adjust", "2", "--kernel", "6.18", "--json"};
  EXPECT_EQ(delta(fresh).exit_code, 5);
  Arguments deterministic = fresh;
  deterministic.emplace_back("--deterministic");
  const ProgramResult result = delta(deterministic);
  EXPECT_EQ(result.exit_code, 1) << result.out;
  const json::value rate = parsed(result).at("failure_rates").at(0);
  EXPECT_EQ(rate.at("outcome"), "regressed");
  EXPECT_EQ(rate.at("certain"), true);
  EXPECT_TRUE(rate.at("p_value").is_null());
}

}  // namespace
}  // namespace ktstr::testing
