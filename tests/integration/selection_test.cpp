// SPDX-License-Identifier: Apache-2.0
//
// Which tests `ktstr test` runs, and on which kernels: parts, what failed before, several kernels.
#include <set>

#include "project.hpp"

namespace ktstr::testing {
namespace {

class Selection : public ::testing::Test {
 protected:
  Selection() {
    project.write("tests/all.json", R"({"tests": [{"name": "a"}, {"name": "b", "outcome_file": "built.txt"},
      {"name": "c", "outcome": "skipped"}, {"name": "d", "topology": "1n2l2c1t"}]})");
    project.write("built.txt", "failed");
    label = project.commit("four tests");
  }
  /// Names that a dry run prints.
  std::multiset<std::string> planned(Arguments arguments) const {
    arguments.insert(arguments.begin(), {"test", "--dry-run", "--json"});
    const ProgramResult result = project.ktstr(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::multiset<std::string> names;
    const json::value rows = parsed(result).at("tests");
    for (const json::value& row : rows.as_array()) names.emplace(row.at("test").as_string());
    return names;
  }
  using Names = std::multiset<std::string>;
  Project project;
  std::string label;
};

TEST_F(Selection, PartsAreDisjointAndComplete) {
  for (const std::string kind : {"slice", "hash"}) {
    Names all;
    for (const char* part : {"1/3", "2/3", "3/3"}) all.merge(planned({"--partition", kind + ":" + part}));
    EXPECT_EQ(all, (Names{"a", "b", "c", "d"})) << kind;
  }
  EXPECT_EQ(planned({"--partition", "slice:2/2"}), (Names{"b", "d"}));
  EXPECT_EQ(planned({"--partition", "slice:2/2", "-E", "not =a"}), Names{"c"}) << "of what is selected";
  const ProgramResult none = project.ktstr({"test", "--partition", "slice:9/9"});
  EXPECT_EQ(none.exit_code, 0) << "more machines than tests are no failure";
  EXPECT_EQ(none.err, "ktstr: --partition slice:9/9: no test is in this part\n");
  expect_error(project.ktstr({"test", "--partition", "slice:0/2"}), 2,
               {"--partition slice:0/2: parts are counted from 1"});
}

TEST_F(Selection, FailedOnesRunAgain) {
  expect_error(project.ktstr({"test", "--failed"}), 2,
               {"--failed: there is no run 6.18.2-" + label, "run the tests once without --failed"});
  EXPECT_EQ(project.ktstr({"test"}).exit_code, 1);
  EXPECT_EQ(planned({"--failed"}), Names{"b"}) << "neither what passed nor what was skipped";
  EXPECT_EQ(planned({"--failed", "a"}), Names{});
  const ProgramResult again = project.ktstr({"test", "--failed"});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_NE(again.err.find("--failed: 1 test that did not pass in the run 6.18.2-" + label),
            std::string::npos)
      << again.err;
  EXPECT_NE(again.out.find("Running 1 test of demo on kernel 6.18.2 (3 tests not selected)"),
            std::string::npos);
  project.write("built.txt", "passed");
  EXPECT_EQ(project.ktstr({"test", "--failed"}).exit_code, 0);
  const ProgramResult nothing = project.ktstr({"test", "--failed"});
  EXPECT_EQ(nothing.exit_code, 0);
  EXPECT_EQ(nothing.out, "");
  EXPECT_EQ(nothing.err, "ktstr: --failed: none of the selected tests failed in the run 6.18.2-" + label +
                             ": nothing to run again\n");
}

TEST_F(Selection, WhatFailedBeforeAnEditRunsAgainAfterIt) {
  EXPECT_EQ(project.ktstr({"test"}).exit_code, 1);
  project.write("numbers.json", Project::kBad);
  project.write("built.txt", "passed");
  const ProgramResult mended = project.ktstr({"test", "--failed"});
  EXPECT_EQ(mended.exit_code, 0) << mended.err;
  EXPECT_NE(mended.err.find("did not pass in the run 6.18.2-" + label + "\n"), std::string::npos);
  EXPECT_NE(project.ktstr({"test", "--failed"}).err.find("failed in the run 6.18.2-" + label + "-dirty:"),
            std::string::npos)
      << "a run of its own comes first";
}

TEST_F(Selection, ASkippedTestFailsWhereNothingMayBeSkipped) {
  project.write("built.txt", "passed");
  EXPECT_EQ(project.ktstr({"test"}).exit_code, 0);
  EXPECT_EQ(project.ktstr({"test", "--strict"}).exit_code, 5);
  const ProgramResult result = project.ktstr({"test", "--no-skip"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find("--no-skip: 1 test was skipped"), std::string::npos) << result.err;
  EXPECT_EQ(project.ktstr({"test", "--no-skip", "-E", "not =c"}).exit_code, 0);
}

TEST_F(Selection, ThresholdsAreShownWithTheirLayers) {
  project.write("tests/all.json", R"js({"tests": [{"name": "a"},
    {"name": "b", "demands": "[{\"name\": \"max_gap_ms\", \"limit\": 500, \"from\": \"scheduler x\"}]"},
    {"name": "c", "demands": "[]"}, {"name": "d", "demands": "[7]"}]})js");
  const ProgramResult result = project.ktstr({"show-thresholds", "b"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "b, 1n1l2c1t, eevdf\nDEMAND      LIMIT  FROM\nmax_gap_ms  500    scheduler x\n");
  const json::value rows = parsed(project.ktstr({"show-thresholds", "a", "b", "--json"})).at("tests");
  EXPECT_TRUE(rows.at(0).at("demands").is_null());
  EXPECT_EQ(rows.at(1).at("demands").at(0).at("limit"), 500);
  EXPECT_NE(project.ktstr({"show-thresholds", "c"}).out.find("nothing is demanded"), std::string::npos);
  EXPECT_NE(project.ktstr({"show-thresholds", "a"}).out.find("does not tell"), std::string::npos);
  expect_error(project.ktstr({"show-thresholds", "d"}), 4, {"is no list of name, limit and from"});
  expect_error(project.ktstr({"show-thresholds", "nobody"}), 2, {"no test matches \"nobody\""});
}

class Kernels : public Selection {
 protected:
  Kernels() {
    for (const char* version : {"6.12.4", "6.17.1", "6.19.0"}) {
      project.tree.write("image", fake_bzimage(std::string(version) + " (a@b) #1 SMP"));
      EXPECT_EQ(project.ktstr({"kernel", "add", "../image"}).exit_code, 0);
    }
  }
  using Versions = std::vector<std::string>;
};

TEST_F(Kernels, RangesAreOfTheCache) {
  const auto kernels = [this](Arguments arguments) {
    arguments.insert(arguments.begin(), {"test", "--dry-run", "--json", "-E", "=a"});
    Versions names;
    const json::value rows = parsed(project.ktstr(arguments)).at("tests");
    for (const json::value& row : rows.as_array()) names.emplace_back(row.at("kernel").as_string());
    return names;
  };
  EXPECT_EQ(kernels({"--kernel", "6.12..6.18"}), (Versions{"6.12.4", "6.17.1", "6.18.2"}));
  EXPECT_EQ(kernels({"--kernel", "6.18.."}), (Versions{"6.18.2", "6.19.0"}));
  EXPECT_EQ(kernels({"--kernel", "..6.16"}), Versions{"6.12.4"});
  EXPECT_EQ(kernels({"--kernel", "6.19", "--kernel", "6.17..", "--kernel", "6.12"}),
            (Versions{"6.19.0", "6.17.1", "6.18.2", "6.12.4"}))
      << "each once, in the order that was asked for";
  expect_error(project.ktstr({"test", "--kernel", "6.18..6.12"}), 2, {"begins behind its end"});
  expect_error(project.ktstr({"test", "--kernel", "5.4..5.15"}), 3, {"is in 5.4..5.15"});
  expect_error(project.ktstr({"test", "--kernel", "6.18", "--kernel", "5.4"}), 3, {"no kernel \"5.4\""});
  expect_error(project.ktstr({"test", "--kernel", "6.12..6.18"}, {{"KTSTR_SIDECAR_DIR", "out"}}), 2,
               {"KTSTR_SIDECAR_DIR is one directory"});
}

TEST_F(Kernels, EachIsARunOfItsOwnAndOneReportTellsOfAll) {
  const ProgramResult result = project.ktstr({"test", "--kernel", "6.17", "--kernel", "6.18", "--reporter",
                                              "terminal", "--reporter", "json::out=report.json"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  std::string text = std::regex_replace(project.stable(result.out), std::regex("-" + label), "-COMMIT");
  EXPECT_TRUE(matches_golden("integration/test-kernels.txt", text));
  const json::value report = json::parse(project.tree.read("project/report.json"));
  EXPECT_EQ(report.at("failed"), 2);
  EXPECT_EQ(report.at("tests").as_array().size(), 8U);
  EXPECT_EQ(report.at("tests").at(0).at("test"), "a@6.17.1");
  EXPECT_EQ(report.at("tests").at(0).at("kernel"), "6.17.1");
  EXPECT_EQ(report.at("runs").at(1).at("run"), json::string("6.18.2-" + label));
  EXPECT_EQ(report.at("runs").at(1).at("exit_code"), 1);
  EXPECT_TRUE(report.at("run").is_null());
  for (const char* kernel : {"6.17.1", "6.18.2"})
    EXPECT_TRUE(project.tree.exists("project/target/ktstr/" + std::string(kernel) + "-" + label));
}

TEST_F(Kernels, TheWorstOfThemIsTheExitCode) {
  project.write("ktstr.json", R"({"project": "demo", "runner": "fake",
    "build": "test $KTSTR_KERNEL_VERSION = 6.18.2"})");
  project.write("built.txt", "passed");
  const ProgramResult result = project.ktstr({"test", "--kernel", "6.17..6.18"});
  EXPECT_EQ(result.exit_code, 3) << "one could not be built for";
  EXPECT_NE(result.out.find("6.17.1   0 tests run: 0 passed, 4 not started"), std::string::npos)
      << result.out;
  EXPECT_NE(result.out.find("6.18.2   4 tests run: 3 passed, 1 skipped"), std::string::npos) << result.out;
  EXPECT_EQ(planned({"--failed", "--kernel", "6.18"}), Names{});
}

}  // namespace
}  // namespace ktstr::testing
