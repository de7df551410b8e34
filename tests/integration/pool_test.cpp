// SPDX-License-Identifier: Apache-2.0
//
// Reading stored runs from outside: the index never changes an answer, bad files never hide good ones, and
// the history keeps what a re-run would clear.
#include <sys/stat.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "project.hpp"

namespace ktstr::testing {
namespace {

std::string sidecar(const std::string& test, const std::string& commit = "abc1234",
                    const std::string& more = "") {
  return R"({"test_name":")" + test +
         R"(","topology":"1n1l1c1t","scheduler":"s","work_type":"w","passed":true,"skipped":false,"stats":{"worst_gap_ms":5},)"
         R"("kernel_version":"6.18.2","project_commit":")" +
         commit + R"(","timestamp":"2026-01-02T03:04:05Z","host":{"arch":"x86_64"})" + more + "}";
}

/// Old enough for the index to remember it.
void age(const fs::path& path) {
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(1));
}

class Pool : public ::testing::Test {
 protected:
  Project project;
  const fs::path runs = project.directory() / "target/ktstr";
  const fs::path index = runs / ".index.sqlite";

  void add(const std::string& run, const std::string& name, std::string_view text) const {
    project.write("target/ktstr/" + run + "/" + name, text);
    age(runs / run / name);
    age(runs / run);
  }
  /// Without what lets root read everything.
  ProgramResult mortal(const Arguments& arguments) const {
    Program program = project.program(arguments);
    const Arguments drop{"setpriv", "--bounding-set=-dac_override,-dac_read_search",
                         "--inh-caps=-dac_override,-dac_read_search"};
    if (::geteuid() == 0) program.argv.insert(program.argv.begin(), drop.begin(), drop.end());
    return run_program(program);
  }
  ProgramResult list(const Arguments& more = {}) const {
    Arguments arguments{"stats", "list"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return project.ktstr(arguments);
  }
};

TEST_F(Pool, TheIndexNeverChangesAnAnswer) {
  add("6.18.2-abc1234", "a.ktstr.json", sidecar("a"));
  add("6.18.2-abc1234", "job-1/b.ktstr.json", sidecar("b"));
  add("6.18.2-def5678", "a.ktstr.json", "{ torn");
  const ProgramResult cold = list();
  EXPECT_EQ(cold.exit_code, 0);
  EXPECT_TRUE(fs::exists(index));
  const ProgramResult warm = list();
  EXPECT_EQ(warm.out, cold.out);
  EXPECT_EQ(warm.err, cold.err);
  EXPECT_NE(warm.err.find("not counted: 6.18.2-def5678/a.ktstr.json: line 1"), std::string::npos) << warm.err;

  const auto tests_in = [&](std::size_t row) {
    return parsed(list({"--json"})).at("runs").at(row).at("tests").as_int64();
  };
  add("6.18.2-abc1234", "c.ktstr.json", sidecar("c"));
  EXPECT_EQ(tests_in(0) + tests_in(1), 3) << "a new file";
  add("6.18.2-abc1234", "job-1/d.ktstr.json", sidecar("d"));
  EXPECT_EQ(tests_in(0) + tests_in(1), 4) << "a new file a level down";
  fs::remove(runs / "6.18.2-abc1234/a.ktstr.json");
  age(runs / "6.18.2-abc1234");
  EXPECT_EQ(tests_in(0) + tests_in(1), 3) << "a file less, the directory's time set back";
  const std::string name = (runs / "6.18.2-abc1234/c.ktstr.json").string();
  for (
      const auto& [what, script, tests] : std::vector<std::tuple<const char*, std::string, int>>{
          {"broken in place, at its size and time",
           "t=$(stat -c %y \"$0\"); printf X | dd of=\"$0\" conv=notrunc status=none; touch -d \"$t\" \"$0\"",
           2},
          {"mended in place",
           "t=$(stat -c %y \"$0\"); printf { | dd of=\"$0\" conv=notrunc status=none; touch -d \"$t\" \"$0\"",
           3}}) {
    const auto directory_time = fs::last_write_time(runs / "6.18.2-abc1234");
    ASSERT_EQ(
        run_program({{"sh", "-c", script, name}, {}, {}, false, {}, {}, std::chrono::seconds(20)}).exit_code,
        0);
    ASSERT_EQ(fs::last_write_time(runs / "6.18.2-abc1234"), directory_time) << "the directory does not tell";
    EXPECT_EQ(tests_in(0) + tests_in(1), tests) << what;
  }
  const ProgramResult before = list();
  for (const char* damage : {"", "no database"}) {
    project.write("target/ktstr/.index.sqlite", damage);
    EXPECT_EQ(list().out, before.out) << "the index was \"" << damage << "\"";
    EXPECT_EQ(list().out, before.out);
  }
  fs::remove_all(runs / "6.18.2-abc1234");
  EXPECT_EQ(parsed(list({"--json"})).at("runs").as_array().size(), 1U) << "a run less";
}

TEST_F(Pool, AComparisonThatLooksForSessionsForgetsNoRun) {
  project.two_commits();
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(runs)) age(entry.path());
  const auto remembered = [&] {
    const char* kQuery =
        "import sqlite3, sys; print(*sorted(r[0] for r in sqlite3.connect(sys.argv[1]).execute('SELECT key "
        "FROM runs')))";
    return run_program({.argv = {"python3", "-c", kQuery, index.string()}}).out;
  };
  list();
  const std::string both = remembered();
  EXPECT_EQ(std::count(both.begin(), both.end(), ' '), 1) << both;
  project.ktstr({"perf-delta", "--base", "HEAD~1"});  // leaves its report as a session
  project.ktstr({"perf-delta", "--base", "HEAD~1"});
  EXPECT_EQ(remembered(), both);
}

