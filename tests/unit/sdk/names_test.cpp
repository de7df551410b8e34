// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <ktstr/cpp/names.hpp>

namespace ktstr::sdk {
namespace {

TEST(EditDistance, CountsLettersAndSwaps) {
  struct Case {
    const char *a, *b;
    std::size_t distance;
  };
  for (const Case& c : {Case{"", "", 0},
                        {"", "abc", 3},
                        {"abc", "abc", 0},
                        {"abc", "abd", 1},
                        {"abc", "ac", 1},
                        {"ac", "abc", 1},
                        {"mian", "main", 1},
                        {"ca", "abc", 3},
                        {"kitten", "sitting", 3}}) {
    EXPECT_EQ(edit_distance(c.a, c.b), c.distance) << c.a << " " << c.b;
    EXPECT_EQ(edit_distance(c.b, c.a), c.distance) << c.b << " " << c.a;
  }
}

TEST(ClosestName, IsTheNearOneOrNone) {
  static constexpr std::array<std::string_view, 4> kNames = {"workers", "cpuset", "name", "duration_ms"};
  EXPECT_EQ(closest_name("wrokers", kNames), "workers");
  EXPECT_EQ(closest_name("cpu_set", kNames), "cpuset");
  EXPECT_EQ(closest_name("duration", kNames), "duration_ms") << "a beginning";
  EXPECT_EQ(closest_name("du", kNames), "");
  EXPECT_EQ(closest_name("banana", kNames), "");
  EXPECT_EQ(closest_name("", kNames), "");
  EXPECT_EQ(closest_name("x", std::vector<std::string>{"y"}), "") << "nothing in common";
  EXPECT_EQ(closest_name(std::string(100'000, 'a'), kNames), "");
}

TEST(DidYouMean, FollowsAQuotedName) {
  const std::vector<std::string> names = {"main", "topic"};
  EXPECT_EQ(did_you_mean("mian", names), " (did you mean \"main\"?)");
  EXPECT_EQ(did_you_mean("release", names), "");
}

}  // namespace
}  // namespace ktstr::sdk
