// SPDX-License-Identifier: Apache-2.0
//
// What a store refuses is kept, told and pushed later: the same bytes, once, to the store that it was made
// for, and never over newer results.
#include <gmock/gmock.h>

#include <csignal>
#include <thread>

#include "slow_store.hpp"

namespace ktstr::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Spool : public ::testing::Test {
 protected:
  /// A run of which alpha's sidecar was refused, and so the manifest that says how alpha ended was kept too.
  ProgramResult refuse(const Arguments& command = {"test"}) const {
    project.tell(".refuse", "alpha- 1");
    ProgramResult result = project.ktstr(command);
    EXPECT_EQ(result.exit_code, 4) << result.out << result.err;
    return result;
  }
  ProgramResult push(const Arguments& more = {}) const {
    Arguments command{"runs", "push"};
    command.insert(command.end(), more.begin(), more.end());
    return project.ktstr(command);
  }
  static std::vector<fs::path> children(const fs::path& directory) {
    std::vector<fs::path> found;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(directory, none)) found.push_back(entry.path());
    return found;
  }
  std::vector<fs::path> waiting() const { return children(project.runs() / ".spool"); }
  /// Of the only run.
  fs::path run() const {
    for (const fs::path& path : children(project.runs())) {
      if (path.filename().string().front() != '.' && fs::is_directory(path)) return path;
    }
    throw std::runtime_error("there is no run");
  }
  std::vector<fs::path> stored(const std::string& part) const {
    std::vector<fs::path> found;
    for (const fs::path& path : children(run())) {
      if (path.filename().string().find(part) != std::string::npos) found.push_back(path);
    }
    return found;
  }
  std::string outcome_of_alpha() const {
    const ProgramResult show = project.ktstr({"runs", "show", run().filename().string(), "--json"});
    const json::value shown = parsed(show);
    EXPECT_TRUE(shown.at("manifest").is_object()) << show.out << show.err;
    for (const json::value& test : shown.at("manifest").at("tests").as_array()) {
      if (test.at("test") == "alpha") return std::string(test.at("outcome").as_string());
    }
    return "none";
  }
  /// A push that waits inside the store until `.hang` is gone.
  std::unique_ptr<RunningProgram> hanging_push() const {
    project.tell(".hang", "alpha-");
    auto push = std::make_unique<RunningProgram>(project.program({"runs", "push"}));
    for (int i = 0; i < 3000 && !fs::exists(project.runs() / ".hanging"); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(fs::exists(project.runs() / ".hanging"));
    return push;
  }

  const FolderProject project;
};

TEST_F(Spool, KeepsWhatWasRefusedAndPushesTheSameBytes) {
  const ProgramResult refused = refuse();
  ASSERT_EQ(waiting().size(), 1U);
  const std::string entry = waiting().front().string();
  EXPECT_THAT(refused.err,
              HasSubstr("not stored: 2 files of " + run().filename().string() + ", kept in " + entry));
  EXPECT_THAT(refused.err, HasSubstr("was refused (once the store takes them: ktstr runs push)"));
  EXPECT_TRUE(stored("alpha-").empty());
  EXPECT_EQ(stored("beta-").size(), 1U) << "the other tests go on";
  EXPECT_EQ(outcome_of_alpha(), "error");
  EXPECT_THAT(project.ktstr({"runs", "list"}).err, HasSubstr("results of 1 invocation wait"));

  const std::string kept = project.tree.read(entry + "/0");
  const ProgramResult dry = push({"--dry-run"});
  EXPECT_EQ(dry.exit_code, 0) << dry.err;
  EXPECT_THAT(dry.err, HasSubstr("would push 2 files"));
  EXPECT_TRUE(stored("alpha-").empty());

  const ProgramResult pushed = push();
  EXPECT_EQ(pushed.exit_code, 0) << pushed.err;
  EXPECT_THAT(pushed.err, HasSubstr("pushed 2 files"));
  ASSERT_EQ(stored("alpha-").size(), 1U);
  EXPECT_EQ(project.tree.read(stored("alpha-").front().string()), kept);
  EXPECT_EQ(outcome_of_alpha(), "passed");
  EXPECT_TRUE(waiting().empty());
  EXPECT_THAT(push().err, HasSubstr("nothing waits to be pushed"));
}

TEST_F(Spool, KeepsWhatTheStoreRefusesAgain) {
  refuse();
  project.tell(".refuse", "alpha- 1");
  const ProgramResult failed = push();
  EXPECT_EQ(failed.exit_code, 4) << failed.err;
  EXPECT_THAT(failed.err, HasSubstr("not pushed: "));
  EXPECT_EQ(waiting().size(), 1U);
  EXPECT_EQ(push().exit_code, 0);
}

TEST_F(Spool, SurvivesAPushThatIsKilled) {
  refuse();
  const auto killed = hanging_push();
  killed->send(SIGKILL);
  killed->wait();
  EXPECT_EQ(waiting().size(), 1U);
  fs::remove(project.runs() / ".hang");
  EXPECT_EQ(push().exit_code, 0);
  EXPECT_EQ(stored("alpha-").size(), 1U);
  EXPECT_TRUE(waiting().empty());
}

