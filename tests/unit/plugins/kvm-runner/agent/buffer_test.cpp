// SPDX-License-Identifier: Apache-2.0
#include "agent/work/buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace ktstr::agent {
namespace {

bool is_mapped(const unsigned char* page) {
  unsigned char in_memory = 0;
  return ::mincore(const_cast<unsigned char*>(page), kPage, &in_memory) == 0;
}

TEST(Buffer, IsThereToBeCountedWhenTheWorkIsOverAndGoesWhenFourHaveFollowed) {
  std::thread([] {  // each thread keeps its own
    const unsigned char* first = nullptr;
    {
      const Buffer buffer(4 * kPage);
      std::fill(buffer.bytes().begin(), buffer.bytes().end(), 1);
      first = buffer.bytes().data();
    }
    EXPECT_TRUE(is_mapped(first));
    for (int i = 0; i < 3; ++i) const Buffer next(kPage);
    EXPECT_TRUE(is_mapped(first));
    {
      const Buffer fifth(64 * kPage);  // larger than what goes, so that nothing takes its place
    }
    EXPECT_FALSE(is_mapped(first));
  })
      .join();
}

}  // namespace
}  // namespace ktstr::agent
