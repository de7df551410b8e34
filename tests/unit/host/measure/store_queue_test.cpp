// SPDX-License-Identifier: Apache-2.0
#include "measure/store_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <vector>

namespace ktstr {
namespace {

/// Work that stays until it is let go.
class Gate {
 public:
  std::function<void()> work() {
    return [this] {
      begun_.set_value();
      open_.get_future().wait();
    };
  }
  void wait_until_begun() { begun_.get_future().wait(); }
  void open() { open_.set_value(); }

 private:
  std::promise<void> begun_, open_;
};

TEST(StoreQueue, DoesEverythingInOrderInAnotherThread) {
  std::vector<int> done;
  std::thread::id where;
  StoreQueue queue;
  for (int i = 0; i < 100; ++i) {
    queue.add(1, [&, i] {
      done.push_back(i);
      where = std::this_thread::get_id();
    });
  }
  EXPECT_EQ(queue.finish(), "");
  ASSERT_EQ(done.size(), 100U);
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
  EXPECT_NE(where, std::this_thread::get_id());
}

TEST(StoreQueue, MakesWhoBringsMoreThanItsBytesWait) {
  Gate gate;
  StoreQueue queue(100);
  queue.add(60, gate.work());
  gate.wait_until_begun();
  queue.add(40, [] {});  // exactly full: does not wait
  std::atomic<bool> added{false};
  std::thread more([&] {
    queue.add(1, [] {});
    added = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(added) << "what is being done still counts";
  gate.open();
  more.join();
  EXPECT_TRUE(added);
}

TEST(StoreQueue, MakesWhoBringsMoreThanItsPiecesWait) {
  Gate gate;
  std::atomic<std::size_t> added{0}, done{0};
  StoreQueue queue;
  queue.add(0, gate.work());
  gate.wait_until_begun();
  std::thread more([&] {
    for (std::size_t i = 0; i < StoreQueue::kMostWaiting + 10; ++i, ++added) queue.add(0, [&] { ++done; });
  });
  while (added < StoreQueue::kMostWaiting) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(added, StoreQueue::kMostWaiting);
  gate.open();
  more.join();
  EXPECT_EQ(queue.finish(), "");
  EXPECT_EQ(done, StoreQueue::kMostWaiting + 10);
}

TEST(StoreQueue, TakesWhatIsLargerThanItsBoundAlone) {
  std::atomic<int> done{0};
  StoreQueue queue(10);
  queue.add(1000, [&] { ++done; });
  queue.add(2000, [&] { ++done; });
  EXPECT_EQ(queue.finish(), "");
  EXPECT_EQ(done, 2);
}

TEST(StoreQueue, WhatComesWhileItEndsIsDoneAllTheSame) {
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> done{0};
    StoreQueue queue;
    std::thread more([&] {
      for (int i = 0; i < 50; ++i) queue.add(1, [&] { ++done; });
    });
    EXPECT_EQ(queue.finish(), "");
    more.join();
    ASSERT_EQ(done, 50) << round;
  }
}

TEST(StoreQueue, TellsWhatWasThrownAndDoesTheRest) {
  bool after = false;
  StoreQueue queue;
  queue.add(1, [] { throw std::runtime_error("no memory"); });
  queue.add(1, [] { throw 7; });
  queue.add(1, [&] { after = true; });
  EXPECT_EQ(queue.finish(), "no memory");
  EXPECT_TRUE(after);
}

}  // namespace
}  // namespace ktstr
