// SPDX-License-Identifier: Apache-2.0
//
// No green without a verdict: every way in which a side can lack numbers, in every command that compares or
// runs. Each cell has an exit code and words that its output must contain; a 0 is there only where the words
// say why nothing is wrong.
#include <signal.h>

#include "project.hpp"

namespace ktstr::testing {
namespace {

constexpr const char* kBoth = R"({"tests": [{"name": "alpha"}, {"name": "beta"}]})";

struct Cell {
  int exit_code;
  const char* says;
};

/// Runs the command of one column and compares it with the cell.
void expect_cell(const Project& project, const std::string& where, const Arguments& arguments,
                 const Cell& cell) {
  const ProgramResult result = project.ktstr(arguments);
  EXPECT_EQ(result.exit_code, cell.exit_code) << where << "\n" << result.out << result.err;
  EXPECT_NE((result.out + result.err).find(cell.says), std::string::npos)
      << where << ": no \"" << cell.says << "\" in\n"
      << result.out << result.err;
}

const Arguments kCached{"perf-delta", "--base", "HEAD~1"};
const Arguments kRepeated{"perf-delta", "--base", "HEAD~1", "--noise-adjust", "2", "--kernel", "6.18"};
const Arguments kDeterministic{"perf-delta", "--base",   "HEAD~1", "--noise-adjust",
                               "2",          "--kernel", "6.18",   "--deterministic"};
const Arguments kBisect{"bisect",        "--good",   "HEAD~1", "--bad",          "HEAD", "-E",
                        "alpha or beta", "--kernel", "6.18",   "--noise-adjust", "2",    "--deterministic"};
const Arguments kCalibrate{"calibrate", "--noise-adjust", "2", "--kernel", "6.18"};

/// The manifests of a side; `built` is a file without which the build command fails.
struct Side {
  const char* manifest;
  bool builds = true;
};

void commit_side(const Project& project, const Side& side) {
  project.write("tests/all.json", side.manifest);
  project.write("works.txt", side.builds ? "yes" : "no");
  project.commit("a side");
  project.ktstr({"test", "--deterministic", "--kernel",
                 "6.18.2"});  // whatever comes of it; in virtual time a busy machine is no warning
}

class Matrix : public ::testing::Test {
 protected:
  Matrix() {
    project.write("ktstr.json", R"({"project": "demo", "runner": "fake", "build": "grep -q yes works.txt"})");
  }
  Project project;
};

struct Row {
  const char* lacks;
  Side side;
  Cell cached, repeated, bisect, calibrate, test;
};

constexpr const char* kNothingRuns =
    R"({"tests": [{"name": "alpha", "outcome": "error", "message": "no build/mine"}, {"name": "beta", "outcome": "error", "message": "no build/mine"}]})";

const std::vector<Row>& rows() {
  static const Cell none_ran{3, "2 scenarios could not run"}, one_ran{5, "1 scenario could not run"},
      failed{5, "1 scenario did not pass"}, skipped{5, "skipped or expected to fail"};
  static const std::vector<Row> all = {
      {"no test can run", {kNothingRuns}, none_ran, none_ran, none_ran, none_ran, {3, "2 could not run"}},
      {"one test cannot run",
       {R"({"tests": [{"name": "alpha"}, {"name": "beta", "outcome": "error", "message": "no build/mine"}]})"},
       one_ran,
       one_ran,
       one_ran,
       one_ran,
       {3, "1 could not run"}},
      {"one test fails",
       {R"({"tests": [{"name": "alpha"}, {"name": "beta", "outcome": "failed"}]})"},
       failed,
       failed,
       failed,
       failed,
       {1, "1 failed"}},
      {"one test is inconclusive",
       {R"({"tests": [{"name": "alpha"}, {"name": "beta", "outcome": "inconclusive"}]})"},
       failed,
       failed,
       failed,
       failed,
       {5, "1 inconclusive"}},
      {"one test is skipped",
       {R"({"tests": [{"name": "alpha"}, {"name": "beta", "outcome": "skipped"}]})"},
       skipped,
       skipped,
       skipped,
       {0, "beta did not pass"},
       {0, "1 skipped"}},
      {"every test is skipped",
       {R"({"tests": [{"name": "alpha", "outcome": "skipped"}, {"name": "beta", "outcome": "skipped"}]})"},
       skipped,
       skipped,
       skipped,
       skipped,
       {5, "2 skipped"}},
      {"one test leaves no sidecar",
       {R"({"tests": [{"name": "alpha"}, {"name": "beta", "sidecar": "none"}]})"},
       one_ran,
       {4, "left no sidecar"},
       {4, "left no sidecar"},
       {4, "left no sidecar"},
       {4, "left no sidecar"}},
      {"it does not build",
       {kBoth, false},
       {3, "no performance_mode sidecars"},
       {3, "the build of"},
       {3, "the build of"},
       {3, "the build of"},
       {3, "build"}},
      {"it has no performance test",
       {R"({"tests": [{"name": "alpha", "performance_mode": false}]})"},
       {5, "has no performance_mode test"},
       {5, "has no performance_mode test"},
       {5, "nothing"},
       {2, "no performance_mode test"},
       {0, "1 passed"}},
  };
  return all;
}

TEST_F(Matrix, HeadLacksNumbers) {
  commit_side(project, {kBoth});
  for (const Row& row : rows()) {
    project.git({"reset", "-q", "--hard"});
    commit_side(project, row.side);
    const std::string where = std::string("HEAD: ") + row.lacks + ", ";
    expect_cell(project, where + "cached", kCached, row.cached);
    expect_cell(project, where + "repeated", kRepeated, row.repeated);
    const Cell certain{1, "failed in every run on HEAD"};  // in virtual time that is no accident
    expect_cell(project, where + "deterministic", kDeterministic,
                std::string_view(row.lacks) == "one test fails" ? certain : row.repeated);
    const Cell found{0, "first bad commit: "};
    expect_cell(project, where + "bisect", kBisect,
                std::string_view(row.lacks) == "one test fails" ? found : row.bisect);
    expect_cell(project, where + "calibrate", kCalibrate, row.calibrate);
    expect_cell(project, where + "test", {"test"}, row.test);
    project.git({"reset", "-q", "--hard", "HEAD~1"});
  }
}

TEST_F(Matrix, TheBaselineLacksNumbers) {
  for (const Row& row : rows()) {
    const std::string where = std::string("baseline: ") + row.lacks + ", ";
    commit_side(project, row.side);
    commit_side(project, {kBoth});
    const bool truly_empty = std::string_view(row.lacks) == "it has no performance test",
               no_build = !row.side.builds;
    const Cell empty{0, "NOTHING TO COMPARE"};
    expect_cell(project, where + "cached", kCached, truly_empty || no_build ? empty : row.cached);
    expect_cell(project, where + "repeated", kRepeated, truly_empty ? empty : row.repeated);
    expect_cell(project, where + "deterministic", kDeterministic, truly_empty ? empty : row.repeated);
    expect_cell(project, where + "bisect", kBisect, row.bisect);
    Arguments strict = kCached;
    strict.emplace_back("--strict");
    EXPECT_NE(project.ktstr(strict).exit_code, 0) << where << "strict";
  }
}

/// What can happen to numbers that are stored.
struct Stored {
  const char* lacks;
  void (*hurt)(const Project& project);
  Arguments more;
  Cell cached;
};

fs::path sidecar_of(const Project& project, const std::string& test, const std::string& commit) {
  const std::string label = project.git({"rev-parse", "--short=7", commit});
  for (const auto& entry : fs::recursive_directory_iterator(project.directory() / "target/ktstr")) {
    const std::string path = entry.path().string();
    if (path.find("-" + label + "/") != std::string::npos &&
        entry.path().filename().string().starts_with(test) && path.ends_with(".ktstr.json"))
      return entry.path();
  }
  throw std::runtime_error("no sidecar of " + test);
}

void overwrite(const Project& project, const fs::path& file, const std::string& text) {
  project.write(fs::relative(file, project.directory()).string(), text);
}

void break_beta(const Project& project) {
  overwrite(project, sidecar_of(project, "beta", "HEAD"), "{\"test_name\": ");
}

void run_killed(const Project& project) {
  project.write("tests/all.json", R"({"tests": [{"name": "alpha"}, {"name": "beta", "sleep_ms": 60000}]})");
  project.git({"commit", "-qam", "slow", "--amend"});
  RunningProgram running(project.program({"test", "--deterministic", "--kernel", "6.18.2"}));
  ASSERT_TRUE(running.wait_for_text("PASS"));
  running.send(SIGKILL);
  running.wait();
}

void kernel_moved_on(const Project& project) {
  project.tree.write("newer", fake_bzimage("6.18.9-test (a@b) #1 SMP"));
  project.ktstr({"kernel", "add", (project.tree / "newer").string(), "--name", "newer"});  // once is enough
  fs::remove_all(project.directory() / "target/ktstr" /
                 ("6.18.2-" + project.git({"rev-parse", "--short=7", "HEAD"})));
  ASSERT_EQ(project.ktstr({"test", "--deterministic", "--kernel", "newer"}).exit_code, 0);
}

TEST_F(Matrix, StoredNumbersAreMissing) {
  const std::vector<Stored> all = {
      {"nothing", [](const Project&) {}, {}, {0, "PASS: "}},
      {"nothing, and strictly", [](const Project&) {}, {"--strict"}, {0, "PASS: "}},
      {"a sidecar is damaged", break_beta, {}, {5, "1 result cannot be read on HEAD"}},
      {"a sidecar is newer than this reader",
       [](const Project& p) {
         overwrite(p, sidecar_of(p, "beta", "HEAD~1"), R"({"schema_version": 99, "test_name": "beta"})");
       },
       {},
       {5, "was written by a newer ktstr on the baseline"}},
      {"a sidecar is gone",
       [](const Project& p) { fs::remove(sidecar_of(p, "beta", "HEAD")); },
       {},
       {5, "1 scenario has no result on HEAD"}},
      {"the run was killed", run_killed, {}, {5, "because the run ended early on HEAD"}},
      {"the kernel moved on",
       kernel_moved_on,
       {},
       {5, "6.18.2 on the baseline, kernel 6.18.9-newer on HEAD"}},
      {"the kernel moved on, way out", kernel_moved_on, {}, {5, "--axis kernel 6.18.2 6.18.9-newer"}},
      {"the kernel that is asked for is another",
       kernel_moved_on,
       {"--kernel", "6.18.9"},
       {5, "the baseline ran on another kernel"}},
      {"HEAD ran one test only",
       [](const Project& p) {
         fs::remove_all(p.directory() / "target/ktstr" /
                        ("6.18.2-" + p.git({"rev-parse", "--short=7", "HEAD"})));
         p.ktstr({"test", "alpha", "--deterministic", "--kernel", "6.18.2"});
       },
       {},
       {5, "1 scenario was left out of the run of HEAD"}},
      {"HEAD was not run",
       [](const Project& p) { p.commit("not measured"); },
       {},
       {3, "no performance_mode sidecars of HEAD"}},
      {"a metric of --must-fail",
       [](const Project&) {},
       {"--must-fail", "fake_requests"},
       {2, "no test of either side has the metric"}},
  };
  for (const Stored& row : all) {
    fs::remove_all(project.directory() / "target");
    commit_side(project, {kBoth});
    commit_side(project, {R"({"tests": [{"name": "alpha"}, {"name": "beta", "topology": "1n1l2c1t"}]})"});
    row.hurt(project);
    Arguments arguments = kCached;
    arguments.insert(arguments.end(), row.more.begin(), row.more.end());
    expect_cell(project, std::string("stored: ") + row.lacks, arguments, row.cached);
  }
}

std::string label_of(const Project& project, const std::string& commit) {
  return project.git({"rev-parse", "--short=7", commit});
}

/// What can be known of a baseline that has no performance sidecar among the runs.
TEST_F(Matrix, NothingIsStoredOfTheBaseline) {
  commit_side(project, {kBoth});
  commit_side(project, {kBoth});
  const fs::path runs = project.directory() / "target/ktstr",
                 base = runs / ("6.18.2-" + label_of(project, "HEAD~1"));
  const fs::path history = runs / ".history" / base.filename() / "20260102T030405Z-0";
  fs::create_directories(history.parent_path());
  fs::rename(base, history);
  expect_cell(project, "put aside", kCached, {5, "its sidecars were put aside, into .history/"});
  fs::remove_all(history);
  expect_cell(project, "nothing at all", kCached,
              {0, "the pool has no performance_mode sidecar of the baseline"});
  fs::remove_all(runs);
  expect_cell(project, "an empty pool", kCached,
              {0, "the pool has no performance_mode sidecar of the baseline"});
  Arguments strict = kCached;
  strict.emplace_back("--strict");
  expect_cell(project, "an empty pool, strictly", strict, {5, "--strict wants a comparison"});

  project.git({"checkout", "-q", "--detach", "HEAD~1"});
  project.write("works.txt", "yes, changed");
  project.ktstr({"test", "--deterministic", "--kernel", "6.18.2"});
  project.git({"checkout", "-q", "-f", "main"});
  project.ktstr({"test", "--deterministic", "--kernel", "6.18.2"});
  expect_cell(project, "with changes only", kCached, {5, "-dirty only, whose tree had changes"});
}

TEST_F(Matrix, StoredNumbersOfAnotherStateOfTheTree) {
  commit_side(project, {kBoth});
  commit_side(project, {kBoth});
  const auto edit_and = [&](const char* text, bool test) {
    project.write("works.txt", text);
    if (test) project.ktstr({"test", "--deterministic", "--kernel", "6.18.2"});
  };
  edit_and("yes, one", true);
  Arguments strict = kCached;
  strict.emplace_back("--strict");
  expect_cell(project, "as it was tested", kCached, {0, "PASS: "});
  edit_and("yes, two", false);
  for (const Arguments& column : {kCached, strict, Arguments{"perf-delta", "--base", "HEAD"}})
    expect_cell(project, "edited since", column,
                {5, "HEAD ran from another state of the tree (files changed since"});
  edit_and("yes, two", true);
  expect_cell(project, "tested again", kCached, {0, "PASS: "});
}

/// Of every metric that the two sides have.
std::string all_informational(const Project& project) {
  Arguments arguments = kCached;
  arguments.insert(arguments.end(), {"--json", "--all-metrics"});
  const json::value document = json::parse(project.ktstr(arguments).out);
  json::object directions;
  for (const json::value& row : document.at("rows").as_array()) {
    directions[row.at("metric").as_string()] = "informational";
  }
  return json::serialize(json::object{{"direction", std::move(directions)}});
}

TEST_F(Matrix, WithoutAGateThereIsNoVerdict) {
  commit_side(project, {kBoth});
  project.write("more.txt", "x");
  commit_side(project, {kBoth});
  project.write("policy.json", all_informational(project));
  for (const Arguments& more : {Arguments{}, {"--strict"}, {"--must-fail", "worst_gap_ms"}}) {
    Arguments arguments = kCached;
    arguments.insert(arguments.end(), {"--policy", "policy.json"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    expect_cell(project, "nothing gates", arguments, {5, "no metric that both sides have gates"});
  }
}

TEST_F(Matrix, FreshNumbersOfAMetricAreMissing) {
  commit_side(
      project,
      {R"({"tests": [{"name": "alpha", "metrics": {"stats.ext_metrics.fake_requests": 100}}, {"name": "beta"}]})"});
  commit_side(project, {kBoth});
  for (const Arguments& column : {kRepeated, kDeterministic}) {
    Arguments arguments = column;
    arguments.insert(arguments.end(), {"--must-fail", "fake_requests"});
    expect_cell(project, "fresh, must-fail", arguments, {5, "1 metric has no value on HEAD (fake_requests)"});
  }
  Arguments bisect = kBisect;
  bisect.insert(bisect.end(), {"--metric", "fake_requests"});
  expect_cell(project, "bisect, metric", bisect, {5, "fake_requests"});
}

TEST_F(Matrix, StrictTurnsWhatIsSkippedIntoInconclusive) {
  const char* kSkips = R"({"tests": [{"name": "alpha"}, {"name": "beta", "outcome": "skipped"}]})";
  commit_side(project, {kSkips});
  project.write("more.txt", "x");
  commit_side(project, {kSkips});
  expect_cell(project, "lenient", kCached, {0, "PASS: "});
  Arguments strict = kCached;
  strict.emplace_back("--strict");
  expect_cell(project, "strict", strict, {5, "under --strict nothing may be missing"});
  expect_cell(project, "strict test", {"test", "--strict"}, {5, "--strict: 1 test was skipped"});
  project.write("ktstr.json",
                R"({"project": "demo", "runner": "fake", "strict": true, "build": "grep -q yes works.txt"})");
  expect_cell(project, "strict by configuration", {"test"}, {5, "--strict: 1 test was skipped"});
}

TEST_F(Matrix, EmptyValuesAreMistakes) {
  for (const Arguments& arguments :
       std::vector<Arguments>{{"perf-delta", "--base", ""},
                              {"perf-delta", "--base="},
                              {"perf-delta", "--base-ref", ""},
                              {"perf-delta", "--base", "HEAD~1", "-E", ""},
                              {"perf-delta", "--kernel", " "},
                              {"perf-delta", "--gate", ""},
                              {"perf-delta", "--must-fail", ""},
                              {"perf-delta", "--axis", "kernel", "", "6.18"},
                              {"test", ""},
                              {"test", "--reporter", ""},
                              {"test", "--kernel", ""},
                              {"bisect", "--good", "", "--bad", "HEAD", "-E", "alpha"},
                              {"stats", "show-host", "--run", ""},
                              {"-C", "", "test"}}) {
    expect_error(project.ktstr(arguments), 2, {"empty"});
  }
}

TEST_F(Matrix, ListingChecksWhatARunWouldNeed) {
  commit_side(project, {kBoth});
  EXPECT_EQ(project.ktstr({"test", "--list"}).exit_code, 0);
  expect_error(project.ktstr({"test", "--list", "--kernel", "9.9"}), 3, {"9.9"});
  expect_error(project.ktstr({"test", "--list", "--reporter", "jsno"}), 2, {"did you mean \"json\"?"});
  expect_error(project.ktstr({"test", "--list", "--reporter", "json::out=nowhere/x.json"}), 2,
               {"there is no directory"});
  project.write("tests/all.json", R"({"tests": [{"nmae": "alpha"}]})");
  EXPECT_EQ(project.ktstr({"test", "--list"}).exit_code, 2);
}

}  // namespace
}  // namespace ktstr::testing
