// SPDX-License-Identifier: Apache-2.0
#include "support/file_sums.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <ktstr/kit/hash.hpp>
#include <thread>

#include "framework/temp_tree.hpp"

namespace ktstr {
namespace {

namespace fs = std::filesystem;

struct SumsOfFiles : ::testing::Test {
  testing::TempTree tree;
  fs::path file = tree / "image", memory = tree / "sums";
  FileSums sums{memory};

  void write(const std::string& text) { std::ofstream(file) << text; }
  void wait_until_old() { std::this_thread::sleep_for(std::chrono::milliseconds(3100)); }
  /// What is remembered of one file is changed, so that it shows whether it is read.
  void lie(const std::string& sum, bool sealed) {
    for (const auto& entry : fs::directory_iterator(memory)) {
      std::ofstream(entry.path()) << sum
                                  << kit::sha256_of((sealed ? entry.path().filename().string() : "") + sum);
    }
  }
  std::size_t remembered() const {
    return fs::exists(memory) ? static_cast<std::size_t>(std::distance(fs::directory_iterator(memory), {}))
                              : 0;
  }
};

TEST_F(SumsOfFiles, AreRememberedUntilTheFileChanges) {
  write("one");
  wait_until_old();
  EXPECT_EQ(*sums.of(file), kit::sha256_of("one"));
  ASSERT_EQ(remembered(), 1U);
  const std::string other(64, 'a');
  lie(other, true);
  EXPECT_EQ(*sums.of(file), other) << "it was not read again";
  for (const std::string& damaged : {std::string("half a sum"), other}) {
    lie(damaged, false);
    EXPECT_EQ(*sums.of(file), kit::sha256_of("one")) << "a memory that was damaged is none";
  }
  lie(other, true);
  struct stat before {};
  ::stat(file.c_str(), &before);
  write("two");
  const timespec times[] = {before.st_atim, before.st_mtim};  // as if nobody had written to it
  ::utimensat(AT_FDCWD, file.c_str(), times, 0);
  EXPECT_EQ(*sums.of(file), kit::sha256_of("two")) << "ctime tells";
}

TEST_F(SumsOfFiles, WhatChangedJustNowIsNotRemembered) {
  write("one");
  EXPECT_EQ(*sums.of(file), kit::sha256_of("one"));
  EXPECT_EQ(remembered(), 0U);
}

TEST_F(SumsOfFiles, WithoutAMemoryThereIsTheSum) {
  write("one");
  EXPECT_EQ(*FileSums().of(file), kit::sha256_of("one"));
  EXPECT_EQ(*FileSums("/proc/none").of(file), kit::sha256_of("one"));
  EXPECT_FALSE(sums.of(tree / "nothing"));
  EXPECT_FALSE(sums.of(tree / "."));
}

}  // namespace
}  // namespace ktstr