TEST_F(Pool, ACommitWrittenIntoASidecarInPlaceIsFound) {
  const auto compared = [&] {
    const ProgramResult delta = project.ktstr({"perf-delta", "--base", "HEAD~1"});
    EXPECT_EQ(delta.exit_code, 0) << delta.err;
    return (delta.out + delta.err).find("has no performance_mode sidecar") == std::string::npos;
  };
  const std::string base = project.git({"rev-parse", "--short=7", "HEAD"});
  project.commit("second");
  const std::string head = project.git({"rev-parse", "--short=7", "HEAD"});
  add("6.18.2-head", "a.ktstr.json", sidecar("a", head));
  add("6.18.2-base", "a.ktstr.json", sidecar("a", "0000000"));
  EXPECT_FALSE(compared());
  EXPECT_FALSE(compared()) << "from the index";
  std::ofstream(runs / "6.18.2-base/a.ktstr.json", std::ios::trunc) << sidecar("a", base);
  age(runs / "6.18.2-base/a.ktstr.json");
  EXPECT_TRUE(compared());
}

TEST_F(Pool, AnArchiveIsReadWithoutLeavingAnythingInIt) {
  add("6.18.2-abc1234", "a.ktstr.json", sidecar("a"));
  fs::rename(runs, project.tree / "archive");
  const std::string archive = (project.tree / "archive").string();
  EXPECT_EQ(parsed(list({"--dir", archive, "--json"})).at("runs").at(0).at("tests").as_int64(), 1);
  EXPECT_EQ(parsed(list({"--dir", archive, "--json"})).at("runs").at(0).at("tests").as_int64(), 1);
  EXPECT_FALSE(fs::exists(project.tree / "archive/.index.sqlite"));
  EXPECT_TRUE(fs::exists(project.tree / "cache/index"));
}

