// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/utf8.hpp"

#include <gtest/gtest.h>

#include <random>

namespace ktstr::kit {
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

TEST(Printable, IsTheSameTwice) {
  const std::string once = printable("a\x1b\\\xFFü\xE2\x80\xAE");
  EXPECT_EQ(printable(once), once);
}

TEST(Printable, LongTextIsCutAtEitherEndButNeverInsideOfACharacter) {
  EXPECT_EQ(printable_start("abcdef", 6), "abcdef");
  EXPECT_EQ(printable_start("abcdef", 5), "abcde…");
  EXPECT_EQ(printable_start("aüb", 2), "aü…");
  EXPECT_EQ(printable_start("", 0), "");
  EXPECT_EQ(printable_start("a", 0), "…");
  EXPECT_EQ(printable_end("abcdef", 6), "abcdef");
  EXPECT_EQ(printable_end("abcdef", 2), "…ef");
  EXPECT_EQ(printable_end("aüb", 2), "…b");
  EXPECT_EQ(printable_end("a\x1b\n", 1), "…\\x0a");
}

TEST(ValidUtf8, KeepsWhatIsValidAndControlCharacters) {
  EXPECT_EQ(valid_utf8("a\xff\tb"), "a\xEF\xBF\xBD\tb");
  EXPECT_EQ(valid_utf8("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(valid_utf8("€"), "€");
}

TEST(Decode, TakesEveryCodePointAndNothingElse) {
  std::uint32_t code = 0;
  EXPECT_EQ(decode("", code), 0U);
  for (std::uint32_t point = 1; point <= 0x10FFFF; point += point < 0x1000 ? 1 : 61) {
    std::string text;
    if (point < 0x80) {
      text = {static_cast<char>(point)};
    } else if (point < 0x800) {
      text = {static_cast<char>(0xC0 | point >> 6), static_cast<char>(0x80 | (point & 63))};
    } else if (point < 0x10000) {
      text = {static_cast<char>(0xE0 | point >> 12), static_cast<char>(0x80 | (point >> 6 & 63)),
              static_cast<char>(0x80 | (point & 63))};
    } else {
      text = {static_cast<char>(0xF0 | point >> 18), static_cast<char>(0x80 | (point >> 12 & 63)),
              static_cast<char>(0x80 | (point >> 6 & 63)), static_cast<char>(0x80 | (point & 63))};
    }
    const bool surrogate = point >= 0xD800 && point < 0xE000;
    ASSERT_EQ(decode(text, code), surrogate ? 0 : text.size()) << std::hex << point;
    if (!surrogate) {
      ASSERT_EQ(code, point);
    }
    ASSERT_EQ(decode(text.substr(0, text.size() - 1), code), 0U) << std::hex << point;
  }
}

TEST(Decode, NoBytesLeadAstray) {
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 12, '\0');
    for (char& c : text) c = static_cast<char>(random());
    for (std::string shown : {printable(text), printable_start(text, 5), printable_end(text, 5)}) {
      ASSERT_EQ(valid_utf8(shown), shown);
      ASSERT_EQ(printable(shown), shown);
    }
  }
}

}  // namespace
}  // namespace ktstr::kit
