// SPDX-License-Identifier: Apache-2.0
//
// `ktstr stats` over stored runs: which sidecars each command reads, what it refuses, how it ends.
#include "project.hpp"

namespace ktstr::testing {
namespace {

class Stats : public ::testing::Test {
 protected:
  /// A sidecar like another writer's below `root`, with `more` members.
  void put(const std::string& name, const std::string& test, const std::string& more = "") const {
    project.tree.write(
        name,
        R"({"test_name": ")" + test +
            R"(", "topology": "1n1l2c1t", "scheduler": "my_sched", "work_type": "SpinWait", "passed": true, "skipped": false,
      "stats": {"worst_spread": 2.5, "worst_gap_ms": 20}, "timestamp": "2026-07-04T21:41:43Z", "run_id": "r-0", "run_source": "local")" +
            more + "}");
  }
  void put_run(const std::string& root) const {
    put(root + "/6.14-abc1234/a-0000000000000001.ktstr.json", "a",
        R"(, "host": {"arch": "x86_64", "cpu_model": "C"}, "kernel_version": "6.14.2")");
    put(root + "/6.14-abc1234/job-1/b-0000000000000002.ktstr.json", "b",
        R"(, "host": {"arch": "x86_64", "cpu_model": "D"})");
    project.tree.write(root + "/6.14-abc1234/a-0000000000000001.failure-dump.json", "{}");
  }
  std::string out(const Arguments& arguments, const Variables& more = {}) const {
    const ProgramResult result = project.ktstr(arguments, more);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  }
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  Project project;
};

TEST_F(Stats, ListCountsSidecarsAndNothingElse) {
  put_run("project/target/ktstr");
  fs::create_directories(project.tree / "project/target/ktstr/7.1.1-73730e0-dirty");
  fs::create_directories(project.tree / "project/target/ktstr/.locks");
  fs::last_write_time(project.tree / "project/target/ktstr/7.1.1-73730e0-dirty",
                      fs::file_time_type::clock::now() - std::chrono::hours(1));
  EXPECT_EQ(out({"stats", "list"}),
            "RUN                  TESTS  DATE                  ARCH\n"
            "6.14-abc1234             2  2026-07-04T21:41:43Z  x86_64\n"
            "7.1.1-73730e0-dirty      0  -                     -\n");
}

TEST_F(Stats, EveryCommandReadsAnArchive) {
  put_run("archive");
  const std::string archive = (project.tree / "archive").string();
  EXPECT_TRUE(has(out({"stats", "list", "--dir", archive}), "6.14-abc1234"));
  EXPECT_TRUE(has(out({"stats", "--dir", archive}), "run 6.14-abc1234: 2 sidecar(s)"));
  EXPECT_TRUE(has(out({"stats", "list-values", "--dir", archive}), "source:\n  archive\n"));
  EXPECT_TRUE(has(out({"stats", "show-host", "--dir", archive, "--run", "6.14-abc1234"}), "cpu_model: C\n"));
  EXPECT_TRUE(has(out({"stats", "explain-sidecar", "--dir", archive, "--run", "6.14-abc1234"}),
                  "walked 2 sidecar file(s), parsed 2 valid\n\ntest: a\n"));
  for (const Arguments& command :
       {Arguments{"list"}, {"list-values"}, {"show-host", "--run", "x"}, {"explain-sidecar", "--run", "x"}}) {
    Arguments all{"stats"};
    all.insert(all.end(), command.begin(), command.end());
    all.insert(all.end(), {"--dir", "/nonexistent"});
    expect_error(project.ktstr(all), 2, {"error: /nonexistent is no directory"});
  }
}

TEST_F(Stats, EveryCommandSpeaksJson) {
  put_run("project/target/ktstr");
  EXPECT_EQ(parsed(project.ktstr({"stats", "--json"})).at("sidecars"), 2);
  EXPECT_EQ(parsed(project.ktstr({"stats", "list", "--json"})).at("runs").at(0).at("tests"), 2);
  EXPECT_EQ(parsed(project.ktstr({"stats", "list-values", "--json"})).at("values").at("kernel"),
            (json::array{nullptr, "6.14.2"}));
  EXPECT_EQ(parsed(project.ktstr({"stats", "list-metrics", "--json"})).at("metrics").at(0).at("name"),
            "worst_spread");
  EXPECT_EQ(parsed(project.ktstr({"stats", "show-host", "--run", "6.14-abc1234", "--json"}))
                .at("host")
                .at("cpu_model"),
            "C");
  EXPECT_EQ(parsed(project.ktstr({"stats", "explain-sidecar", "--run", "6.14-abc1234", "--json"}))
                .at("_walk")
                .at("valid"),
            2);
}

