// SPDX-License-Identifier: Apache-2.0
//
// One test under several schedulers and topologies, and comparing along them: of stored sidecars and by fresh
// runs.
#include "project.hpp"

namespace ktstr::testing {
namespace {

/// Two kernels of the versions 6.17.1 and 6.18.2, of which Project brings the second.
void add_older_kernel(const Project& project) {
  project.tree.write("older", fake_bzimage("6.17.1 (a@b) #1 SMP"));
  ASSERT_EQ(project.ktstr({"kernel", "add", (project.tree / "older").string()}).exit_code, 0);
}

class Axes : public ::testing::Test {
 protected:
  Axes() {
    project.write("tests/all.json", R"({"tests": [
      {"name": "load", "scheduler": "calm", "topology": "1n1l2c1t", "metrics": {"worst_gap_ms": 20, "total_iterations": 1000}, "jitter": 0.01},
      {"name": "load", "scheduler": "wild", "topology": "1n1l2c1t", "metrics": {"worst_gap_ms": 2000, "total_iterations": 300}, "jitter": 0.01},
      {"name": "load", "scheduler": "calm", "topology": "1n2l2c1t", "metrics": {"worst_gap_ms": 21, "total_iterations": 990}, "jitter": 0.01}]})");
    project.commit("three variants of one test");
  }
  ProgramResult delta(const Arguments& arguments) const {
    Arguments all{"perf-delta", "--json", "--gate", "welch+threshold", "--fail-threshold", "1"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return project.ktstr(all);
  }
  static std::string row(const json::value& document, const char* key) {
    return document.at("rows").as_array().empty()
               ? "no row"
               : std::string(document.at("rows").at(0).at(key).as_string());
  }
  Project project;
};

TEST_F(Axes, VariantsOfOneTestHaveSidecarsOfTheirOwn) {
  const ProgramResult listed = project.ktstr({"test", "--list"});
  for (const char* name : {"load@calm@1n1l2c1t", "load@wild@1n1l2c1t", "load@calm@1n2l2c1t"}) {
    EXPECT_NE(listed.out.find(name), std::string::npos) << listed.out;
  }
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  std::size_t sidecars = 0;
  for (const auto& entry : fs::recursive_directory_iterator(project.directory() / "target/ktstr")) {
    const std::string name = entry.path().filename().string();
    sidecars += name.starts_with("load-") && name.ends_with(".ktstr.json") ? 1 : 0;
  }
  EXPECT_EQ(sidecars, 3U);
}

TEST_F(Axes, StoredSidecarsOfTwoSchedulers) {
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  const ProgramResult worse =
      project.ktstr({"perf-delta", "--json", "--axis", "scheduler", "calm", "wild", "--fail-threshold", "1"});
  EXPECT_EQ(worse.exit_code, 1) << worse.err;
  EXPECT_EQ(row(json::parse(worse.out), "scheduler"), "calm -> wild");
}

TEST_F(Axes, FreshRunsOfTwoSchedulersAndTwoTopologies) {
  const ProgramResult schedulers =
      delta({"--axis", "scheduler", "calm", "wild", "--noise-adjust", "3", "--kernel", "6.18"});
  EXPECT_EQ(schedulers.exit_code, 1) << schedulers.err;
  EXPECT_EQ(row(json::parse(schedulers.out), "scheduler"), "calm -> wild");
  EXPECT_EQ(json::parse(schedulers.out).at("rows").at(0).at("head").at("n"), 3);
  const ProgramResult topologies =
      delta({"--axis", "topology", "1n1l2c1t", "1n2l2c1t", "--noise-adjust", "3", "--kernel", "6.18"});
  EXPECT_EQ(row(json::parse(topologies.out), "topology"), "1n1l2c1t -> 1n2l2c1t") << topologies.err;
}

TEST_F(Axes, FreshRunsOnTwoKernels) {
  add_older_kernel(project);
  const ProgramResult kernels = delta({"--axis", "kernel", "6.17", "6.18", "--noise-adjust", "2"});
  EXPECT_EQ(row(json::parse(kernels.out), "kernel"), "6.17 -> 6.18") << kernels.err;
  expect_error(delta({"--axis", "kernel", "6.17", "6.18", "--noise-adjust", "2", "--kernel", "6.18"}), 2,
               {"leave --kernel out"});
}

TEST_F(Axes, WithoutPartnersNothingIsGreen) {
  expect_error(delta({"--axis", "scheduler", "calm", "mild", "--noise-adjust", "2", "--kernel", "6.18"}), 2,
               {"no performance_mode test has the scheduler mild"});
  project.write(
      "tests/all.json",
      R"({"tests": [{"name": "one", "scheduler": "calm"}, {"name": "other", "scheduler": "wild"}]})");
  project.commit("nothing in common");
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  EXPECT_EQ(delta({"--axis", "scheduler", "calm", "wild"}).exit_code, 5);
  EXPECT_EQ(
      delta({"--axis", "scheduler", "calm", "wild", "--noise-adjust", "2", "--kernel", "6.18"}).exit_code, 5);
}

fs::path run_of(const Project& project, const std::string& kernel) {
  return project.directory() / "target/ktstr" /
         (kernel + "-" + project.git({"rev-parse", "--short=7", "HEAD"}));
}

/// The sidecars of one test in a run.
std::vector<fs::path> sidecars_of(const fs::path& run, const std::string& test) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(run)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(test + "-") && name.ends_with(".ktstr.json")) files.push_back(entry.path());
  }
  return files;
}

