// SPDX-License-Identifier: Apache-2.0
#include "kernels/version_range.hpp"

#include <gtest/gtest.h>

#include "kernels/kernel.hpp"

namespace ktstr {
namespace {

TEST(VersionRange, HoldsBothEndsWithAllOfASeries) {
  const auto range = version_range("6.12..6.18");
  ASSERT_TRUE(range && *range);
  for (const char* inside : {"6.12", "6.12.0", "6.17.99", "6.18.0", "6.18.15"})
    EXPECT_TRUE((*range)->contains(inside)) << inside;
  for (const char* outside : {"", "6.11.9", "6.12-rc3", "6.19.0", "6.2"})
    EXPECT_FALSE((*range)->contains(outside)) << outside;
  EXPECT_TRUE((*version_range("6.12.."))->contains("7.3.1"));
  EXPECT_FALSE((*version_range("..6.12"))->contains("6.13"));
}

TEST(VersionRange, OtherTextIsOneKernel) {
  for (const char* one : {"6.18", "mine", "..", "../linux", "a..b", "6.18..mine"}) {
    const auto range = version_range(one);
    ASSERT_TRUE(range) << one;
    EXPECT_FALSE(*range) << one;
  }
  const auto backwards = version_range("6.18..6.12");
  ASSERT_FALSE(backwards);
  EXPECT_EQ(backwards.error().hint, "write it 6.12..6.18");
}

TEST(OldestFirst, EachOnceAndRatherWithItsImage) {
  const auto kernel = [](const char* version, const char* label, const char* image) {
    Kernel made;
    made.version = version;
    made.label = label;
    made.image = image;
    return made;
  };
  const std::vector<Kernel> sorted =
      oldest_first({kernel("6.18.2", "", ""), kernel("6.2.1", "", ""), kernel("6.18.2", "mine", "/b"),
                    kernel("6.18.2", "", "/a")});
  ASSERT_EQ(sorted.size(), 3U);
  EXPECT_EQ(sorted[0].version, "6.2.1");
  EXPECT_EQ(sorted[1].image, "/a");
  EXPECT_EQ(sorted[2].id(), "6.18.2-mine");
}

}  // namespace
}  // namespace ktstr
