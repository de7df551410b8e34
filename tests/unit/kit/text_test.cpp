// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/text.hpp"

#include <gtest/gtest.h>

namespace ktstr::kit {
namespace {

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

TEST(Split, LinesEndInLineFeeds) {
  EXPECT_EQ(lines("a\nb\n"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(lines("a\n\nb"), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(lines(""), std::vector<std::string>{});
  EXPECT_EQ(lines("\n"), (std::vector<std::string>{""}));
  EXPECT_EQ(split_nul(std::string_view("a\0b\0", 4)), (std::vector<std::string>{"a", "b"}));
}

TEST(Lines, FirstLastAndTail) {
  EXPECT_EQ(first_line_of("a\nb"), "a");
  EXPECT_EQ(first_line_of("a"), "a");
  EXPECT_EQ(last_line("a\n b \n \n"), "b");
  EXPECT_EQ(last_line(""), "");
  EXPECT_EQ(without_margins(" \t a b\r\n"), "a b");
  EXPECT_EQ(without_margins(" \n"), "");
  EXPECT_EQ(tail("one\ntwo\nthree\n", 9), "three\n");
  EXPECT_EQ(tail("short", 9), "short");
  EXPECT_EQ(tail("nolineatall", 4), "tall");
}

TEST(Counted, OneIsNotMany) {
  EXPECT_EQ(counted(0, "test", "tests"), "0 tests");
  EXPECT_EQ(counted(1, "test", "tests"), "1 test");
}

TEST(ShellWord, IsQuotedWhereAShellWouldReadMore) {
  EXPECT_EQ(shell_word("a/b-c_d.json"), "a/b-c_d.json");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("a b"), "'a b'");
  EXPECT_EQ(shell_line({"sh", "-c", "make all"}), "sh -c 'make all'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word("~x"), "'~x'");
}

}  // namespace
}  // namespace ktstr::kit