/// Tests that do the same whatever they run under, so that every comparison along an axis of theirs passes.
class EqualVariants : public ::testing::Test {
 protected:
  EqualVariants() {
    add_older_kernel(project);
    project.write("tests/all.json", variants(""));
    project.commit("variants that do not differ");
    for (const char* kernel : {"6.17.1", "6.18.2"})
      project.ktstr({"test", "--deterministic", "--kernel", kernel});
  }
  static std::string variants(const std::string& more) {
    return R"({"tests": [{"name": "one", "scheduler": "a", "topology": "1n1l2c1t"}, {"name": "one", "scheduler": "b", "topology": "1n1l2c1t"},
      {"name": "two", "scheduler": "a", "topology": "1n1l2c1t"}, {"name": "two", "scheduler": "b", "topology": "1n1l2c1t")" +
           more + R"(}, {"name": "one", "scheduler": "a", "topology": "1n2l2c1t"}]})";
  }
  void expect(const Arguments& axis, int code, const std::string& says) const {
    Arguments all{"perf-delta", "--axis"};
    all.insert(all.end(), axis.begin(), axis.end());
    const ProgramResult result = project.ktstr(all);
    EXPECT_EQ(result.exit_code, code) << axis.front() << "\n" << result.out << result.err;
    EXPECT_NE((result.out + result.err).find(says), std::string::npos) << says << "\n"
                                                                       << result.out << result.err;
  }
  Project project;
};

const Arguments kKernels{"kernel", "6.17.1", "6.18.2"}, kSchedulers{"scheduler", "a", "b"},
    kTopologies{"topology", "1n1l2c1t", "1n2l2c1t"};

TEST_F(EqualVariants, EveryAxisOfOneRunCanPass) {
  expect(kKernels, 0, "PASS: ");
  expect({"scheduler", "a", "b", "--kernel", "6.18.2", "--strict"}, 0, "PASS: ");
  expect({"topology", "1n1l2c1t", "1n2l2c1t", "--kernel", "6.18.2"}, 0, "PASS: ");
}

