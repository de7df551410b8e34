// SPDX-License-Identifier: Apache-2.0
//
// The acceptance rules of the reference page that concern runs, sidecars and stats, through the built binary
// and as tables where a rule has cases. Two of them need what no command line can give and are table-driven
// where they live: remote file systems are told by their statfs magic (fs_store_test.cpp), writers are killed
// at random instants (writers_test.cpp). Archives (`--dir`) are in stats_test.cpp, what perf-delta judges in
// delta_page_test.cpp and noise_adjust_test.cpp.
#include <stdlib.h>

#include <cstdio>
#include <thread>

#include "project.hpp"

namespace ktstr::testing {
namespace {

std::string stored_sidecar(const std::string& test, const std::string& more = "") {
  return R"({"test_name":")" + test +
         R"(","topology":"1n1l1c1t","scheduler":"s","work_type":"w","passed":true,"skipped":false,"stats":{})" +
         more + "}";
}

class PageRules : public ::testing::Test {
 protected:
  Project project;
  const fs::path runs = project.directory() / "target/ktstr";

  ProgramResult run(const Arguments& arguments, const Variables& variables = {}) const {
    ProgramResult result = project.ktstr(arguments, variables);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result;
  }
  std::string head() const { return project.git({"rev-parse", "--short=7", "HEAD"}); }
  json::value list() const { return parsed(run({"stats", "list", "--json"})).at("runs"); }
  /// Names of sidecars in a directory, without the hash of the variant, sorted.
  static std::vector<std::string> tests_in(const fs::path& directory) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory)) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(".ktstr.json")) names.push_back(name.substr(0, name.rfind('-')));
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  /// What "target/ktstr" is called that `ktstr test` has just written to.
  std::string only_run() const {
    const json::value rows = list();
    EXPECT_EQ(rows.as_array().size(), 1U);
    return std::string(rows.at(0).at("run").as_string());
  }
};

TEST_F(PageRules, AnInvocationWritesOneFileAVariantAndClearsTheTopAtItsFirstWrite) {
  const Variables one{{"KTSTR_RUN_EPOCH", "one"}};
  run({"test", "alpha", "beta"}, one);
  project.write("tests/all.json",
                R"({"tests": [{"name": "alpha", "scheduler": "another"}, {"name": "beta"}]})");
  project.git({"update-index", "--assume-unchanged", "tests/all.json"});  // the same commit, so the same run
  run({"test", "alpha"}, one);
  const fs::path directory = runs / ("6.18.2-" + head());
  EXPECT_EQ(tests_in(directory), (std::vector<std::string>{"alpha", "alpha", "beta"}))
      << "two variants of one test";

  struct Case {
    const char* file;
    bool stays, counted;
  };
  const std::vector<Case> cases = {{"old-0000000000000001.ktstr.json", false, false},
                                   {"old.ktstr.other.json", false, false},
                                   {"old-0000000000000001.failure-dump.json", false, false},
                                   {"notes.txt", true, false},
                                   {"results.json", true, false},
                                   {"job-1/nested-0000000000000002.ktstr.json", true, true},
                                   {"job-1/nested.failure-dump.json", true, false},
                                   {"deep/er/lost.ktstr.json", true, false}};
  for (const Case& c : cases)
    project.write(fs::relative(directory / c.file, project.directory()).string(), stored_sidecar("old"));
  EXPECT_EQ(project.ktstr({"test", "no-such-test"}).exit_code, 2);
  for (const Case& c : cases)
    EXPECT_TRUE(fs::exists(directory / c.file)) << "nothing was written, so nothing is cleared: " << c.file;
  run({"test", "beta"});
  std::int64_t counted = 1;  // beta
  for (const Case& c : cases) {
    EXPECT_EQ(fs::exists(directory / c.file), c.stays) << c.file;
    counted += c.counted ? 1 : 0;
  }
  EXPECT_EQ(tests_in(directory), std::vector<std::string>{"beta"});
  EXPECT_EQ(list().at(0).at("tests").as_int64(), counted) << "one directory down is read, two are not";
}