TEST_F(Pool, ABadFileIsNamedAndTheRestAnswered) {
  const std::string run = "6.18.2-abc1234";
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"deep", std::string(100'000, '[')},
      {"utf8", "{\"a\":\"\xff\xfe\"}"},
      {"nan", sidecar("nan", "abc1234", ",\"x\":NaN")},
      {"empty", ""},
      {"array", "[]"},
      {"null", "null"},
      {"no-test-name", "{}"},
      {"torn", sidecar("torn").substr(0, 60)},
      {"newer", sidecar("newer", "abc1234", ",\"schema_version\":99")}};
  for (const auto& [name, text] : bad) add(run, name + ".ktstr.json", text);
  add(run, "good.ktstr.json", sidecar("good"));
  add(run, "twice.ktstr.json", sidecar("twice", "abc1234", ",\"test_name\":\"twice-again\""));
  add(run, "huge-number.ktstr.json",
      sidecar("huge-number", "abc1234", ",\"x\":1e999,\"y\":123456789012345678901234567890"));
  add(run, "evil\n\x1b[31m\u202e.ktstr.json", "{");
  project.tree.write("secret", sidecar("secret"));
  fs::create_symlink(project.tree / "secret", runs / run / "link.ktstr.json");
  fs::create_directory_symlink(project.tree / "cache", runs / run / "link-dir");
  fs::create_symlink(runs / run, runs / "link-run");
  ::mkfifo((runs / run / "pipe.ktstr.json").c_str(), 0600);
  add(run, "sparse.ktstr.json", "{");
  fs::resize_file(runs / run / "sparse.ktstr.json", std::uintmax_t{2} << 30);
  fs::create_directories(runs / "closed-run");
  fs::permissions(runs / "closed-run", fs::perms::none);

  for (const char* state : {"cold", "warm"}) {
    const ProgramResult result = mortal({"stats", "list", "--json"});
    EXPECT_EQ(result.exit_code, 0) << state << result.err;
    const json::value rows = parsed(result).at("runs");
    const auto row = [&](std::string_view key) -> const json::value* {
      for (const json::value& each : rows.as_array()) {
        if (each.at("run").as_string() == key) return &each;
      }
      return nullptr;
    };
    ASSERT_NE(row(run), nullptr);
    EXPECT_EQ(row(run)->at("tests").as_int64(), 3) << "good, twice and huge-number" << state;
    EXPECT_EQ(row("link-run"), nullptr);
    for (const auto& [name, text] : bad) {
      EXPECT_NE(result.err.find("not counted: " + run + "/" + name + ".ktstr.json"), std::string::npos)
          << state << ": " << name << " in\n"
          << result.err;
    }
    EXPECT_NE(result.err.find("too deep"), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("sparse.ktstr.json is larger than 64 MiB"), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("evil\\x0a\\x1b[31m"), std::string::npos) << result.err;
    EXPECT_EQ(result.err.find('\x1b'), std::string::npos);
    EXPECT_EQ(result.err.find("secret"), std::string::npos);
    EXPECT_NE(result.err.find("not counted: store fs: cannot read the directory " +
                              (runs / "closed-run").string() + ": Permission denied"),
              std::string::npos)
        << result.err;
    ASSERT_NE(row("closed-run"), nullptr) << "a run that cannot be read is still there";
    EXPECT_EQ(row("closed-run")->at("tests").as_int64(), 0);
    EXPECT_EQ(static_cast<std::size_t>(std::count(result.err.begin(), result.err.end(), '\n')),
              bad.size() + 6)
        << "a line each\n"
        << result.err;
  }
  fs::permissions(runs / "closed-run", fs::perms::owner_all);
}

TEST_F(Pool, RunsThatCannotBeLookedAtComeLast) {
  add("b-run", "a.ktstr.json", sidecar("a"));
  add("a-run", "a.ktstr.json", sidecar("a"));
  project.write("target/ktstr/notes.txt", "");
  fs::permissions(runs, fs::perms::owner_read);
  const ProgramResult result = mortal({"stats", "list", "--json"});
  fs::permissions(runs, fs::perms::owner_all);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const json::value rows = parsed(result).at("runs");
  ASSERT_EQ(rows.as_array().size(), 2U) << result.out;
  EXPECT_EQ(rows.at(0).at("run").as_string(), "a-run");
  EXPECT_EQ(rows.at(1).at("tests").as_int64(), 0);
  EXPECT_NE(result.err.find("not counted: store fs: cannot read the run \"b-run\": Permission denied"),
            std::string::npos)
      << result.err;
}

TEST_F(Pool, FilesAndRunsThatChangeWhileTheyAreReadDoNoHarm) {
  for (int r = 0; r < 20; ++r) {
    for (int i = 0; i < 20; ++i)
      add("6.18." + std::to_string(r) + "-abc1234", "t" + std::to_string(i) + ".ktstr.json", sidecar("t"));
  }
  std::atomic<bool> stop{false};
  std::jthread vandal([&] {
    for (int i = 0; !stop; i = (i + 1) % 20) {
      const fs::path run = runs / ("6.18." + std::to_string(i) + "-abc1234");
      std::error_code ignored;
      fs::rename(run, runs / ".away", ignored);
      std::ofstream(runs / ".away/t3.ktstr.json") << sidecar("t").substr(0, 100);
      fs::remove(runs / ".away/t4.ktstr.json", ignored);
      fs::rename(runs / ".away", run, ignored);
      std::ofstream(run / "t3.ktstr.json") << sidecar("t");
      std::ofstream(run / "t4.ktstr.json") << sidecar("t");
    }
  });
  for (int i = 0; i < 20; ++i) {
    const ProgramResult result = list({"--json"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    // One run is away at any instant, but a walk sees many instants: any may be missing, none may be there
    // twice or be made up.
    std::set<std::string> seen;
    const json::value rows = parsed(result).at("runs");
    for (const json::value& row : rows.as_array()) {
      const std::string key(row.at("run").as_string());
      EXPECT_TRUE(key.starts_with("6.18.") && key.ends_with("-abc1234") && seen.insert(key).second) << key;
    }
    EXPECT_FALSE(seen.empty());
  }
  stop = true;
  vandal.join();
  const json::value rows = parsed(list({"--json"})).at("runs");
  ASSERT_EQ(rows.as_array().size(), 20U);
  for (const json::value& row : rows.as_array()) EXPECT_EQ(row.at("tests").as_int64(), 20) << row.at("run");
}

TEST_F(Pool, TheHistoryKeepsWhatARerunWouldClear) {
  project.write(
      "ktstr.json",
      R"({"project": "demo", "runner": "fake", "store": {"use": "fs", "options": {"history": {"keep": 3}}}})");
  for (int i = 0; i < 5; ++i) ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  EXPECT_EQ(parsed(list({"--json"})).at("runs").as_array().size(), 1U);
  const json::value all = parsed(list({"--history", "--json"})).at("runs");
  ASSERT_EQ(all.as_array().size(), 4U);
  EXPECT_TRUE(all.at(1).at("run").as_string().starts_with(".history/6.18.2-"));
  EXPECT_EQ(all.at(1).at("tests").as_int64(), 3);

  expect_error(project.ktstr({"runs", "prune"}), 2, {"--keep", "--older-than"});
  EXPECT_EQ(parsed(project.ktstr({"runs", "prune", "--keep", "1", "--dry-run", "--json"}))
                .at("entries")
                .as_array()
                .size(),
            2U);
  EXPECT_EQ(parsed(project.ktstr({"runs", "prune", "--keep", "1", "--older-than", "1", "--json"}))
                .at("entries")
                .as_array()
                .size(),
            0U)
      << "all are young";
  EXPECT_EQ(parsed(project.ktstr({"runs", "prune", "--keep", "1", "--json"})).at("entries").as_array().size(),
            2U);
  EXPECT_EQ(parsed(list({"--history", "--json"})).at("runs").as_array().size(), 2U);
  EXPECT_EQ(
      parsed(project.ktstr({"runs", "prune", "--older-than", "0", "--json"})).at("entries").as_array().size(),
      1U);
  EXPECT_FALSE(fs::exists(runs / ".history/6.18.2-abc1234"));
  EXPECT_EQ(parsed(list({"--json"})).at("runs").at(0).at("tests").as_int64(), 3) << "the run itself stays";
}

TEST_F(Pool, ASidecarThatCannotBeStoredEndsTheInvocationWithFour) {
  project.write("target/ktstr", "a file where the runs should be");
  const ProgramResult result = project.ktstr({"test"});
  EXPECT_EQ(result.exit_code, 4) << result.err;
  EXPECT_NE(result.err.find(runs.string()), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("Not a directory"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace ktstr::testing