TEST_F(EqualVariants, OneValueLacksANumber) {
  project.write("tests/all.json", variants(R"(, "outcome": "failed", "message": "stalled")"));
  project.commit("b fails in one test");
  ASSERT_EQ(project.ktstr({"test", "--deterministic", "--kernel", "6.18.2"}).exit_code, 1);
  expect(kSchedulers, 5, "1 scenario did not pass on HEAD (stalled)");
  expect({"scheduler", "b", "a"}, 5, "1 scenario did not pass on the baseline (stalled)");
  for (const fs::path& file : sidecars_of(run_of(project, "6.18.2"), "two")) fs::remove(file);
  expect(kSchedulers, 5,
         "1 scenario did not pass on HEAD (stalled); 1 scenario has no result on the baseline");
}

TEST_F(EqualVariants, WhatCannotBeReadHindersAlongEveryAxisToo) {
  for (const char* text : {"{", R"({"schema_version": 99})"}) {
    for (const fs::path& file : sidecars_of(run_of(project, "6.17.1"), "two"))
      project.write(fs::relative(file, project.directory()).string(), text);
    const std::string what =
        text[1] == 0 ? "2 results cannot be read on " : "2 results were written by a newer ktstr on ";
    expect(kKernels, 5, what + "the baseline");
    expect({"kernel", "6.18.2", "6.17.1"}, 5, what + "HEAD");
    expect(kSchedulers, 5, what + "either side");
    expect(kTopologies, 5, what + "either side");
  }
  project.commit("another one");
  for (const char* kernel : {"6.17.1", "6.18.2"})
    project.ktstr({"test", "--deterministic", "--kernel", kernel});
  expect(kKernels, 0, "PASS: ");  // another commit's files are not its own
}

TEST_F(EqualVariants, TwoNamesOfOneKernelAreRefused) {
  expect({"kernel", "6.18", "6.18.2"}, 2, "\"6.18\" and \"6.18.2\" both name the kernel 6.18.2");
  expect({"kernel", "6.18", "6.18.2", "--noise-adjust", "2"}, 2, "both name the kernel 6.18.2");
}

TEST_F(EqualVariants, AFilterThatTakesOneValueAwayIsNamed) {
  expect({"scheduler", "a", "b", "-E", "scheduler(=a)"}, 2,
         "-E 'scheduler(=a)' leaves no performance_mode sidecar with the scheduler \"b\"");
  expect({"scheduler", "a", "b", "-E", "scheduler(=b)"}, 2, "with the scheduler \"a\"");
  expect({"scheduler", "a", "b", "-E", "scheduler(=b)", "--noise-adjust", "2", "--kernel", "6.18"}, 2,
         "-E 'scheduler(=b)' selects no performance_mode test with the scheduler a");
}

TEST_F(Axes, NextStepsStayOnTheAxis) {
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  const auto next = [&](const Arguments& arguments) {
    return json::serialize(json::parse(delta(arguments).out).at("next"));
  };
  const std::string stored = next({"--axis", "scheduler", "calm", "wild"});
  EXPECT_NE(stored.find("ktstr perf-delta --axis scheduler calm wild --noise-adjust 5 --kernel 6.18.2"),
            std::string::npos)
      << stored;
  const std::string fresh = next(
      {"--base", "HEAD", "--axis", "scheduler", "calm", "wild", "--noise-adjust", "3", "--kernel", "6.18"});
  EXPECT_NE(
      fresh.find("ktstr perf-delta --base HEAD --axis scheduler calm wild --noise-adjust 3 --kernel 6.18"),
      std::string::npos)
      << fresh;
  add_older_kernel(project);
  const std::string kernels = next({"--axis", "kernel", "6.17", "6.18", "--noise-adjust", "2"});
  EXPECT_EQ(kernels.find("--kernel"), std::string::npos) << kernels;
}

TEST_F(Axes, TwinsAreRefused) {
  project.write(
      "tests/all.json",
      R"({"tests": [{"name": "load", "scheduler": "calm"}, {"name": "load", "scheduler": "calm"}]})");
  expect_error(project.ktstr({"test", "--list"}), 2, {"two tests are named load"});
}

}  // namespace
}  // namespace ktstr::testing
