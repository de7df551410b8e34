// SPDX-License-Identifier: Apache-2.0
#include "support/known_times.hpp"

#include <gtest/gtest.h>

#include "framework/temp_tree.hpp"

namespace ktstr::testing {
namespace {

using std::chrono::milliseconds;

TEST(KnownTimes, WhatItTookCountsForTheNextTime) {
  const TempTree tree;
  const KnownTimes times(tree / "cache");
  EXPECT_FALSE(times.of("build"));
  times.learn("build", milliseconds(4000));
  EXPECT_EQ(times.of("build"), milliseconds(4000));
  times.learn("build", milliseconds(8000));
  EXPECT_EQ(KnownTimes(tree / "cache").of("build"), milliseconds(6000));
  EXPECT_FALSE(times.of("another"));
}

TEST(KnownTimes, DamageIsNothingKnown) {
  const TempTree tree;
  const KnownTimes times(tree.path());
  for (const char* text :
       {"", "{", "[]", R"({"build": "long"})", R"({"build": -1})", R"({"build": 1e300})"}) {
    tree.write("waits.json", text);
    EXPECT_FALSE(times.of("build")) << text;
    times.learn("build", milliseconds(10));
    EXPECT_EQ(times.of("build"), milliseconds(10)) << text;
  }
}

TEST(KnownTimes, TheOldestAreForgotten) {
  const TempTree tree;
  const KnownTimes times(tree.path());
  for (int i = 0; i < 510; ++i) times.learn(std::to_string(i), milliseconds(i));
  EXPECT_FALSE(times.of("5"));
  EXPECT_EQ(times.of("509"), milliseconds(509));
}

}  // namespace
}  // namespace ktstr::testing
