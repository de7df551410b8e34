// SPDX-License-Identifier: Apache-2.0
//
// Runs from one place into another: whole, checked, once, and never over something else.
#include <gmock/gmock.h>

#include <fstream>

#include "project.hpp"

namespace ktstr::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class StoreCopy : public ::testing::Test {
 protected:
  std::string head() const { return "6.18.2-" + project.git({"rev-parse", "--short=7", "HEAD"}); }
  fs::path runs() const { return project.directory() / "target/ktstr"; }
  static std::map<std::string, std::string> files(const fs::path& directory) {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::directory_iterator(directory)) {
      std::ifstream file(entry.path(), std::ios::binary);
      if (entry.is_regular_file())
        all[entry.path().filename().string()] = std::string((std::istreambuf_iterator<char>(file)), {});
    }
    return all;
  }
  fs::path file_of(const fs::path& run, const std::string& test) const {
    for (const auto& entry : fs::directory_iterator(run)) {
      if (entry.path().filename().string().starts_with(test + "-")) return entry.path();
    }
    throw std::runtime_error("no " + test);
  }

  Project project;
};

TEST_F(StoreCopy, IsTheSameBytesAndGoesOnWhereItStopped) {
  project.two_commits();
  const ProgramResult copied = project.ktstr({"store", "copy", "fs", "./copies"});
  EXPECT_EQ(copied.exit_code, 0) << copied.err;
  EXPECT_THAT(copied.err,
              HasSubstr("8 files of 2 runs copied to " + (project.directory() / "copies").string()));
  EXPECT_EQ(files(project.directory() / "copies" / head()), files(runs() / head()));

  fs::remove(file_of(project.directory() / "copies" / head(), "alpha"));
  const json::value again = parsed(project.ktstr({"store", "copy", "fs", "./copies", "--json"}));
  EXPECT_EQ(again.at("runs").at(1).at("key"), json::value(head()));
  EXPECT_EQ(again.at("runs").at(1).at("copied"), json::value(1));
  EXPECT_EQ(again.at("runs").at(1).at("there"), json::value(3));
  EXPECT_EQ(again.at("runs").at(0).at("copied"), json::value(0));
  EXPECT_EQ(files(project.directory() / "copies" / head()), files(runs() / head()));
  EXPECT_EQ(project.ktstr({"perf-delta", "--base", "HEAD~1", "--fail-threshold", "1"}).exit_code, 1);
  EXPECT_EQ(project.ktstr({"--store", "./copies", "perf-delta", "--base", "HEAD~1", "--fail-threshold", "1"})
                .exit_code,
            1);
}

TEST_F(StoreCopy, TakesWhatAFilterSelects) {
  project.two_commits();
  EXPECT_EQ(project.ktstr({"store", "copy", "fs", "./copies", "-E", "=alpha"}).exit_code, 0);
  const auto copied = files(project.directory() / "copies" / head());
  ASSERT_EQ(copied.size(), 1U);
  EXPECT_THAT(copied.begin()->first, ::testing::StartsWith("alpha-"));
  expect_error(project.ktstr({"store", "copy", "fs", "./copies", "-E", "(("}), 2, {"-E"});
}

TEST_F(StoreCopy, OfNothingIsNoCopy) {
  expect_error(project.ktstr({"store", "copy", "fs", "./copies"}), 2, {"there is no run in"});
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  expect_error(project.ktstr({"store", "copy", "fs", "./copies", "-E", "=nobody"}), 2,
               {"-E '=nobody' selects no test"});
}

TEST_F(StoreCopy, NeverTakesThePlaceOfSomethingElse) {
  ASSERT_EQ(project.ktstr({"test"}).exit_code, 0);
  ASSERT_EQ(project.ktstr({"store", "copy", "fs", "./copies"}).exit_code, 0);
  const fs::path changed = file_of(project.directory() / "copies" / head(), "alpha");
  project.tree.write(fs::relative(changed, project.tree.path()).string(), "{}");
  const ProgramResult refused = project.ktstr({"store", "copy", "fs", "./copies"});
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err, HasSubstr("not copied: " + head() + "/" + changed.filename().string()));
  EXPECT_THAT(refused.err, HasSubstr("different bytes"));
  EXPECT_EQ(project.tree.read(fs::relative(changed, project.tree.path()).string()), "{}");
}

TEST_F(StoreCopy, SaysWhatIsWrong) {
  expect_error(project.ktstr({"store", "copy", "fs", "fs"}), 2, {"FROM and TO are one store"});
  expect_error(project.ktstr({"store", "copy", "sf", "./copies"}), 2,
               {"there is no store \"sf\"", "did you mean \"fs\""});
  expect_error(project.ktstr({"store", "copy", "gs://bucket", "./copies"}), 2, {"there is no store \"gs\""});
  expect_error(project.ktstr({"store", "copy", "fs", "/dev/null/x"}), 4, {"cannot write runs to"});
}

