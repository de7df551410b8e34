// SPDX-License-Identifier: Apache-2.0
//
// One test under several schedulers and topologies, and comparing along them: of stored sidecars and by fresh runs.
#include "project.hpp"

namespace ktstr::testing {
namespace {

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
    return document.at("rows").as_array().empty() ? "no row" : std::string(document.at("rows").at(0).at(key).as_string());
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
  const ProgramResult worse = project.ktstr({"perf-delta", "--json", "--axis", "scheduler", "calm", "wild", "--fail-threshold", "1"});
  EXPECT_EQ(worse.exit_code, 1) << worse.err;
  EXPECT_EQ(row(json::parse(worse.out), "scheduler"), "calm -> wild");
}

TEST_F(Axes, FreshRunsOfTwoSchedulersAndTwoTopologies) {
  const ProgramResult schedulers = delta({"--axis", "scheduler", "calm", "wild", "--noise-adjust", "3", "--kernel", "6.18"});
  EXPECT_EQ(schedulers.exit_code, 1) << schedulers.err;
  EXPECT_EQ(row(json::parse(schedulers.out), "scheduler"), "calm -> wild");
  EXPECT_EQ(json::parse(schedulers.out).at("rows").at(0).at("head").at("n"), 3);
  const ProgramResult topologies = delta({"--axis", "topology", "1n1l2c1t", "1n2l2c1t", "--noise-adjust", "3", "--kernel", "6.18"});
  EXPECT_EQ(row(json::parse(topologies.out), "topology"), "1n1l2c1t -> 1n2l2c1t") << topologies.err;
}

TEST_F(Axes, FreshRunsOnTwoKernels) {
  project.tree.write("older", fake_bzimage("6.17.1 (a@b) #1 SMP"));
  ASSERT_EQ(project.ktstr({"kernel", "add", (project.tree / "older").string()}).exit_code, 0);
  const ProgramResult kernels = delta({"--axis", "kernel", "6.17", "6.18", "--noise-adjust", "2"});
  EXPECT_EQ(row(json::parse(kernels.out), "kernel"), "6.17 -> 6.18") << kernels.err;
  expect_error(delta({"--axis", "kernel", "6.17", "6.18", "--noise-adjust", "2", "--kernel", "6.18"}), 2, {"leave --kernel out"});
}

TEST_F(Axes, WithoutPartnersNothingIsGreen) {
  expect_error(delta({"--axis", "scheduler", "calm", "mild", "--noise-adjust", "2", "--kernel", "6.18"}), 2, {"no performance_mode test has the scheduler mild"});
  project.write("tests/all.json", R"({"tests": [{"name": "one", "scheduler": "calm"}, {"name": "other", "scheduler": "wild"}]})");
  project.commit("nothing in common");
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  EXPECT_EQ(delta({"--axis", "scheduler", "calm", "wild"}).exit_code, 5);
  EXPECT_EQ(delta({"--axis", "scheduler", "calm", "wild", "--noise-adjust", "2", "--kernel", "6.18"}).exit_code, 5);
}

TEST_F(Axes, TwinsAreRefused) {
  project.write("tests/all.json", R"({"tests": [{"name": "load", "scheduler": "calm"}, {"name": "load", "scheduler": "calm"}]})");
  expect_error(project.ktstr({"test", "--list"}), 2, {"two tests are named load"});
}

}  // namespace
}  // namespace ktstr::testing
