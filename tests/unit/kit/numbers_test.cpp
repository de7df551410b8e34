// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/numbers.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <limits>

namespace ktstr::kit {
namespace {

TEST(Numbers, AreWhatPrintfPrints) {
  const double largest = std::numeric_limits<double>::max();
  for (const double value : {0.0, -0.0, 1.0, -1.5, 0.05, 12345.678, 1e7, 1e-7, 2.5, 999.95, 1e300, largest}) {
    for (const int digits : {0, 1, 3, 10}) {
      char text[400];
      std::snprintf(text, sizeof text, "%.*f", digits, value);
      EXPECT_EQ(fixed(value, digits), text);
      std::snprintf(text, sizeof text, "%.*g", digits, value);
      EXPECT_EQ(significant(value, digits), text);
    }
  }
  EXPECT_EQ(fixed(std::numeric_limits<double>::infinity(), 1), "inf");
  EXPECT_EQ(significant(std::nan(""), 3), "nan");
}

TEST(Numbers, InHex) {
  EXPECT_EQ(hex64(0), "0000000000000000");
  EXPECT_EQ(hex64(0x0123456789abcdef), "0123456789abcdef");
  EXPECT_EQ(hex64(UINT64_MAX), "ffffffffffffffff");
}

}  // namespace
}  // namespace ktstr::kit
