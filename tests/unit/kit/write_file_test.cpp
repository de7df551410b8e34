// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/write_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "framework/namespaces.hpp"
#include "framework/temp_tree.hpp"
#include "ktstr/kit/lock.hpp"
#include "ktstr/kit/read_file.hpp"

namespace ktstr::kit {
namespace {

namespace fs = std::filesystem;
using testing::TempTree;

std::size_t entries_in(const fs::path& directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), {}));
}

TEST(ReplaceFile, ReplacesWholeAndFollowsTheUmask) {
  const TempTree tree;
  for (const Sync sync : {Sync::kFile, Sync::kAndDirectory}) {
    ASSERT_TRUE(replace_file(tree / "f", "a long first text", sync));
    ASSERT_TRUE(replace_file(tree / "f", "short", sync));
    EXPECT_EQ(tree.read("f"), "short");
  }
  EXPECT_EQ(entries_in(tree.path()), 1U);
  const mode_t old = ::umask(027);
  ASSERT_TRUE(replace_file(tree / "g", "", Sync::kFile));
  ::umask(old);
  struct stat info {};
  ASSERT_EQ(::stat((tree / "g").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0640U);
}

TEST(ReplaceFile, TakesNamesAsLongAsTheFileSystemDoes) {
  const TempTree tree;
  const std::string longest(255, 'n');
  ASSERT_TRUE(replace_file(tree / longest, "x", Sync::kFile));
  EXPECT_EQ(tree.read(longest), "x");
}

TEST(ReplaceFile, FailsCleanly) {
  const TempTree tree;
  EXPECT_EQ(replace_file(tree / "no/f", "x", Sync::kFile).error().message(),
            "cannot write " + (tree / "no/f").string() + ": No such file or directory");
  tree.write("dir/inside", "x");
  EXPECT_EQ(replace_file(tree / "dir", "x", Sync::kFile).error().what, "cannot replace");
  EXPECT_EQ(entries_in(tree.path()), 1U);
}

TEST(ReplaceFile, AFileSizeLimitLeavesTheOldFile) {
  const TempTree tree;
  tree.write("f", "old");
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &small);
    const Done done = replace_file(tree / "f", std::string(5000, 'x'), Sync::kAndDirectory);
    ::_exit(!done && done.error().error == EFBIG && hint_for(EFBIG).find("ulimit -f") != std::string::npos
                ? 0
                : 1);
  }
  EXPECT_EQ(testing::exit_code_of(child), 0);
  EXPECT_EQ(tree.read("f"), "old");
  EXPECT_EQ(entries_in(tree.path()), 1U);
}

TEST(ReplaceFile, AReaderNeverSeesAPartWhileTheDirectoryIsSwept) {
  const TempTree tree;
  const std::string a(200'000, 'a'), b(100'000, 'b');
  ASSERT_TRUE(replace_file(tree / "f", a, Sync::kFile));
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(replace_file(tree / "f", i % 2 == 0 ? b : a, Sync::kFile));
    done = true;
  });
  do {
    sweep_temporaries(tree.path());
    const auto text = read_file(tree / "f", 1 << 20);
    EXPECT_TRUE(text && (*text == a || *text == b));
  } while (!done);
  writer.join();
}

TEST(SweepTemporaries, TakesTheDeadAndLeavesEverythingElse) {
  const TempTree tree;
  const std::string dead = ".0123456789abcdef.ktstr-tmp", living = ".0000000000000000.ktstr-tmp";
  tree.write(dead, "half");
  tree.write(living, "half");
  tree.write("f.ktstr-tmp", "a file of that name");
  tree.write(".directory.ktstr-tmp/inside", "");
  fs::create_symlink("f.ktstr-tmp", tree / ".link.ktstr-tmp");
  ASSERT_EQ(::mkfifo((tree / ".fifo.ktstr-tmp").c_str(), 0600), 0);
  const HeldLock writing = HeldLock::try_take(tree / living, O_RDWR);
  ASSERT_TRUE(writing);
  sweep_temporaries(tree.path());
  EXPECT_FALSE(tree.exists(dead));
  EXPECT_EQ(entries_in(tree.path()), 5U);
  sweep_temporaries(tree / "none");
}

}  // namespace
}  // namespace ktstr::kit