TEST_F(PageRules, ProcessesOfOneInvocationKeepEachOthersFilesAndTwoOfOtherTreesDoNot) {
  struct Case {
    const char *what, *first, *second;
    bool at_once, other_tree;
    std::size_t left;
  };
  for (const Case& c : {Case{"one token", "job-7", "job-7", false, true, 2},
                        {"one token, at once", "job-8", "job-8", true, true, 2},
                        {"two tokens", "job-1", "job-2", false, true, 1},
                        {"no tokens", "", "", false, true, 1},
                        {"a token and none", "job-3", "", false, true, 1},
                        {"two tokens, the same tree", "job-4", "job-5", false, false, 2},
                        {"no tokens, the same tree, at once", "", "", true, false, 2}}) {
    fs::remove_all(runs);
    project.write("numbers.json", Project::kBad);
    const auto start = [&](const char* filter, const char* token) {
      return [=, this] { run({"test", filter}, {{"KTSTR_RUN_EPOCH", token}}); };
    };
    std::jthread first(start("alpha", c.first));
    if (!c.at_once) first.join();
    if (c.other_tree && !c.at_once) project.write("numbers.json", R"({"worst_gap_ms": 3})");
    start("beta", c.second)();
    if (c.at_once) first.join();
    EXPECT_EQ(tests_in(runs / only_run()).size(), c.left) << c.what;
  }
  project.write("ktstr.json",
                R"({"project": "demo", "runner": "fake", "build": "[ -n \"$KTSTR_RUN_EPOCH\" ]"})");
  run({"test", "alpha"});  // its own children find a token
}

TEST_F(PageRules, TheListIsSortedDatedAndHasPlaceholders) {
  struct Row {
    const char* run;
    int hours_old;
    std::vector<std::string> files;
    const char *tests, *date, *arch;
  };
  const auto dated = [](const char* date, const char* more = "") {
    return stored_sidecar("t", std::string(R"(,"timestamp":")") + date + "\"" + more);
  };
  const std::vector<Row> rows = {
      // in the order of the table
      {"7.1-newest",
       1,
       {dated("2026-03-01T00:00:00Z", R"(,"host":{"arch":"riscv64"})")},
       "1",
       "2026-03-01T00:00:00Z",
       "riscv64"},
      {"6.14-earliest-date",
       2,
       {dated("2026-02-02T00:00:00Z"), dated("2026-01-01T00:00:00Z", R"(,"host":{"arch":"x86_64"})"),
        dated("", R"(,"host":{"arch":"s390x"})")},
       "3",
       "2026-01-01T00:00:00Z",
       "x86_64"},
      {"6.14-a-tie", 3, {stored_sidecar("t")}, "1", "-", "-"},
      {"6.14-b-tie", 3, {stored_sidecar("t", R"(,"host":null,"timestamp":null)")}, "1", "-", "-"},
      {"6.14-empty", 4, {}, "0", "-", "-"},
  };
  for (const Row& row : rows) {
    fs::create_directories(runs / row.run);
    for (std::size_t i = 0; i < row.files.size(); ++i)
      project.write("target/ktstr/" + std::string(row.run) + "/t-" + std::to_string(i) + ".ktstr.json",
                    row.files[i]);
  }
  const auto now = fs::file_time_type::clock::now();
  for (const Row& row : rows) fs::last_write_time(runs / row.run, now - std::chrono::hours(row.hours_old));
  const std::string out = run({"stats", "list"}).out;
  std::istringstream lines(out);
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "RUN                 TESTS  DATE                  ARCH");
  for (const Row& row : rows) {
    std::string key, tests, date, arch;
    ASSERT_TRUE(lines >> key >> tests >> date >> arch) << out;
    EXPECT_EQ(key + " " + tests + " " + date + " " + arch,
              std::string(row.run) + " " + row.tests + " " + row.date + " " + row.arch);
  }
}

TEST_F(PageRules, OnlyTrackedFilesMakeACommitDirty) {
  project.write("tracked.txt", "as committed");
  project.commit("a tracked file");
  struct Case {
    const char *what, *change;
    bool dirty;
  };
  for (const Case& c : {Case{"nothing", "true", false},
                        {"an untracked file", "echo new >untracked.txt", false},
                        {"an ignored file", "echo new >built.txt", false},
                        {"a new time", "touch -d 2001-01-01 tracked.txt", false},
                        {"another content", "echo other >tracked.txt", true},
                        {"a removed file", "rm tracked.txt", true},
                        {"a staged change", "echo other >tracked.txt; git add tracked.txt", true},
                        {"a staged new file", "echo new >untracked.txt; git add untracked.txt", true},
                        {"another mode", "chmod +x tracked.txt", true}}) {
    project.git({"reset", "-q", "--hard"});
    project.git({"clean", "-qfd", "--exclude=target"});
    fs::remove_all(runs);
    ASSERT_EQ(run_program({{"sh", "-c", c.change},
                           {},
                           {},
                           false,
                           project.directory().string(),
                           {},
                           std::chrono::seconds(20)})
                  .exit_code,
              0)
        << c.what;
    run({"test", "alpha"});
    EXPECT_EQ(only_run(), "6.18.2-" + head() + (c.dirty ? "-dirty" : "")) << c.what;
  }
}