class RunsMerge : public StoreCopy {
 protected:
  /// One part of a matrix, as an artifact that was downloaded.
  void part(const std::string& name, const std::string& filter) const {
    EXPECT_EQ(project.ktstr({"test", "-E", filter}, {{"CARGO_TARGET_DIR", (project.tree / name).string()}})
                  .exit_code,
              0);
  }
  std::string dir(const std::string& name) const { return (project.tree / name / "ktstr").string(); }
};

TEST_F(RunsMerge, PutsPartsTogether) {
  part("one", "=alpha");
  part("two", "=beta");
  part("three", "=plain");
  const ProgramResult merged = project.ktstr({"runs", "merge", dir("one"), dir("two"), dir("three")});
  EXPECT_EQ(merged.exit_code, 0) << merged.err;
  const json::value shown = parsed(project.ktstr({"runs", "show", head(), "--json"}));
  EXPECT_EQ(shown.at("tests"), json::value(3));
  EXPECT_EQ(shown.at("unfinished"), json::value(false));
  EXPECT_THAT(project.ktstr({"runs", "merge", dir("one"), dir("two")}).err,
              HasSubstr("0 files of 1 run copied"));
}

TEST_F(RunsMerge, RefusesContradictionsBeforeAnythingIsWritten) {
  part("one", "=alpha");
  part("two", "=alpha or =beta");
  for (const auto& entry : fs::recursive_directory_iterator(dir("two"))) {  // measured at another moment
    if (entry.path().filename().string().starts_with("alpha-"))
      std::ofstream(entry.path(), std::ios::app) << "\n";
  }
  const ProgramResult refused = project.ktstr({"runs", "merge", dir("one"), dir("two")});
  EXPECT_EQ(refused.exit_code, 3) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("alpha-"));
  EXPECT_THAT(refused.err, HasSubstr(dir("one")));
  EXPECT_THAT(refused.err, HasSubstr(dir("two")));
  EXPECT_FALSE(fs::exists(runs() / head()));
}

TEST_F(RunsMerge, RefusesPartsOfDifferentFiles) {
  project.write("numbers.json", Project::kBad);
  part("one", "=alpha");
  project.write("numbers.json", R"({"worst_gap_ms": 1, "total_iterations": 1})");
  part("two", "=beta");
  const ProgramResult refused = project.ktstr({"runs", "merge", dir("one"), dir("two")});
  EXPECT_EQ(refused.exit_code, 3) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("were made from different files"));
  EXPECT_FALSE(fs::exists(runs() / (head() + "-dirty")));
}

TEST_F(RunsMerge, WantsFoldersOfRuns) {
  project.tree.directory("empty");
  expect_error(project.ktstr({"runs", "merge", (project.tree / "empty").string()}), 2,
               {"there is no run in"});
  expect_error(project.ktstr({"runs", "merge", "/nonexistent"}), 2, {"error: /nonexistent is no directory"});
}

class BaselineElsewhere : public StoreCopy {};

TEST_F(BaselineElsewhere, IsReadFromADirectoryOrAStore) {
  project.two_commits();
  ASSERT_EQ(project.ktstr({"store", "copy", "fs", "./copies"}).exit_code, 0);
  for (const auto& entry : fs::directory_iterator(runs())) {
    if (entry.path().filename().string().starts_with("6.18.2-") && entry.path().filename() != head())
      fs::remove_all(entry.path());
  }
  const Arguments delta{"perf-delta", "--base", "HEAD~1", "--fail-threshold", "1"};
  const auto with = [&](const Arguments& more) {
    Arguments all = delta;
    all.insert(all.end(), more.begin(), more.end());
    return project.ktstr(all);
  };
  EXPECT_EQ(with({}).exit_code, 0) << "there is no baseline";
  const ProgramResult required = with({"--require-baseline"});
  EXPECT_EQ(required.exit_code, 1);
  EXPECT_THAT(required.out, HasSubstr("--require-baseline wants one"));
  EXPECT_EQ(with({"--dir", "copies"}).exit_code, 1);
  EXPECT_EQ(with({"--baseline-store", "./copies"}).exit_code, 1);
  EXPECT_THAT(with({"--baseline-store", "./copies"}).out, HasSubstr("alpha"));
  EXPECT_EQ(with({"--baseline-store", "./copies", "--require-baseline"}).exit_code, 1);
  expect_error(with({"--dir", "copies", "--baseline-store", "./copies"}), 2, {"exclude each other"});
  expect_error(with({"--dir", "copies", "--noise-adjust", "3", "--kernel", "6.18"}), 2,
               {"both sides are run"});
}

}  // namespace
}  // namespace ktstr::testing
