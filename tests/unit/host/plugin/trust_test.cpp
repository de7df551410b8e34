// SPDX-License-Identifier: Apache-2.0
#include "plugin/trust.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <ktstr/kit/hash.hpp>

#include "framework/temp_tree.hpp"
#include "support/files.hpp"

namespace ktstr {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Trust : public ::testing::Test {
 protected:
  Trust() {
    file = tree.write("a/b/plugin.so", "code");
    for (const char* directory : {"a", "a/b"}) tree.chmod(directory, 0755);
    tree.chmod("a/b/plugin.so", 0644);
  }
  std::string problem(const std::vector<std::string>& trusted = {}) const {
    const auto opened = TrustedLibrary::open(file, trusted);
    hint = opened ? "" : opened.error().hint;
    return opened ? "" : opened.error().message;
  }
  testing::TempTree tree;
  fs::path file;
  mutable std::string hint;
};

TEST_F(Trust, AcceptsOnesOwnFiles) { EXPECT_EQ(problem(), ""); }

TEST_F(Trust, RefusesAFileThatOthersCanWrite) {
  for (const ::mode_t mode : {0664, 0646, 0666}) {
    tree.chmod("a/b/plugin.so", mode);
    EXPECT_THAT(problem(), HasSubstr("can be written by others (mode 06"));
    EXPECT_EQ(hint, "chmod go-w " + file.string());
  }
}

TEST_F(Trust, RefusesADirectoryAboveThatOthersCanWrite) {
  for (const char* directory : {"a/b", "a"}) {
    tree.chmod(directory, 0777);
    EXPECT_THAT(problem(), HasSubstr("lies in " + (tree / directory).string() +
                                     ", which can be written by others (mode 0777)"));
    EXPECT_EQ(hint, "chmod go-w " + (tree / directory).string());
    tree.chmod(directory, 0775);
    EXPECT_NE(problem(), "");
    tree.chmod(directory, 01777);  // as /tmp: nobody else can replace what is ours
    EXPECT_EQ(problem(), "");
    tree.chmod(directory, 0755);
  }
}

TEST_F(Trust, RefusesLinks) {
  fs::rename(file, tree / "elsewhere.so");
  fs::create_symlink(tree / "elsewhere.so", file);
  EXPECT_THAT(problem(), HasSubstr("is a symbolic link"));
  fs::create_directory_symlink(tree / "a", tree / "link");
  file = tree / "link/b/plugin.so";
  fs::remove(tree / "a/b/plugin.so");
  fs::rename(tree / "elsewhere.so", tree / "a/b/plugin.so");
  EXPECT_THAT(problem(), HasSubstr("link, which is a symbolic link"));
}

TEST_F(Trust, RefusesWhatIsNoFile) {
  file = tree / "a/b";
  EXPECT_THAT(problem(), HasSubstr("is not a regular file"));
  file = tree / "none\x1b";
  EXPECT_THAT(problem(), HasSubstr("none\\x1b cannot be looked at: No such file"));
}

TEST_F(Trust, RefusesForeignOwners) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  ASSERT_EQ(::chown(file.c_str(), 12345, 0), 0);
  EXPECT_THAT(problem(), HasSubstr("belongs to user 12345, neither root nor you"));
  ASSERT_EQ(::chown(file.c_str(), 0, 0), 0);
  ASSERT_EQ(::chown((tree / "a").c_str(), 12345, 0), 0);
  EXPECT_THAT(problem(), HasSubstr("/a, which belongs to user 12345"));
}

TEST_F(Trust, AHashReplacesOwnershipForExactlyThatFile) {
  tree.chmod("a/b/plugin.so", 0666);
  const std::string sum = *sha256_of_file(file);
  EXPECT_EQ(problem({std::string(64, '0'), sum}), "");
  EXPECT_NE(problem({std::string(64, '0')}), "");
  tree.write("a/b/plugin.so", "changed");
  EXPECT_NE(problem({sum}), "");
  fs::rename(file, tree / "real.so");
  fs::create_symlink(tree / "real.so", file);
  EXPECT_NE(problem({*sha256_of_file(file)}), "");  // a link is none of it
}

TEST_F(Trust, WhatAHashAllowsIsWhatIsLoaded) {
  tree.chmod("a/b/plugin.so", 0666);
  const auto opened = TrustedLibrary::open(file, {kit::sha256_of("code")});
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_NE(opened->path(), file.string()) << "a copy";
  tree.write("a/b/plugin.so", "evil");  // between the check and the loading
  EXPECT_EQ(*read_file(opened->path(), 100), "code");
  EXPECT_FALSE(write_output(opened->path(), "evil"));
  EXPECT_EQ(*read_file(opened->path(), 100), "code");
  tree.chmod("a/b/plugin.so", 0644);
  EXPECT_EQ(TrustedLibrary::open(file, {kit::sha256_of("code")})->path(),
            file.string());  // ours anyway: no copy
}

TEST_F(Trust, ABytesHashCountsAndNotTheFilesOfNow) {
  tree.chmod("a/b/plugin.so", 0666);
  const std::string sum = kit::sha256_of("what was read");
  EXPECT_TRUE(check_trust(file, sum, {sum}));
  EXPECT_FALSE(check_trust(file, sum, {kit::sha256_of("code")}));
  EXPECT_FALSE(check_trust(file, "", {""}));
}

}  // namespace
}  // namespace ktstr
