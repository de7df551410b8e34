// SPDX-License-Identifier: Apache-2.0
//
// A commit's files: what git would check out, whole, and told about when they are not.
#include "repository_fixture.hpp"

namespace ktstr::git {
namespace {

class CommitCheckout : public RepositoryTest {
 protected:
  /// A library in a repository of its own, as a submodule of "p". Its first commit says 1.
  void add_submodule() {
    tree.directory("lib");
    git("lib", {"init", "-q", "-b", "main"});
    tree.write("lib/helper.h", "1\n");
    commit("lib", "one");
    git("p", {"submodule", "--quiet", "add", (tree / "lib").string(), "vendor/lib"});
    with_library_ = commit("p", "with a library");
    tree.write("p/vendor/lib/helper.h", "2\n");
    commit("p/vendor/lib", "two");
    newer_library_ = commit("p", "newer library");
  }
  std::string with_library_, newer_library_;
};

TEST_F(CommitCheckout, ModesAndLinks) {
  tree.write("p/run.sh", "#!/bin/sh\n");
  tree.chmod("p/run.sh", 0755);
  fs::create_symlink("docs/a", tree / "p/link");
  const std::string out = checkout(commit("p", "modes"));
  EXPECT_EQ(files(out), (Arguments{"docs/a", "link", "run.sh", "src.txt"}));
  EXPECT_EQ(fs::read_symlink(tree / out / "link"), "docs/a");
  EXPECT_NE(fs::status(tree / out / "run.sh").permissions() & fs::perms::owner_exec, fs::perms::none);
}

TEST_F(CommitCheckout, SubmodulesAreAtTheRecordedCommit) {
  add_submodule();
  EXPECT_EQ(tree.read(checkout(with_library_) + "/vendor/lib/helper.h"), "1\n");
  EXPECT_EQ(tree.read(checkout(newer_library_) + "/vendor/lib/helper.h"), "2\n");
  EXPECT_EQ(warned(), "");
}

TEST_F(CommitCheckout, ChangesOfSubmodulesAreChanges) {
  add_submodule();
  EXPECT_EQ(changed(with_library_, newer_library_), Arguments{"vendor/lib"});
  EXPECT_EQ(changed(newer_library_, ""), Arguments{});
  tree.write("p/vendor/lib/helper.h", "3\n");
  EXPECT_EQ(changed(newer_library_, ""), Arguments{"vendor/lib"});
  commit("p/vendor/lib", "three");
  EXPECT_EQ(changed(newer_library_, ""), Arguments{"vendor/lib"}) << "at a commit that HEAD does not name";
}

TEST_F(CommitCheckout, SubmodulesThatAreNotThereAreNamed) {
  add_submodule();
  git("p", {"clone", "-q", ".", "../plain"});
  const std::string out = checkout(with_library_, "plain");
  EXPECT_TRUE(fs::is_empty(tree / out / "vendor/lib"));
  checkout(newer_library_, "plain");
  ASSERT_EQ(warnings.size(), 1U) << warned();
  EXPECT_TRUE(warned_of("vendor/lib: it is not initialised")) << warned();
}

TEST_F(CommitCheckout, ANameThatLeadsElsewhereIsNoSubmodule) {
  add_submodule();
  tree.write("p/.gitmodules", "[submodule \"../../../lib/.git\"]\n\tpath = vendor/lib\n\turl = x\n");
  const std::string trick = commit("p", "trick");
  fs::remove_all(tree / "p/vendor/lib");
  EXPECT_TRUE(fs::is_empty(tree / checkout(trick) / "vendor/lib"));
}

TEST_F(CommitCheckout, FiltersRunAsGitRunsThem) {
  git("p", {"config", "filter.up.clean", "tr A-Z a-z"});
  git("p", {"config", "filter.up.smudge", "tr a-z A-Z"});
  tree.write("p/.gitattributes", "*.bin filter=up\n");
  tree.write("p/data.bin", "HELLO\n");
  const std::string filtered = commit("p", "filtered");
  const std::string index = tree.read("p/.git/index");
  const std::string out = checkout(filtered);
  EXPECT_EQ(tree.read(out + "/data.bin"), "HELLO\n");
  EXPECT_EQ(files(out), (Arguments{".gitattributes", "data.bin", "docs/a", "src.txt"})) << "no trace of git";
  EXPECT_EQ(tree.read("p/.git/index"), index);
  EXPECT_EQ(warned(), "");
}

TEST_F(CommitCheckout, FiltersThatAreNotSetUpAreNamed) {
  tree.write("p/.gitattributes", "*.bin filter=lfs\n");
  for (const char* name : {"p/a.bin", "p/b.bin"})
    tree.write(name, "version https://git-lfs.github.com/spec/v1\n");
  checkout(commit("p", "pointers"));
  EXPECT_TRUE(warned_of("a.bin and 1 more as git stores them: the filter lfs is not set up")) << warned();
}

TEST_F(CommitCheckout, ABrokenFilterIsAnErrorWithItsReason) {
  tree.write("p/.gitattributes", "*.bin filter=bad\n");
  tree.write("p/data.bin", "HELLO\n");
  const std::string filtered = commit("p", "filtered");
  git("p", {"config", "filter.bad.smudge", "false"});
  git("p", {"config", "filter.bad.required", "true"});
  try {
    checkout(filtered);
    FAIL();
  } catch (const sdk::Error& error) {
    EXPECT_NE(error.message().find("data.bin"), std::string::npos) << error.message();
    EXPECT_NE(error.hint().find("filter"), std::string::npos) << error.hint();
  }
}

TEST_F(CommitCheckout, LineEndingsAreThoseThatGitWrites) {
  tree.write("p/.gitattributes", "*.bat text eol=crlf\n");
  tree.write("p/run.bat", "x\r\n");
  EXPECT_EQ(tree.read(checkout(commit("p", "dos")) + "/run.bat"), "x\r\n");
}

TEST_F(CommitCheckout, TheEnvironmentOfAHookLeadsNowhere) {
  tree.write("p/.gitattributes", "*.txt filter=none\n");
  const std::string filtered = commit("p", "filtered");
  for (const char* name : {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"}) ::setenv(name, "/nowhere", 1);
  EXPECT_EQ(describe().commit, filtered);
  EXPECT_EQ(tree.read(checkout(filtered) + "/src.txt"), "2\n");
  for (const char* name : {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"}) ::unsetenv(name);
}

}  // namespace
}  // namespace ktstr::git
