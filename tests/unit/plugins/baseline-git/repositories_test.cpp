// SPDX-License-Identifier: Apache-2.0
//
// Repositories as people have them: formats that libgit2 does not know, work trees that are not whole, places
// that are not there.
#include "repository_fixture.hpp"

namespace ktstr::git {
namespace {

class Formats : public RepositoryTest {
 protected:
  /// Everything that is asked of a repository has its answer, and nothing is said about it.
  void expect_readable(const std::string& name = "p") {
    const Described clean = describe(name);
    EXPECT_EQ(clean.commit, git(name, {"rev-parse", "HEAD"}));
    EXPECT_STREQ(clean.branch, "main");
    EXPECT_EQ(clean.label, clean.commit.substr(0, 7));
    EXPECT_EQ(baseline.diff_command("", resolve("HEAD~1", name), clean.commit),
              "git diff " + resolve("HEAD~1", name).substr(0, 7) + " " + clean.label);
    EXPECT_EQ(clean.flags & KTSTR_TREE_DIRTY, 0U);
    EXPECT_EQ(resolve("HEAD~1", name), git(name, {"rev-parse", "HEAD~1"}));
    EXPECT_EQ(tree.read(checkout(resolve("HEAD~1", name), name) + "/src.txt"), "1\n");
    std::vector<std::string> summaries;
    const auto visit = [](void* to, const ktstr_commit* commit) noexcept -> ktstr_status {
      EXPECT_EQ(std::string(commit->label), std::string(commit->id).substr(0, 7));
      EXPECT_GT(commit->time_s, 0);
      static_cast<std::vector<std::string>*>(to)->emplace_back(commit->summary);
      return KTSTR_OK;
    };
    baseline.range((tree / name).string(), "HEAD~1", "main", sdk::CommitVisitor(visit, &summaries));
    EXPECT_EQ(summaries, (Arguments{"one", "two"}));
    tree.write(name + "/src.txt", "changed\n");
    tree.write(name + "/new.txt", "new\n");
    EXPECT_TRUE(dirty(name));
    const std::string copy = checkout("", name);
    EXPECT_EQ(tree.read(copy + "/src.txt"), "changed\n");
    EXPECT_EQ(tree.read(copy + "/new.txt"), "new\n");
    EXPECT_EQ(changed("HEAD~1", "HEAD", name), Arguments{"src.txt"});
    EXPECT_EQ(changed("HEAD", "", name), (Arguments{"new.txt", "src.txt"}));
    EXPECT_EQ(warned(), "");
  }
};

TEST_F(Formats, Plain) { expect_readable(); }

TEST_F(Formats, ExtensionsThatChangeNothingHere) {
  // Written by hand: the git that is here may not know all of them.
  const std::string extensions =
      "[extensions]\n\trelativeWorktrees = true\n\tpreciousObjects = true\n\tworktreeConfig = true\n";
  tree.write("p/.git/config",
             tree.read("p/.git/config") + "[core]\n\trepositoryFormatVersion = 1\n" + extensions);
  EXPECT_EQ(describe().commit, second);
  EXPECT_FALSE(dirty());
  EXPECT_EQ(tree.read(checkout(first) + "/src.txt"), "1\n");
  EXPECT_EQ(warned(), "");
}

TEST_F(Formats, SplitIndex) {
  git("p", {"config", "core.splitIndex", "true"});
  git("p", {"update-index", "--split-index"});
  expect_readable();
}

TEST_F(Formats, Sha256) {
  start("s", {"--object-format=sha256"});
  EXPECT_EQ(second.size(), 64U);
  expect_readable("s");
}

TEST_F(Formats, SparseIndex) {
  git("p", {"sparse-checkout", "set", "--cone", "--sparse-index"});
  EXPECT_FALSE(dirty());
  EXPECT_EQ(files(checkout(first)), (Arguments{"src.txt"})) << "as sparse as the work tree is";
  EXPECT_EQ(warned(), "");
}

TEST_F(Formats, LinkedWorktreeWhoseRepositoryRemembersAnotherPlace) {
  git("p", {"worktree", "add", "-q", "-b", "side", "../linked"});
  tree.write("p/.git/worktrees/linked/gitdir", "/elsewhere/linked/.git\n");
  EXPECT_EQ(describe("linked").commit, second);
  EXPECT_STREQ(describe("linked").branch, "side");
  tree.write("linked/src.txt", "changed\n");
  EXPECT_TRUE(dirty("linked"));
  EXPECT_EQ(tree.read(checkout("", "linked") + "/src.txt"), "changed\n");
  EXPECT_EQ(warned(), "");
}

TEST_F(Formats, LinkedWorktreeWithoutItsRepository) {
  git("p", {"worktree", "add", "-q", "-b", "side", "../linked"});
  fs::rename(tree / "p", tree / "moved");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(describe("linked").commit, "") << "no label, and no failure";
  EXPECT_TRUE(warned_of("which is not there")) << warned();
  EXPECT_EQ(warnings.size(), 1U) << "told once";
  EXPECT_THROW(resolve("HEAD", "linked"), sdk::Error);
}

TEST_F(Formats, ObjectsThatAreGoneCostTheDirtinessOnly) {
  git("p", {"clone", "-q", "--shared", ".", "../borrower"});
  tree.write("borrower/.git/objects/info/alternates", "/nowhere/objects\n");
  const Described out = describe("borrower");
  EXPECT_EQ(out.commit, second);
  EXPECT_EQ(out.flags & KTSTR_TREE_DIRTY, 0U);
  EXPECT_TRUE(warned_of("counts as clean")) << warned();
}

TEST_F(Formats, PartialCloneGetsWhatItLeftAtItsRemote) {
  git("p", {"config", "uploadpack.allowFilter", "true"});
  git("p", {"config", "uploadpack.allowAnySHA1InWant", "true"});
  git("p", {"clone", "-q", "--filter=blob:none", "file://" + (tree / "p").string(), "../partial"});
  EXPECT_EQ(describe("partial").commit, second);
  fs::rename(tree / "p", tree / "moved");
  EXPECT_FALSE(dirty("partial"));
  try {
    checkout(first, "partial");
    FAIL() << "there is no remote";
  } catch (const sdk::Error& error) {
    EXPECT_NE(error.hint().find("git fetch --refetch"), std::string::npos)
        << error.message() << "; " << error.hint();
  }
  fs::rename(tree / "moved", tree / "p");
  EXPECT_EQ(tree.read(checkout(first, "partial") + "/src.txt"), "1\n");
}

TEST_F(Formats, WorkTreeElsewhereIsRefused) {
  tree.write("secrets/key", "k");
  git("p", {"config", "core.worktree", (tree / "secrets").string()});
  EXPECT_EQ(describe().commit, "");
  EXPECT_TRUE(warned_of("core.worktree")) << warned();
  EXPECT_THROW(checkout(""), sdk::Error);
}

class Dirtiness : public RepositoryTest {};

TEST_F(Dirtiness, WhatASparseCheckoutLeavesOutIsNoChange) {
  git("p", {"sparse-checkout", "set", "--no-cone", "/src.txt"});
  ASSERT_FALSE(tree.exists("p/docs/a"));
  EXPECT_FALSE(dirty());
  tree.write("p/src.txt", "3\n");
  EXPECT_TRUE(dirty());
}

TEST_F(Dirtiness, SkippedFilesMayBeGone) {
  git("p", {"update-index", "--skip-worktree", "docs/a"});
  fs::remove(tree / "p/docs/a");
  EXPECT_FALSE(dirty());
  fs::remove(tree / "p/src.txt");
  EXPECT_TRUE(dirty()) << "this one is not skipped";
}

TEST_F(Dirtiness, LookingStartsNothingThatTheRepositoryNames) {
  const std::string trap = "touch " + (tree / "ran").string();
  git("p", {"config", "filter.trap.clean", trap + "; cat"});
  git("p", {"config", "filter.trap.required", "true"});
  tree.write("p/.gitattributes", "*.txt filter=trap\n");
  commit("p", "filtered");
  for (const char* hook : {"post-index-change", "fsmonitor-watchman", "post-checkout"}) {
    tree.write("p/.git/hooks/" + std::string(hook), "#!/bin/sh\n" + trap + "\n");
    tree.chmod("p/.git/hooks/" + std::string(hook), 0755);
  }
  git("p", {"config", "core.fsmonitor", trap + "; false"});
  fs::remove(tree / "ran");
  fs::last_write_time(tree / "p/src.txt", fs::file_time_type::clock::now() - std::chrono::hours(48));
  EXPECT_FALSE(dirty()) << "its bytes are those that are stored";
  tree.write("p/src.txt", "changed\n");
  EXPECT_TRUE(dirty());
  git("p", {"config", "core.splitIndex", "true"});
  git("p", {"update-index", "--split-index"});
  fs::remove(tree / "ran");
  tree.write("p/src.txt", "changed again\n");
  EXPECT_TRUE(dirty());
  EXPECT_EQ(resolve("HEAD~1"), second);
  EXPECT_FALSE(tree.exists("ran"));
}

}  // namespace
}  // namespace ktstr::git
