// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/lock.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "framework/temp_tree.hpp"

namespace ktstr::kit {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using testing::TempTree;

TEST(HeldLockTest, OneExclusiveOrManyShared) {
  const TempTree tree;
  {
    const HeldLock mine = HeldLock::try_take(tree / "lock", O_RDWR | O_CREAT);
    ASSERT_TRUE(mine);
    EXPECT_FALSE(HeldLock::try_take(tree / "lock", O_RDWR, HeldLock::Kind::kShared));
    EXPECT_EQ(errno, EWOULDBLOCK);
    EXPECT_NE(lock_holders(tree / "lock").find("pid " + std::to_string(::getpid())), std::string::npos);
  }
  const HeldLock one = HeldLock::try_take(tree.path(), O_RDONLY | O_DIRECTORY, HeldLock::Kind::kShared);
  EXPECT_TRUE(one);
  EXPECT_TRUE(HeldLock::try_take(tree.path(), O_RDONLY | O_DIRECTORY, HeldLock::Kind::kShared));
  EXPECT_FALSE(HeldLock::try_take(tree.path(), O_RDONLY | O_DIRECTORY));
}

TEST(HeldLockTest, ALockThatMovedAwayIsNotTheLock) {
  const TempTree tree;
  HeldLock old = HeldLock::try_take(tree / "lock", O_RDWR | O_CREAT);
  ASSERT_TRUE(old);
  fs::remove(tree / "lock");
  const HeldLock fresh = HeldLock::try_take(tree / "lock", O_RDWR | O_CREAT);
  EXPECT_TRUE(fresh) << "the file of that name is another";
  old = HeldLock();
  EXPECT_FALSE(HeldLock::try_take(tree / "lock", O_RDWR));
}

TEST(HeldLockTest, AssigningLetsGoAtOnce) {
  const TempTree tree;
  HeldLock lock = HeldLock::try_take(tree / "a", O_RDWR | O_CREAT);
  lock = HeldLock::try_take(tree / "b", O_RDWR | O_CREAT);
  EXPECT_TRUE(HeldLock::try_take(tree / "a", O_RDWR));
}

TEST(HeldLockTest, WaitsUntilItMayOrMust) {
  const TempTree tree;
  HeldLock held = HeldLock::try_take(tree / "lock", O_RDWR | O_CREAT);
  int asked = 0;
  EXPECT_FALSE(HeldLock::wait(tree / "lock", O_RDWR, HeldLock::Kind::kExclusive, milliseconds(1),
                              [&] { return ++asked == 3; }));
  EXPECT_EQ(errno, EWOULDBLOCK);
  std::thread other([&] {
    std::this_thread::sleep_for(milliseconds(50));
    held = HeldLock();
  });
  EXPECT_TRUE(HeldLock::wait(tree / "lock", O_RDWR, HeldLock::Kind::kExclusive, milliseconds(1),
                             [] { return false; }));
  other.join();
  EXPECT_FALSE(HeldLock::wait(tree / "none/lock", O_RDWR | O_CREAT, HeldLock::Kind::kExclusive,
                              milliseconds(1), [] { return false; }));
  EXPECT_EQ(errno, ENOENT);
}

}  // namespace
}  // namespace ktstr::kit
