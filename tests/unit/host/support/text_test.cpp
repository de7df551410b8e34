// SPDX-License-Identifier: Apache-2.0
#include "support/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

namespace ktstr {
namespace {

TEST(Printable, LeavesOrdinaryTextAlone) {
  EXPECT_EQ(printable("abc \"\\ ~"), "abc \"\\ ~");
  EXPECT_EQ(printable("grün 日本 \xF0\x9F\x90\xA7"), "grün 日本 \xF0\x9F\x90\xA7");
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, EscapesControlCharacters) {
  EXPECT_EQ(printable("\x1b[31mred"), "\\x1b[31mred");
  EXPECT_EQ(printable(std::string_view("a\0b\x7f", 4)), "a\\x00b\\x7f");
  EXPECT_EQ(printable("a\tb\r\nc"), "a\\x09b\\x0d\\x0ac");
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            "\\xc2\\x9b31m");  // C1: a one-character CSI
  EXPECT_EQ(printable("\xC2\x80\xC2\xA0"), "\\xc2\\x80\xC2\xA0");
}

TEST(Printable, KeepsLineFeedsOnRequestAndNothingElse) {
  EXPECT_EQ(printable("a\nb\r\x1b", true), "a\nb\\x0d\\x1b");
}

TEST(Printable, EscapesWhatReordersText) {
  EXPECT_EQ(printable("\xE2\x80\xAE"
                      "x"),
            "\\xe2\\x80\\xaex");                            // U+202E
  EXPECT_EQ(printable("\xE2\x81\xA6"), "\\xe2\\x81\\xa6");  // U+2066
  EXPECT_EQ(printable("\xE2\x80\x8F"), "\\xe2\\x80\\x8f");  // U+200F
  EXPECT_EQ(printable("\xD8\x9C"), "\\xd8\\x9c");           // U+061C
  EXPECT_EQ(printable("\xE2\x80\xA8"), "\\xe2\\x80\\xa8");  // U+2028, a line separator
}

TEST(Printable, EscapesWhatNobodySees) {
  for (const std::uint32_t code : {0x00ADU, 0x061CU, 0x200BU, 0x200DU, 0x2060U, 0x2064U, 0x206FU, 0xFE0FU,
                                   0xFFF9U, 0xE0001U, 0xE0041U, 0xE007FU, 0xE0100U}) {
    EXPECT_TRUE(is_unsafe(code)) << std::hex << code;
  }
  for (const std::uint32_t code : {0x20U, 0xA0U, 0xE4U, 0x300U, 0x4E2DU, 0x2013U, 0x2010U, 0x1F600U, 0xE000U,
                                   0xDFFFFU, 0xE1000U, 0x10FFFFU}) {
    EXPECT_FALSE(is_unsafe(code)) << std::hex << code;
  }
  EXPECT_EQ(printable("al\xE2\x80\x8Bpha\xC2\xAD\xF3\xA0\x81\x81"),
            "al\\xe2\\x80\\x8bpha\\xc2\\xad\\xf3\\xa0\\x81\\x81");
}

TEST(Printable, EscapesInvalidUtf8ByteByByte) {
  EXPECT_EQ(printable("\xFF"
                      "a"),
            "\\xffa");
  EXPECT_EQ(printable("\xC0\xAF"), "\\xc0\\xaf");                    // overlong
  EXPECT_EQ(printable("\xE0\x80\xAF"), "\\xe0\\x80\\xaf");           // overlong
  EXPECT_EQ(printable("\xED\xA0\x80"), "\\xed\\xa0\\x80");           // surrogate
  EXPECT_EQ(printable("\xF4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
  EXPECT_EQ(printable("a\xE2\x82"), "a\\xe2\\x82");                  // cut
  EXPECT_EQ(printable("\xE2"
                      "ab"),
            "\\xe2"
            "ab");
}

TEST(DidYouMean, FindsTheNearest) {
  const std::vector<std::string> names = {"welch", "threshold", "fdr"};
  EXPECT_EQ(did_you_mean("welhc", names), "welch");  // a transposition counts once
  EXPECT_EQ(did_you_mean("treshold", names), "threshold");
  EXPECT_EQ(did_you_mean("fd", names), "fdr");
  EXPECT_EQ(did_you_mean("bootstrap", names), std::nullopt);
  EXPECT_EQ(did_you_mean("x", {}), std::nullopt);
}

TEST(DidYouMean, IgnoresWhatIsTooLongToCompare) {
  EXPECT_EQ(did_you_mean(std::string(100000, 'a'), {"a"}), std::nullopt);
  EXPECT_EQ(did_you_mean("ab", {std::string(100000, 'a'), "ac"}), "ac");
}

TEST(Suggestion, IsSafeToShow) {
  EXPECT_EQ(suggestion("welsh", {"welch"}), " (did you mean \"welch\"?)");
  EXPECT_EQ(suggestion("ab\x1b", {"ab\x1b"}), " (did you mean \"ab\\x1b\"?)");
  EXPECT_EQ(suggestion("nothing", {"welch"}), "");
}

TEST(GlobMatch, StarsAndQuestionMarks) {
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("", ""));
  EXPECT_FALSE(glob_match("", "a"));
  EXPECT_TRUE(glob_match("a?c", "abc"));
  EXPECT_FALSE(glob_match("a?c", "ac"));
  EXPECT_TRUE(glob_match("wake*_p99*", "wakeups_p99"));
  EXPECT_TRUE(glob_match("*ab", "aaab"));
  EXPECT_FALSE(glob_match("*ab", "aaba"));
  EXPECT_TRUE(glob_match("**a**", "a"));
  EXPECT_FALSE(glob_match("[ab]", "a"));
  EXPECT_TRUE(glob_match("*", "*"));
  EXPECT_FALSE(glob_match("a*b", "*"));
}

TEST(GlobMatch, DoesNotExplode) {
  EXPECT_FALSE(glob_match("*a*a*a*a*a*a*a*a*a*a*b", std::string(5000, 'a')));
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_EQ(split("a,,b,", ','), (std::vector<std::string>{"a", "", "b", ""}));
  EXPECT_EQ(split("", ','), (std::vector<std::string>{""}));
  EXPECT_EQ(join({"a", "", "b"}, "::"), "a::::b");
  EXPECT_EQ(join({}, ","), "");
}

TEST(UtcTimestamp, IsIso) {}

TEST(TextTable, AlignsByCodePoints) {
  EXPECT_EQ(text_table({{"NAME", "N"}, {"ü", "10"}, {"long-name", "7"}}, {1}),
            "NAME        N\n"
            "ü          10\n"
            "long-name   7\n");
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
