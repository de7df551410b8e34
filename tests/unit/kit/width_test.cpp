// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/width.hpp"

#include <gtest/gtest.h>

namespace ktstr::kit {
namespace {

TEST(DisplayWidth, IsThatOfTheTerminal) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("grün µs …"), 9U);
  EXPECT_EQ(display_width("日本"), 4U);
  EXPECT_EQ(display_width("\xF0\x9F\x90\xA7"), 2U);  // a penguin
  EXPECT_EQ(display_width("e\xCC\x81x"), 2U);        // U+0301 combines
  EXPECT_EQ(display_width("│─┐"), 3U);
}

TEST(DisplayWidth, WhatIsNoTextTakesAColumnAByte) {
  EXPECT_EQ(display_width("\x1f\n"), 2U);
  EXPECT_EQ(display_width("\xFF\xE2\x82"), 3U);
}

TEST(FirstCluster, TakesTheMarksWithIt) {
  std::size_t columns = 9;
  EXPECT_EQ(first_cluster("", columns), 0U);
  EXPECT_EQ(columns, 0U);
  EXPECT_EQ(first_cluster("e\xCC\x81\xCC\xB1x", columns), 5U);
  EXPECT_EQ(columns, 1U);
  EXPECT_EQ(first_cluster("\xCC\x81x", columns), 2U);  // nothing to combine with
  EXPECT_EQ(columns, 0U);
}

TEST(StartOfWidth, CutsNoCharacter) {
  EXPECT_EQ(start_of_width("abc", 2), "ab");
  EXPECT_EQ(start_of_width("abc", 9), "abc");
  EXPECT_EQ(start_of_width("a\xC3\xA9x", 2), "a\xC3\xA9");
  EXPECT_EQ(start_of_width("a\xC3\xA9x", 1), "a");
  EXPECT_EQ(start_of_width("ae\xCC\x81x", 2), "ae\xCC\x81");  // the mark stays with its letter
  EXPECT_EQ(start_of_width("日日", 3), "日");
  EXPECT_EQ(start_of_width("日", 1), "");
}

TEST(Pad, FillsToAWidth) {
  EXPECT_EQ(pad_left("日", 4), "  日");
  EXPECT_EQ(pad_right("日", 4), "日  ");
  EXPECT_EQ(pad_right("abc", 2), "abc");
}

}  // namespace
}  // namespace ktstr::kit