TEST_F(Stats, OnlyTheBareCommandLooksAtTheOverride) {
  put("elsewhere/c-0000000000000003.ktstr.json", "c", R"(, "host": {"arch": "riscv64"})");
  const Variables override{{"KTSTR_SIDECAR_DIR", (project.tree / "elsewhere").string()}};
  EXPECT_TRUE(has(out({"stats"}, override), "run elsewhere: 1 sidecar(s)"));
  EXPECT_EQ(out({"stats", "list"}, override), "");
  EXPECT_EQ(out({"stats", "list-values"}, override), "(no sidecars in pool)\n");
  expect_error(project.ktstr({"stats", "show-host", "--run", "elsewhere"}, override), 2,
               {"there is no run \"elsewhere\""});
}

TEST_F(Stats, WithoutDataItSaysSoAndSucceeds) {
  const ProgramResult result = project.ktstr({"stats"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(has(result.err, "no sidecar data found")) << result.err;
}

TEST_F(Stats, RunsAreNamedSafely) {
  put_run("project/target/ktstr");
  put("project/secret-0.ktstr.json", "secret", R"(, "host": {"arch": "secret"})");
  for (const char* command : {"show-host", "explain-sidecar"}) {
    for (const char* run : {".", "..", "../..", "/etc", "6.14-abc1234/..", "6.14-abc1234/./job-1",
                            "6.14-abc1234//job-1", "a/b/c", "6.14\n"}) {
      expect_error(project.ktstr({"stats", command, "--run", run}), 2, {"is no run"});
    }
    expect_error(project.ktstr({"stats", command, "--run", "6.14-abc1243"}), 2,
                 {"there is no run", "did you mean \"6.14-abc1234\"?", "ktstr stats list"});
    expect_error(project.ktstr({"stats", command, "--run", "6.14-abc1234/job-2"}), 2,
                 {"did you mean \"job-1\"?"});
    expect_error(project.ktstr({"stats", command}), 2, {"--run"});
  }
  EXPECT_TRUE(has(out({"stats", "show-host", "--run", "6.14-abc1234/job-1"}), "cpu_model: D\n"));
  EXPECT_EQ(out({"stats", "show-host", "--run", "6.14-abc1234/job-1/", "--against", "6.14-abc1234"}),
            "host delta ('6.14-abc1234' → '6.14-abc1234/job-1/'):\n  cpu_model: C → D\n");
}

TEST_F(Stats, OneBadFileHidesNothing) {
  put_run("project/target/ktstr");
  project.tree.write("project/target/ktstr/6.14-abc1234/broken.ktstr.json", "{\"test_name\": ");
  const ProgramResult report = project.ktstr({"stats"});
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_TRUE(has(report.out, "2 sidecar(s)"));
  EXPECT_TRUE(has(report.err, "left out: 6.14-abc1234/broken.ktstr.json")) << report.err;
  EXPECT_TRUE(has(out({"stats", "explain-sidecar", "--run", "6.14-abc1234"}),
                  "walked 3 sidecar file(s), parsed 2 valid"));

  project.tree.write("project/target/ktstr/only-bad/broken.ktstr.json", "[]");
  EXPECT_TRUE(has(out({"stats", "explain-sidecar", "--run", "only-bad"}), "corrupt sidecars (1):"));
  expect_error(project.ktstr({"stats", "show-host", "--run", "only-bad"}), 2, {"none of the 1 sidecar(s)"});
  fs::create_directories(project.tree / "project/target/ktstr/empty");
  expect_error(project.ktstr({"stats", "explain-sidecar", "--run", "empty"}), 2,
               {"the run empty has no sidecars"});
}

TEST_F(Stats, OptionsOfTheBareCommandAreNotSwallowed) {
  expect_error(project.ktstr({"stats", "--json", "list"}), 2, {"ktstr stats list does not take --json"});
  expect_error(project.ktstr({"stats", "list", "--outliers", "sigma"}), 2,
               {"ktstr stats list does not take --outliers"});
  expect_error(project.ktstr({"stats", "--outliers", "mean"}), 2, {"--outliers"});
}

TEST_F(Stats, AProjectsOwnMetricsAreListedAndJudged) {
  project.write("ktstr.json",
                R"({"runner": "fake", "metrics": [{"name": "rps", "polarity": "higher", "unit": "req/s"}]})");
  EXPECT_TRUE(has(out({"stats", "list-metrics"}), "rps "));
  EXPECT_TRUE(has(out({"config", "show"}), "[\"rps\"]"));
  expect_error(project.ktstr({"perf-delta", "--must-fail", "rpps"}), 2, {"did you mean \"rps\"?"});
  project.write("ktstr.json",
                R"({"runner": "fake", "metrics": [{"name": "worst_spread", "polarity": "higher"}]})");
  expect_error(project.ktstr({"stats", "list-metrics"}), 2,
               {"ktstr.json: metrics[0]: there is a metric \"worst_spread\" already"});
}

TEST_F(Stats, ARunnersOwnMetricsAreListedAndJudged) {
  EXPECT_TRUE(has(out({"stats", "list-metrics", "--details"}), "requests that the runner made up"));
  project.write("numbers.json", R"({"stats.ext_metrics.fake_requests": 1000})");
  project.commit("fast");
  project.two_commits(R"({"stats.ext_metrics.fake_requests": 400})");
  const ProgramResult delta =
      project.ktstr({"perf-delta", "--base", "HEAD~1", "--must-fail", "fake_requests"});
  EXPECT_EQ(delta.exit_code, 1) << delta.out << delta.err;
  EXPECT_TRUE(has(delta.out, "fake_requests")) << delta.out;

  project.write("ktstr.json",
                R"({"runner": "fake", "metrics": [{"name": "fake_requests", "polarity": "higher"}]})");
  expect_error(project.ktstr({"stats", "list-metrics"}), 2,
               {"fixture-fake-runner.ktstr-plugin.json: provides[0].metrics[0]: there is a metric "
                "\"fake_requests\" already: declared by the project"});
  project.write("ktstr.json", R"({"runner": "fakee"})");
  expect_error(project.ktstr({"stats", "list-metrics"}), 2,
               {"there is no runner \"fakee\" (did you mean \"fake\"?)"});
}

TEST_F(Stats, WhatATestRunStoresIsComplete) {
  project.write(
      "tests/all.json",
      R"({"tests": [{"name": "alpha"}, {"name": "beta", "work_type": "PipeIo"}, {"name": "gamma", "outcome": "skipped", "message": "no room"}]})");
  out({"test"});
  const json::value values = parsed(project.ktstr({"stats", "list-values", "--json"})).at("values");
  EXPECT_EQ(values.at("source"), json::array{"local"});
  const std::string run =
      std::string(parsed(project.ktstr({"stats", "list", "--json"})).at("runs").at(0).at("run").as_string());
  const std::string host = out({"stats", "show-host", "--run", run});
  EXPECT_TRUE(has(host, "kernel_name: Linux\n")) << host;
  EXPECT_EQ(out({"stats", "show-host", "--run", run, "--against", run}).find("host: identical between"), 0U);
  EXPECT_TRUE(has(host, "before the run:\n  ")) << host;
  Program check{{"python3", KTSTR_SCHEMA_DIR "/sidecar_schema.py", KTSTR_SIDECAR_SCHEMA},
                {},
                {},
                false,
                {},
                {},
                std::chrono::seconds(60)};
  for (const auto& entry : fs::directory_iterator(project.tree / "project/target/ktstr" / run)) {
    if (entry.path().filename().string().find(".ktstr.") != std::string::npos)
      check.argv.push_back(entry.path().string());
  }
  EXPECT_GT(check.argv.size(), 3U);
  const ProgramResult valid = run_program(check);
  EXPECT_EQ(valid.exit_code, 0) << valid.out << valid.err;
}

}  // namespace
}  // namespace ktstr::testing
