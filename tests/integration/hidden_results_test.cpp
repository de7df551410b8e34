// SPDX-License-Identifier: Apache-2.0
//
// Results that cannot be looked at are no missing ones: a comparison does not pass without them. And links
// that a cloned project brings lead nothing out of it.
#include <sys/stat.h>
#include <unistd.h>

#include "project.hpp"

namespace ktstr::testing {
namespace {

class HiddenResults : public ::testing::Test {
 protected:
  HiddenResults() { project.two_commits(Project::kGood); }
  ~HiddenResults() override { open_all(); }

  void open_all() const {
    const ProgramResult opened =
        run_program({{"chmod", "-R", "u+rwX", (project.directory() / "target").string()},
                     {},
                     {},
                     true,
                     {},
                     {},
                     std::chrono::seconds(20)});
    EXPECT_EQ(opened.exit_code, 0) << opened.err;
  }
  fs::path run_of(const char* commit) const {
    return runs / ("6.18.2-" + project.git({"rev-parse", "--short=7", commit}));
  }
  fs::path sidecar(const fs::path& run) const {
    for (const auto& entry : fs::directory_iterator(run)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("alpha") && name.ends_with(".ktstr.json")) return entry.path();
    }
    return run / "none";
  }
  /// Without what lets root read everything.
  ProgramResult delta(const Arguments& more = {}) const {
    Program program = project.program({"perf-delta", "--base", "HEAD~1"});
    program.argv.insert(program.argv.end(), more.begin(), more.end());
    const Arguments drop{"setpriv", "--bounding-set=-dac_override,-dac_read_search",
                         "--inh-caps=-dac_override,-dac_read_search"};
    if (::geteuid() == 0) program.argv.insert(program.argv.begin(), drop.begin(), drop.end());
    return run_program(program);
  }
  void expect_unreadable(const char* what, const std::string& why) const {
    const ProgramResult result = delta();
    EXPECT_EQ(result.exit_code, 5) << what << "\n" << result.out << result.err;
    EXPECT_NE(result.out.find("unreadable"), std::string::npos) << what << "\n" << result.out << result.err;
    const std::string all = result.out + result.err;
    EXPECT_NE(all.find(why), std::string::npos) << what << "\n" << all;
    const std::size_t first = result.err.find(why);
    if (first != std::string::npos) {
      EXPECT_EQ(result.err.find(why, first + 1), std::string::npos) << "told twice: " << result.err;
    }
  }
  void move_into_job(const fs::path& run, fs::perms mode) const {
    fs::create_directories(run / "job1");
    const fs::path file = sidecar(run);
    fs::rename(file, run / "job1" / file.filename());
    fs::permissions(run / "job1", mode);
  }

