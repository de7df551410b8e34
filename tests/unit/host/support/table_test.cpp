// SPDX-License-Identifier: Apache-2.0
#include "support/table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktstr {
namespace {

TEST(TextTable, AlignsByColumns) {
  EXPECT_EQ(text_table({{"NAME", "N"}, {"ü", "10"}, {"long-name", "7"}}, {1}),
            "NAME        N\n"
            "ü          10\n"
            "long-name   7\n");
}

TEST(TextTable, WideCharactersTakeTwoColumns) {
  EXPECT_EQ(text_table({{"NAME", "N"}, {"日本", "1"}, {"e\xCC\x81", "2"}}),
            "NAME  N\n日本  1\ne\xCC\x81     2\n");
}

TEST(Folded, BreaksAtSpacesElseAtSeparatorsElseAnywhere) {
  using ::testing::ElementsAre;
  EXPECT_THAT(folded("one two three", 0), ElementsAre("one two three"));
  EXPECT_THAT(folded("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(folded("one two three", 8), ElementsAre("one two", "three"));
  EXPECT_THAT(folded("worst_p99_wake_latency_us", 12), ElementsAre("worst_p99_", "wake_", "latency_us"));
  EXPECT_THAT(folded("aaaaaaaaaa", 4), ElementsAre("aaaa", "aaaa", "aa"));
  EXPECT_THAT(folded("üüüüü", 2), ElementsAre("üü", "üü", "ü"));
  EXPECT_THAT(folded("", 4), ElementsAre(""));
  EXPECT_THAT(folded("日本語", 4), ElementsAre("日本", "語"));
  EXPECT_THAT(folded("日本", 1), ElementsAre("日", "本"));
  EXPECT_THAT(folded("ae\xCC\x81zz", 2), ElementsAre("ae\xCC\x81", "zz"));
}

TEST(Folded, HangsWhatFollows) {
  EXPECT_EQ(hanging("  a b c d e f", 80, 4), "  a b c d e f\n");
  EXPECT_EQ(hanging("  fix: one two three four", 18, 7), "  fix: one two\n       three four\n");
}

TEST(TextTable, FoldsTheWidestColumnsAndCutsNothing) {
  const std::vector<std::vector<std::string>> rows = {
      {"NAME", "N"}, {"a_rather_long_name", "7"}, {"short", "12345678"}};
  EXPECT_EQ(text_table(rows, {1}, 20),
            "NAME               N\na_rather_          7\nlong_name\nshort       12345678\n");
  EXPECT_EQ(text_table(rows, {1}, 80), text_table(rows, {1}));
  EXPECT_EQ(text_table(rows, {1}, 1), text_table(rows, {1}, 18));  // no column gets narrower than 8
}

TEST(TextTable, TakesRowsOfAnyLength) {
  EXPECT_EQ(text_table({}), "");
  EXPECT_EQ(text_table({{"a"}, {"bb", "c"}, {}}), "a\nbb  c\n\n");
  EXPECT_EQ(text_table({{"a", "", ""}}), "a\n");
}

}  // namespace
}  // namespace ktstr
