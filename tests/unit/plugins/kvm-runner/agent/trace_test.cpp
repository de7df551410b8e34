// SPDX-License-Identifier: Apache-2.0
#include "agent/trace.hpp"

#include <gtest/gtest.h>

namespace ktstr::agent {
namespace {

TEST(Trace, ALongOneKeepsItsHeadAndItsNewestWholeLines) {
  const std::string text = "# a\n# b\none\ntwo\nthree\n";
  EXPECT_EQ(newest_lines(text, 100), text);
  EXPECT_EQ(newest_lines(text, text.size() - 1), "# a\n# b\ntwo\nthree\n");
  EXPECT_EQ(newest_lines(text, 16), "# a\n# b\nthree\n");
  EXPECT_EQ(newest_lines(text, 8), "");
  EXPECT_EQ(newest_lines("# no end", 3), "");
  EXPECT_EQ(newest_lines("one long line", 4), "");
}

TEST(Trace, NothingIsTouchedUnlessItIsWanted) {
  Trace trace(false);
  trace.stop();
  EXPECT_EQ(trace.text(), "");
}

}  // namespace
}  // namespace ktstr::agent
