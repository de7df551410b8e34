// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdint>
#include <set>

#include "ktstr/kit/random.hpp"
#include "ktstr/kit/time.hpp"

namespace ktstr::kit {
namespace {

TEST(Time, SecondsAreDates) {
  EXPECT_EQ(utc_timestamp(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc_timestamp(1'782'000'000), "2026-06-21T00:00:00Z");
  EXPECT_EQ(utc_timestamp(-1), "1969-12-31T23:59:59Z");
  EXPECT_EQ(utc_name(1'782'000'000), "20260621T000000Z");
}

TEST(Time, WhatNoCalendarHasIsItsNumber) { EXPECT_EQ(utc_timestamp(INT64_MAX), "9223372036854775807"); }

TEST(Random, NamesDoNotMeet) {
  std::set<std::string> names;
  for (int i = 0; i < 1000; ++i) names.insert(random_name());
  EXPECT_EQ(names.size(), 1000U);
  EXPECT_EQ(names.begin()->find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(names.begin()->size(), 16U);
}

}  // namespace
}  // namespace ktstr::kit