TEST_F(Spool, IsPushedByOneOfTwo) {
  refuse();
  const auto first = hanging_push();
  const ProgramResult second = push();
  EXPECT_EQ(second.exit_code, 3) << second.err;
  EXPECT_THAT(second.err, HasSubstr("is being written or pushed by somebody else, pid "));
  fs::remove(project.runs() / ".hang");
  EXPECT_EQ(first->wait().exit_code, 0);
  EXPECT_EQ(stored("alpha-").size(), 1U);
  EXPECT_TRUE(waiting().empty());
}

TEST_F(Spool, TellsOfWhatIsDamaged) {
  refuse();
  const fs::path entry = waiting().front();
  const std::string kept = project.tree.read((entry / "0").string());
  project.tree.write((entry / "0").string(), kept.substr(0, kept.size() / 2));
  ProgramResult torn = push();
  EXPECT_EQ(torn.exit_code, 3) << torn.err;
  EXPECT_THAT(torn.err, HasSubstr((entry / "0").string() + " is not what was kept of alpha-"));
  EXPECT_THAT(torn.err, HasSubstr("to give these results up: rm -r " + entry.string()));
  fs::remove(entry / "0");
  EXPECT_EQ(push().exit_code, 3);
  fs::resize_file(entry / "spool.json", 100);
  torn = push();
  EXPECT_EQ(torn.exit_code, 3) << torn.err;
  EXPECT_THAT(torn.err, HasSubstr("spool.json: line "));
  EXPECT_TRUE(stored("alpha-").empty());
  EXPECT_TRUE(fs::exists(entry));
}

TEST_F(Spool, IsNotPushedToAnotherStore) {
  refuse();
  project.use("folder", 0, "second");
  const ProgramResult other = push();
  EXPECT_EQ(other.exit_code, 3) << other.err;
  EXPECT_THAT(other.err,
              HasSubstr("was kept for another store, folder (test.ktstr.fixture-folder, options "));
  EXPECT_TRUE(stored("alpha-").empty());
  project.use("folder", 0, "first");
  EXPECT_EQ(push().exit_code, 0);
}

TEST_F(Spool, DoesNotTakeThePlaceOfNewerResults) {
  refuse();
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // manifests tell seconds
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  const std::string newer = project.tree.read(stored("alpha-").front().string());
  const ProgramResult older = push();
  EXPECT_EQ(older.exit_code, 3) << older.err;
  EXPECT_THAT(older.err, HasSubstr("has results of a later invocation"));
  EXPECT_EQ(project.tree.read(stored("alpha-").front().string()), newer);
  EXPECT_EQ(waiting().size(), 1U);
}

TEST_F(Spool, GoesBesideNewerResultsOfOtherTests) {
  refuse({"test", "alpha"});
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  ASSERT_EQ(project.ktstr({"test", "beta"}).exit_code, 0);
  const ProgramResult pushed = push();
  EXPECT_EQ(pushed.exit_code, 0) << pushed.err;
  EXPECT_EQ(stored("alpha-").size(), 1U);
  EXPECT_EQ(stored("beta-").size(), 1U);
}

TEST_F(Spool, LiesInTheCacheWhereTheRunsRootHasALink) {
  fs::create_directories(project.runs());
  fs::create_directory_symlink("/nonexistent", project.runs() / ".spool");
  const ProgramResult refused = refuse();
  EXPECT_THAT(refused.err, HasSubstr("kept in " + (project.tree / "cache/spool").string()));
  EXPECT_EQ(push().exit_code, 0);
  EXPECT_EQ(stored("alpha-").size(), 1U);
}

TEST_F(Spool, IsSweptOfWhatKilledWritersLeft) {
  project.tell(".spool/.making-0123456789abcdef/0", "half");
  EXPECT_THAT(push({"--dry-run"}).err, HasSubstr("nothing waits"));
  EXPECT_EQ(waiting().size(), 1U) << "a dry run removes nothing";
  EXPECT_THAT(push().err, HasSubstr("nothing waits"));
  EXPECT_TRUE(waiting().empty());
}

TEST_F(Spool, KeepsPassesOfASessionToo) {
  project.commit("second");
  const Arguments measure{"perf-delta", "--base", "HEAD~1", "--noise-adjust", "3", "--kernel", "6.18"};
  const ProgramResult refused = refuse(measure);
  EXPECT_THAT(refused.err, HasSubstr("1 file of .sessions/"));
  const ProgramResult pushed = push();
  EXPECT_EQ(pushed.exit_code, 0) << pushed.err;
  Arguments resume = measure;
  resume.push_back("--resume");
  const ProgramResult resumed = project.ktstr(resume);
  EXPECT_NE(resumed.exit_code, 4) << resumed.err;
  EXPECT_THAT(resumed.err, HasSubstr("taken from before"));
}

}  // namespace
}  // namespace ktstr::testing