TEST_F(PageRules, WithoutACommitRunsShareAKeyAndAreToldOnce) {
  std::string outside = (fs::path(P_tmpdir) / "ktstr-no-repository-XXXXXX")
                            .string();  // the other tests may lie in a repository
  ASSERT_NE(::mkdtemp(outside.data()), nullptr);
  fs::remove_all(project.directory() / ".git");
  fs::copy(project.directory(), outside, fs::copy_options::recursive);
  project.git({"init", "-q"});
  struct Case {
    const char* what;
    fs::path directory;
  };
  for (const Case& c :
       {Case{"a repository without a commit", project.directory()}, {"no repository", outside}}) {
    const ProgramResult result = run({"-C", c.directory.string(), "test"});
    const std::size_t first = result.err.find("commit is unknown");
    EXPECT_NE(first, std::string::npos) << c.what << result.err;
    EXPECT_EQ(result.err.find("commit is unknown", first + 1), std::string::npos) << "once";
    for (const char* remedy : {"git repository", "KTSTR_SIDECAR_DIR"})
      EXPECT_NE(result.err.find(remedy), std::string::npos) << result.err;
    const fs::path stored = c.directory / "target/ktstr/6.18.2-unknown";
    ASSERT_TRUE(fs::is_directory(stored)) << c.what;
    for (const auto& entry : fs::directory_iterator(stored)) {
      EXPECT_TRUE(json::parse(project.tree.read(entry.path())).at("project_commit").is_null())
          << entry.path();
    }
  }
  fs::remove_all(outside);
}

TEST_F(PageRules, ADirectoryOfTheUsersOwnIsNeitherClearedNorLockedNorListed) {
  const fs::path own = project.directory() / "own";
  project.write("own/older-0000000000000001.ktstr.json",
                stored_sidecar("older", R"(,"host":{"arch":"riscv64"})"));
  project.write("own/older.failure-dump.json", "{}");
  const Variables override{{"KTSTR_SIDECAR_DIR", own.string()}};
  EXPECT_EQ(run({"test"}, override).err.find("commit is unknown"), std::string::npos);
  EXPECT_EQ(tests_in(own), (std::vector<std::string>{"alpha", "beta", "older", "plain"}));
  EXPECT_TRUE(fs::exists(own / "older.failure-dump.json"));
  EXPECT_EQ(std::distance(fs::recursive_directory_iterator(own), fs::recursive_directory_iterator()), 6)
      << "no key, no lock, no index; but what was meant to run";
  EXPECT_FALSE(fs::exists(runs));

  EXPECT_NE(run({"stats"}, override).out.find("4 sidecar(s)"), std::string::npos);
  EXPECT_EQ(run({"stats", "list"}, override).out, "");
  EXPECT_EQ(run({"stats", "list-values"}, override).out, "(no sidecars in pool)\n");
  for (const char* command : {"show-host", "explain-sidecar"})
    expect_error(project.ktstr({"stats", command, "--run", "own"}, override), 2, {"there is no run \"own\""});
}

TEST_F(PageRules, AnExplanationCountsWhatIsThereAndWhyTheRestIsNot) {
  project.write(
      "target/ktstr/6.14-abc1234/throughput_gate-0000000000000001.ktstr.json",
      R"({"test_name":"throughput_gate","topology":"1n1l2c1t","scheduler":"my_sched","work_type":"SpinWait","passed":true,"skipped":false,"stats":{},
                    "run_id":"20260704T214100Z-0","host":{"arch":"x86_64"},"resolve_source":"path","project_commit":"abc1234","monitor":{},"kvm_stats":{},
                    "kernel_version":"6.14.2","cleanup_duration_ms":12,"run_source":"local","scheduler_commit":null,"payload":null,"kernel_commit":null})");
  EXPECT_TRUE(matches_golden("stats/explain_sidecar.txt",
                             run({"stats", "explain-sidecar", "--run", "6.14-abc1234"}).out));
}

TEST_F(PageRules, AFailureDumpIsNoTest) {
  project.write(
      "tests/all.json",
      R"({"tests": [{"name": "alpha", "outcome": "failed"}, {"name": "failure-dump", "outcome": "failed"}, {"name": "x.ktstr.y", "outcome": "failed"}]})");
  EXPECT_EQ(project.ktstr({"test"}).exit_code, 1);
  const fs::path directory = runs / only_run();
  EXPECT_EQ(std::distance(fs::directory_iterator(directory), fs::directory_iterator()), 7)
      << "three sidecars, three dumps, one manifest";
  EXPECT_EQ(list().at(0).at("tests").as_int64(), 3);
  EXPECT_NE(run({"stats"}).out.find("3 sidecar(s)"), std::string::npos);
}

}  // namespace
}  // namespace ktstr::testing
