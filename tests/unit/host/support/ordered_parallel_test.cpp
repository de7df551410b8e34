// SPDX-License-Identifier: Apache-2.0
#include "support/ordered_parallel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace ktstr {
namespace {

TEST(OrderedParallel, GivesResultsInOrderWhateverTheThreadsDo) {
  for (const unsigned threads : {0U, 1U, 2U, 7U}) {
    std::vector<std::size_t> seen;
    std::atomic<std::size_t> running{0}, most{0};
    parallel_in_order(
        500, threads,
        [&](std::size_t i) {
          most = std::max<std::size_t>(most, ++running);
          if (i % 17 == 0) std::this_thread::yield();
          --running;
          return i * 3;
        },
        [&](std::size_t i, std::size_t value) {
          EXPECT_EQ(value, i * 3);
          seen.push_back(i);
          return true;
        });
    ASSERT_EQ(seen.size(), 500U);
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
    EXPECT_LE(most, std::max(threads, 1U));
  }
}

TEST(OrderedParallel, StopsWhenAsked) {
  std::size_t consumed = 0;
  parallel_in_order(
      100'000, 4, [](std::size_t i) { return i; }, [&](std::size_t, std::size_t) { return ++consumed < 10; });
  EXPECT_EQ(consumed, 10U);
}

TEST(OrderedParallel, PassesOnWhatIsThrownOnEitherSide) {
  const auto work = [](std::size_t i) -> int { return i == 30 ? throw std::runtime_error("work") : 0; };
  EXPECT_THROW(parallel_in_order(100, 4, work, [](std::size_t, int) { return true; }), std::runtime_error);
  EXPECT_THROW(parallel_in_order(
                   100, 4, [](std::size_t) { return 0; },
                   [](std::size_t, int) -> bool { throw std::logic_error("consume"); }),
               std::logic_error);
}

}  // namespace
}  // namespace ktstr
