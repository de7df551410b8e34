// SPDX-License-Identifier: Apache-2.0
//
// `ktstr matrix`: several kernels in one table, with a runner that does on each what its manifest says.
#include <gmock/gmock.h>

#include "project.hpp"

namespace ktstr::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Kernels 6.12.3, 6.17.1 and 6.18.2: one test gets worse from the second to the third, one is skipped on the
/// first.
class KernelMatrix : public ::testing::Test {
 protected:
  KernelMatrix() {
    for (const char* version : {"6.12.3", "6.17.1"}) {
      project.tree.write(version, fake_bzimage(std::string(version) + " (a@b) #1 SMP"));
      EXPECT_EQ(project.ktstr({"kernel", "add", (project.tree / version).string()}).exit_code, 0);
    }
    project.write("tests/all.json", R"({"tests": [
      {"name": "load", "metrics": {"worst_gap_ms": 20, "total_iterations": 1000},
       "on_kernel": {"6.18.2": {"metrics": {"worst_gap_ms": 2000, "total_iterations": 300}}}},
      {"name": "young", "scheduler": "scx_demo", "metrics": {"worst_gap_ms": 30},
       "on_kernel": {"6.12.3": {"outcome": "skipped", "message": "the kernel has no sched_ext"}}}]})");
    project.commit("tests by kernel");
  }
  ProgramResult matrix(const Arguments& more) const {
    Arguments all{"matrix", "--kernel", "6.12..6.18", "--deterministic", "--repeat", "1"};
    all.insert(all.end(), more.begin(), more.end());
    return project.ktstr(all);
  }
  static const json::value& test_of(const json::value& document, std::string_view name) {
    for (const json::value& test : document.at("tests").as_array()) {
      if (test.at("test").as_string() == name) return test;
    }
    throw std::runtime_error("no test " + std::string(name) + " in " + json::serialize(document));
  }
  static const json::value& row_of(const json::value& test, std::string_view metric) {
    for (const json::value& row : test.at("metrics").as_array()) {
      if (row.at("metric").as_string() == metric) return row;
    }
    throw std::runtime_error("no metric " + std::string(metric) + " in " + json::serialize(test));
  }
  Project project;
};

TEST_F(KernelMatrix, ShowsEveryKernelAndJudgesEachStep) {
  const ProgramResult result = matrix({"--json", "--fail-threshold", "1"});
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  expect_schemas({{"matrix", parsed(result)}});
  const json::value document = parsed(result);
  EXPECT_EQ(document.at("document"), "matrix");
  ASSERT_EQ(document.at("sides").as_array().size(), 3U);
  EXPECT_EQ(document.at("sides").at(0).at("kernel"), "6.12.3") << "oldest first";
  const json::value& gap = row_of(test_of(document, "load"), "worst_gap_ms");
  EXPECT_EQ(gap.at("cells").at(0).at("value").to_number<double>(), 20);
  EXPECT_EQ(gap.at("cells").at(1).at("step").at("outcome"), "unchanged");
  const json::value& last = gap.at("cells").at(2);
  EXPECT_EQ(last.at("value").to_number<double>(), 2000);
  EXPECT_EQ(last.at("worst"), true);
  EXPECT_EQ(last.at("step").at("outcome"), "regressed");
  EXPECT_EQ(last.at("step").at("from"), 1);
  EXPECT_DOUBLE_EQ(last.at("step").at("relative").to_number<double>(), 99);
}

TEST_F(KernelMatrix, WhatCouldNotRunIsNoBlankPass) {
  const ProgramResult skipped = matrix({"young"});
  EXPECT_EQ(skipped.exit_code, 0) << skipped.out << skipped.err;
  EXPECT_THAT(skipped.out, HasSubstr("6.12.3 skipped: the kernel has no sched_ext"));
  EXPECT_EQ(matrix({"young", "--strict"}).exit_code, 5);
  const ProgramResult again = matrix({"young"});  // from the store, the reason too
  EXPECT_EQ(again.out, skipped.out);
  project.write("tests/all.json", R"({"tests": [{"name": "load", "metrics": {"worst_gap_ms": 20},
    "on_kernel": {"6.17.1": {"outcome": "failed", "message": "stalled"},
                  "6.18.2": {"metrics": {"worst_gap_ms": 2000}}}}]})");
  project.commit("fails in the middle");
  const ProgramResult failed = matrix({});
  EXPECT_EQ(failed.exit_code, 1) << failed.out << failed.err;
  EXPECT_THAT(failed.out, HasSubstr("6.17.1 failed: stalled"));
  EXPECT_THAT(failed.out, HasSubstr("x 100 worse since 6.12.3")) << "the step goes over the gap";
  project.write("tests/all.json",
                R"({"tests": [{"name": "load", "outcome": "error", "message": "no such file"}]})");
  project.commit("cannot run");
  EXPECT_EQ(matrix({}).exit_code, 3);
}

