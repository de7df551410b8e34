// SPDX-License-Identifier: Apache-2.0
#include "farm_directory.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "framework/temp_tree.hpp"

namespace ktstr::slurm {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::StartsWith;

TEST(FarmDirectory, AttemptsAreNamesOfTasks) {
  const Attempts found = attempts_of({"0.0", "2.10", "2.9", "3.0", "x.0", "1", "01.0", "1.", ".1", "-1.0",
                                      "1.-1", "2.9.json", "99999999999.0"},
                                     3);
  EXPECT_THAT(found, ElementsAre(Pair(0U, ElementsAre(0U)), Pair(2U, ElementsAre(9U, 10U))));
}

TEST(FarmDirectory, HasATaskAndGoesWithItsOwner) {
  const testing::TempTree tree;
  const fs::path shared = tree.path() / "deep/shared";
  fs::path place;
  {
    const FarmDirectory directory = FarmDirectory::make(shared, {{"runner", "kvm"}});
    place = directory.path();
    EXPECT_THAT(directory.job_name(), StartsWith("ktstr-farm-"));
    EXPECT_TRUE(fs::is_regular_file(place / "task.json"));
    fs::create_directory(directory.attempt(4, 1));
    EXPECT_THAT(directory.attempts(5), ElementsAre(Pair(4U, ElementsAre(1U))));
    std::ofstream(place / "log/4") << "it printed this\n";
    EXPECT_EQ(directory.log_of(4), "it printed this\n");
    EXPECT_EQ(directory.log_of(3), "");
  }
  EXPECT_FALSE(fs::exists(place));
  EXPECT_TRUE(fs::is_empty(shared));
}

TEST(FarmDirectory, OnlyWhatHasNoOwnerIsSweptAndItsJobCancelled) {
  const testing::TempTree tree;
  const FarmDirectory owned = FarmDirectory::make(tree.path(), {});
  fs::create_directories(tree.path() / "ktstr-farm-AbCdEf/out/0.0");
  std::ofstream(tree.path() / "ktstr-farm-AbCdEf.lock").flush();
  std::ofstream(tree.path() / "something-else.lock").flush();
  std::vector<std::string> cancelled;
  FarmDirectory::sweep(tree.path(), [&](const std::string& job) { cancelled.push_back(job); });
  EXPECT_THAT(cancelled, ElementsAre("ktstr-farm-AbCdEf"));
  EXPECT_FALSE(fs::exists(tree.path() / "ktstr-farm-AbCdEf"));
  EXPECT_TRUE(fs::exists(owned.path() / "task.json"));
  EXPECT_TRUE(fs::exists(tree.path() / "something-else.lock"));
}

}  // namespace
}  // namespace ktstr::slurm
