// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with a command is said in one line and with exit code 2, before it measures anything.
#include "project.hpp"

namespace ktstr::testing {
namespace {

void expect_refused_early(const Project& project, const Arguments& arguments,
                          const std::vector<std::string>& parts) {
  const ProgramResult result = project.ktstr(arguments);
  expect_error(result, 2, parts);
  EXPECT_EQ(result.err.find("plan "), std::string::npos) << "nothing is measured\n" << result.err;
}

TEST(EarlyRefusal, BisectWithoutATest) {
  const Project project;
  project.commit("second");
  const auto bisect = [](const std::string& filter) {
    return Arguments{"bisect", "--good", "HEAD~1", "--bad", "HEAD", "-E", filter, "--kernel", "6.18"};
  };
  expect_refused_early(project, bisect("alhpa"),
                       {"-E 'alhpa' selects no performance_mode test", "did you mean \"alpha\"?"});
  expect_refused_early(project, bisect("none()"), {"-E 'none()' selects no performance_mode test"});
  expect_refused_early(project, bisect("=plain"), {"-E '=plain' selects no performance_mode test"});
  project.write("tests/all.json", R"({"tests": [{"name": "alpha", "performance_mode": false}]})");
  project.commit("no performance test");
  project.commit("none either");
  expect_refused_early(project, bisect("alpha"), {"there is no performance_mode test in --good or --bad"});
}

TEST(EarlyRefusal, BisectWithoutTheRunsThatAStepNeeds) {
  const Project project;
  project.commit("second");
  const auto bisect = [](const Arguments& more) {
    Arguments all{"bisect", "--good", "HEAD~1",   "--bad", "HEAD",
                  "-E",     "alpha",  "--kernel", "6.18",  "--noise-adjust"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  expect_refused_early(project, bisect({"2"}),
                       {"--noise-adjust 2: ", "at least 3 a side", "--deterministic"});
  expect_refused_early(project, bisect({"1", "--deterministic"}), {"--noise-adjust 1: at least 2"});
  expect_refused_early(project, bisect({"1001"}), {"--noise-adjust 1001: at most 1000"});
  EXPECT_EQ(project.ktstr(bisect({"2", "--deterministic"})).exit_code, 5)
      << "virtual time needs no spread; the end is not worse";
}

TEST(EarlyRefusal, CalibrateWhosePolicyCannotBeWritten) {
  const Project project;
  const auto calibrate = [](const std::string& policy) {
    return Arguments{"calibrate", "--noise-adjust", "2",        "--kernel", "6.18",
                     "-E",        "beta",           "--policy", policy};
  };
  expect_refused_early(
      project, calibrate("/nonexistent/p.json"),
      {"--policy /nonexistent/p.json cannot be written: there is no directory /nonexistent"});
  expect_refused_early(project, calibrate("."), {"--policy . cannot be written: it is a directory"});
  expect_refused_early(project, calibrate("/proc/p.json"),
                       {"--policy /proc/p.json cannot be written: the directory /proc"});
  expect_refused_early(project, {"calibrate", "--noise-adjust", "2", "--kernel", "6.18", "-E", "alhpa"},
                       {"selects no performance_mode test of HEAD", "did you mean \"alpha\"?"});

  fs::create_directory(project.tree / "gone");
  project.write("ktstr.json", R"({"project": "demo", "runner": "fake", "build": "rmdir )" +
                                  (project.tree / "gone").string() + R"( || true"})");
  project.commit("a build that takes the place away");
  const ProgramResult late = project.ktstr(calibrate("../gone/p.json"));
  EXPECT_EQ(late.exit_code, 4) << late.out << late.err;
  EXPECT_NE(late.out.find("false red: in "), std::string::npos) << "what was measured is shown all the same\n"
                                                                << late.out;
  EXPECT_EQ(late.out.find("policy for stored"), std::string::npos) << late.out;
  EXPECT_NE(late.err.find("cannot write"), std::string::npos) << late.err;
}

TEST(EarlyRefusal, ValuesThatWouldBeIgnored) {
  const Project project;
  project.two_commits();
  const auto delta = [](const Arguments& more) {
    Arguments all{"perf-delta"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  for (const auto& [flags, what] : std::initializer_list<std::pair<Arguments, std::string>>{
           {{"--base", "HEAD~1", "--gate", "welch+welch"}, "the gate \"welch\" is named twice"},
           {{"--base", "HEAD~1", "--gate", "fdr", "--gate", "fdr::q=0.1"}, "the gate \"fdr\" is named twice"},
           {{"--base", "HEAD~1", "--gate", "fdr::q=0.1::q=0.2"}, "q= stands twice"},
           {{"--base", "HEAD~1", "--reporter", "json::out=a::out=b"}, "out= stands twice"},
           {{"--base", "HEAD~1", "--reporter", "terminal", "--json"},
            "two reporters write to stdout: terminal and json"},
           {{"--base", "HEAD~1", "--gate", "fdr::q=1e-300"}, "option \"q\" must be a number from 1e-06"},
           {{"--base", "HEAD~1", "--policy", "p.json"},
            "--policy p.json: scenarios[0].filter 'alhpa' selects none of the stored tests"},
           {{"--base", "HEAD~1", "--reporter", "json::out=r.json", "--reporter", "terminal::out=./r.json"},
            "two reporters write to the file ./r.json: json and terminal"},
           {{"--base", "HEAD~1", "--reporter", "json::out=tests"},
            "cannot write the report tests: it is a directory"},
       }) {
    project.write("p.json", R"({"scenarios": [{"filter": "alhpa", "default_percent": 5}]})");
    expect_refused_early(project, delta(flags), {what});
  }
  EXPECT_FALSE(fs::exists(project.directory() / "r.json"));
  for (const char* keep : {"-1", "-9223372036854775808", "1.5"}) {
    expect_refused_early(project, {"runs", "prune", "--keep", keep},
                         {"--keep: \"" + std::string(keep) + "\" is no whole number"});
  }
  expect_refused_early(project, {"gate", "score", "x.jsonl", "-N", "-1"}, {"is no whole number"});
  const Arguments twice{
      "--base", "HEAD~1", "--reporter", "json::out=/dev/null", "--reporter", "terminal::out=/dev/null"};
  EXPECT_EQ(project.ktstr(delta(twice)).exit_code, 0) << "a device takes what several write";
  project.write("ktstr.json", R"({"project": "demo", "runner": "fake", "tests": []})");
  expect_refused_early(project, {"test", "--list"}, {"ktstr.json: tests: the array is empty"});
  project.write("ktstr.json", R"({"project": "demo", "runner": "fake", "gates": ["welch", "welch"]})");
  expect_refused_early(project, {"calibrate", "--noise-adjust", "2", "--kernel", "6.18"},
                       {"the gate \"welch\" is named twice"});
}

}  // namespace
}  // namespace ktstr::testing