TEST_F(KernelMatrix, TakesFromTheStoreWhatWasMeasuredOfTheSameInputs) {
  const Arguments two{"matrix", "--kernel", "6.12", "--kernel", "6.17", "--repeat", "2", "--json", "load"};
  const auto cached = [](const ProgramResult& result) {
    std::string out;
    const json::value document = parsed(result);
    for (const json::value& side : document.at("sides").as_array())
      out += side.at("cached").as_bool() ? "c" : "m";
    return out;
  };
  EXPECT_EQ(cached(project.ktstr(two)), "mm");
  EXPECT_EQ(cached(project.ktstr(two)), "cc");
  Arguments more = two;
  more.insert(more.end(), {"--kernel", "6.18"});
  EXPECT_EQ(cached(project.ktstr(more)), "ccm") << "another kernel leaves the others alone";
  more.emplace_back("--fresh");
  EXPECT_EQ(cached(project.ktstr(more)), "mmm");
  project.write("tests/more.txt", "another tree");
  project.commit("other inputs");
  EXPECT_EQ(cached(project.ktstr(two)), "mm");
}

TEST_F(KernelMatrix, SchedulersShareTheirRows) {
  project.write("tests/all.json", R"({"tests": [
    {"name": "load", "scheduler": "calm", "metrics": {"worst_gap_ms": 20}},
    {"name": "load", "scheduler": "wild", "metrics": {"worst_gap_ms": 2000}}]})");
  project.commit("two schedulers");
  const Arguments one{"matrix",    "--kernel",        "6.18",  "--repeat", "1", "--scheduler",
                      "calm,wild", "--deterministic", "--json"};
  const ProgramResult schedulers = project.ktstr(one);
  const json::value document = parsed(schedulers);
  ASSERT_EQ(document.at("tests").as_array().size(), 1U);
  const json::value& cell = row_of(document.at("tests").at(0), "worst_gap_ms").at("cells").at(1);
  EXPECT_EQ(cell.at("step").at("outcome"), "regressed") << "along the schedulers of one kernel";
  const ProgramResult both = matrix({"--scheduler", "calm", "--scheduler", "wild"});
  EXPECT_EQ(both.exit_code, 0) << "no step crosses schedulers\n" << both.out << both.err;
  EXPECT_THAT(both.out, HasSubstr("6.18.2 wild"));
  expect_error(matrix({"--scheduler", "wlid"}), 2, {"no performance_mode test has the scheduler \"wlid\""});
}

TEST_F(KernelMatrix, TextAndMarkdown) {
  const ProgramResult text = matrix({"--metric", "worst_gap_ms"});
  EXPECT_TRUE(matches_golden("integration/kernel-matrix.txt", project.stable(text.out)));
  const ProgramResult page = matrix({"--metric", "worst_gap_ms", "--markdown"});
  EXPECT_EQ(page.exit_code, 0) << page.err;
  EXPECT_THAT(page.out, HasSubstr("| METRIC | 6.12.3 | 6.17.1 | 6.18.2 |\n|---|---:|---:|---:|\n"));
  EXPECT_THAT(page.out, HasSubstr("2 s<br>x 100 worse"));
  EXPECT_THAT(page.out, Not(HasSubstr("total_iterations")));
}

TEST_F(KernelMatrix, MistakesAreNamed) {
  expect_error(project.ktstr({"matrix", "--kernel", "6.18"}), 2, {"one kernel alone is no matrix"});
  expect_error(matrix({"--metric", "worst_gap"}), 2, {"there is no metric \"worst_gap\""});
  expect_error(matrix({"laod"}), 2, {"selects no performance_mode test"});
  expect_error(matrix({"-E", "nonsense("}), 2, {"-E: "});
  expect_error(matrix({"--json", "--markdown"}), 2, {"exclude each other"});
  expect_error(project.ktstr({"matrix", "--kernel", "6.12..", "--repeat", "0"}), 2, {"--repeat 0"});
}

}  // namespace
}  // namespace ktstr::testing