  Project project;
  const fs::path runs = project.directory() / "target/ktstr";
};

constexpr fs::perms kClosed = fs::perms::none, kOnlyNames = fs::perms::owner_read;

TEST_F(HiddenResults, AFolderOfARunThatCannotBeLookedInto) {
  ASSERT_EQ(delta().exit_code, 0) << "nothing is hidden yet";
  move_into_job(run_of("HEAD~1"), kClosed);
  expect_unreadable("the baseline's", "job1: Permission denied");
  open_all();
  move_into_job(run_of("HEAD"), kOnlyNames);
  expect_unreadable("HEAD's, by names only", "Permission denied");
  fs::permissions(run_of("HEAD~1") / "job1", kClosed);
  expect_unreadable("of both sides", "Permission denied");
  const ProgramResult listed = project.ktstr({"stats", "list"});
  EXPECT_EQ(listed.exit_code, 0) << listed.err;
}

TEST_F(HiddenResults, ARunDirectoryOfNamesOnlyOrALink) {
  fs::permissions(run_of("HEAD~1"), kOnlyNames);
  expect_unreadable("names only", "Permission denied");
  open_all();
  const fs::path run = run_of("HEAD"), elsewhere = project.tree / "elsewhere";
  fs::rename(run, elsewhere);
  fs::create_directory_symlink(elsewhere, run);
  expect_unreadable("a link", "it is a symbolic link");
}

TEST_F(HiddenResults, ASidecarThatIsNoFile) {
  const fs::path file = sidecar(run_of("HEAD~1")), elsewhere = project.tree / "elsewhere.json";
  fs::rename(file, elsewhere);
  fs::create_symlink(elsewhere, file);
  expect_unreadable("a link", "it is a symbolic link");
  fs::remove(file);
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  expect_unreadable("a pipe", "not a regular file");
  fs::remove(file);
  fs::create_directory(file);
  expect_unreadable("a directory", "not a regular file");
}

TEST_F(HiddenResults, RunsRootThatIsNoDirectory) {
  fs::remove_all(runs);
  project.write("target/ktstr", "a file");
  for (const Arguments& command :
       {Arguments{"perf-delta", "--base", "HEAD~1"}, Arguments{"stats", "list"}, Arguments{"runs", "list"}}) {
    const ProgramResult result = project.ktstr(command);
    EXPECT_NE(result.exit_code, 0) << result.out << result.err;
    EXPECT_NE(result.err.find(runs.string() + ": Not a directory"), std::string::npos) << result.err;
  }
  fs::remove_all(project.directory() / "target");
  project.write(".gitignore", "/target\n");
  fs::create_directory_symlink(project.tree / "unplugged", project.directory() / "target");
  const ProgramResult dangling = project.ktstr({"perf-delta", "--base", "HEAD~1"});
  EXPECT_NE(dangling.exit_code, 0);
  EXPECT_NE(dangling.err.find("target is a link that leads nowhere"), std::string::npos) << dangling.err;
  fs::remove(project.directory() / "target");
  fs::create_directories(runs);
}

class ClonedLinks : public ::testing::Test {
 protected:
  ClonedLinks() { fs::create_directories(outside); }
  void expect_nothing_outside(const char* what) const { EXPECT_TRUE(fs::is_empty(outside)) << what; }
  Project project;
  const fs::path outside = project.tree / "outside";
};

TEST_F(ClonedLinks, ATrackedTargetLeadsNoResultsOut) {
  project.write(".gitignore", "/built.txt\n");
  fs::create_directory_symlink("../outside", project.directory() / "target");
  project.commit("a link");
  for (const Arguments& command :
       {Arguments{"test"}, Arguments{"perf-delta", "--base", "HEAD"}, Arguments{"stats", "list"}})
    expect_error(project.ktstr(command), 2,
                 {"target is a link out of the project (to ../outside), and the repository brought it",
                  "CARGO_TARGET_DIR"});
  expect_nothing_outside("a tracked link");
  EXPECT_EQ(project.ktstr({"test"}, {{"CARGO_TARGET_DIR", outside.string()}}).exit_code, 0)
      << "the user says so";
}

TEST_F(ClonedLinks, ALinkThatGitDoesNotTrackIsTheUsers) {
  project.write(".gitignore", "/target\n/built.txt\n");
  project.commit("ignore");
  fs::create_directory_symlink(outside, project.directory() / "target");
  EXPECT_EQ(project.ktstr({"test"}).exit_code, 0);
  EXPECT_TRUE(fs::exists(outside / "ktstr"));
  fs::rename(project.directory() / ".git", project.tree / "git");
  const Variables alone{{"GIT_CEILING_DIRECTORIES", project.tree.path().string()}};
  expect_error(project.ktstr({"test"}, alone), 2, {"git cannot tell whether you made it"});
}

TEST_F(ClonedLinks, TrackedLinksBelowTheRunsRootAreNotFollowed) {
  for (const char* place : {".sessions", ".locks"}) {
    fs::remove_all(project.directory() / "target");
    fs::create_directories(project.directory() / "target/ktstr");
    fs::create_directory_symlink(outside, project.directory() / "target/ktstr" / place);
    project.git({"add", "-A", "-f"});
    project.git({"commit", "-q", "-m", place});
    const Arguments command =
        place == std::string(".locks")
            ? Arguments{"test"}
            : Arguments{"perf-delta", "--base", "HEAD~1", "--noise-adjust", "2", "--kernel", "6.18"};
    const ProgramResult result = project.ktstr(command);
    EXPECT_NE(result.exit_code, 0);
    EXPECT_NE(result.err.find(std::string(place) + " is a symbolic link"), std::string::npos) << result.err;
    expect_nothing_outside(place);
  }
}

TEST_F(ClonedLinks, TestsAndKernelStayInside) {
  fs::copy_file(project.directory() / "tests/all.json", outside / "all.json");
  fs::create_directory_symlink(outside, project.directory() / "in");
  project.write("ktstr.json", R"({"runner": "fake", "tests": ["in/*.json"]})");
  expect_error(project.ktstr({"test"}), 2, {"tests", "in/all.json", "lies outside of the project"});
  const std::string image = (project.tree / "bzImage").string();
  for (const std::string& kernel : {std::string("../bzImage"), image}) {
    project.write("ktstr.json", R"({"runner": "fake", "kernel": ")" + kernel + "\"}");
    expect_error(project.ktstr({"test"}), 2,
                 {"kernel: \"" + kernel + "\" must stay inside the project", "--kernel " + kernel});
  }
  fs::create_symlink(image, project.directory() / "linked");
  project.write("ktstr.json", R"({"runner": "fake", "kernel": "./linked"})");
  expect_error(project.ktstr({"test"}), 2, {"kernel", "lies outside of the project"});
  fs::remove(project.directory() / "linked");
  fs::copy_file(image, project.directory() / "linked");
  EXPECT_EQ(project.ktstr({"test"}).exit_code, 0) << "an image of its own";
  EXPECT_EQ(project.ktstr({"test", "--kernel", "../bzImage"}).exit_code, 0) << "the user may name any";
}

}  // namespace
}  // namespace ktstr::testing
