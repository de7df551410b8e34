// SPDX-License-Identifier: Apache-2.0
#include "report/text.hpp"

#include <gtest/gtest.h>

#include <array>

namespace ktstr::kvm {
namespace {

TEST(Text, ControlCharactersNeverReachATerminal) {
  EXPECT_EQ(printable("a\x1b[31mred\r\n\x7f"), "a\\x1b[31mred\\x0d\\x0a\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"
                      "2J"),
            "\\u{009b}2J");                                                       // C1 control
  EXPECT_EQ(printable("x\xe2\x80\xaey"), "x\\u{202e}y");                          // right-to-left override
  EXPECT_EQ(printable("a\xe2\x80\x8b\xf3\xa0\x81\x81"), "a\\u{200b}\\u{e0041}");  // what nobody sees
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
}

TEST(Text, BrokenUtf8IsShownByteByByte) {
  EXPECT_EQ(printable("\xff\xc3(\xe2\x82"), "\\xff\\xc3(\\xe2\\x82");
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");           // overlong
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // surrogate
  EXPECT_EQ(printable("Grüße µs €"), "Grüße µs €");
}

TEST(Text, LongTextIsCut) { EXPECT_EQ(printable(std::string(600, 'x'), 10), std::string(10, 'x') + "…"); }

TEST(Text, ValidUtf8KeepsWhatIsValid) {
  EXPECT_EQ(valid_utf8("a\xff\tb"), "a\xEF\xBF\xBD\tb");
  EXPECT_EQ(valid_utf8("€"), "€");
}

TEST(Text, TailStartsAtALine) {
  EXPECT_EQ(tail("one\ntwo\nthree\n", 9), "three\n");
  EXPECT_EQ(tail("short", 9), "short");
  EXPECT_EQ(tail("nolineatall", 4), "tall");
}

}  // namespace
}  // namespace ktstr::kvm
