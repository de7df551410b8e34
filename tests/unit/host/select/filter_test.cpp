// SPDX-License-Identifier: Apache-2.0
#include "select/filter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktstr {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr FilterSubject kWake{"wake_up_2", "1n2l4c1t", "my sched(x)", "PipeIo"};

struct Case {
  const char* text;
  bool selected;
};

void expect_selected(std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    const auto filter = Filter::parse(c.text, "-E");
    ASSERT_TRUE(filter) << c.text << ": " << filter.error().message;
    EXPECT_EQ(filter->matches(kWake), c.selected) << c.text;
  }
}

TEST(Filter, SelectsWhatTheExpressionSays) {
  expect_selected({
      {"wake", true},
      {"ake_u", true},
      {"Wake", false},
      {"wake*", true},
      {"ake*", false},
      {"wake_up_?", true},
      {"=wake_up_2", true},
      {"=wake_up", false},
      {"test(up)", true},
      {"test( =wake_up_2 )", true},
      {"test(=wake)", false},
      {"topology(1n2l)", true},
      {"topology(=1n2l)", false},
      {"topology(*4c1t)", true},
      {"work_type(Pipe)", true},
      {"work_type(SpinWait)", false},
      {"scheduler(my sched\\(x\\))", true},
      {"scheduler(=my sched(x\\))", true},
      {"all()", true},
      {"none()", false},
      {"not none()", true},
      {"!wake", false},
      {"not not wake", true},
      {"wake and topology(1n)", true},
      {"wake & topology(2n)", false},
      {"wake && work_type(PipeIo)", true},
      {"nothing or wake", true},
      {"nothing | other", false},
      {"nothing || wake", true},
      {"wake or nothing and none()", true},  // and binds tighter
      {"(wake or nothing) and none()", false},
      {"not nothing and wake", true},  // not binds tightest
      {"not (nothing and wake)", true},
      {"wake and !(topology(2n) | none())", true},
      {"android", false},  // a word that begins like an operator
      {"  wake  ", true},
  });
  EXPECT_TRUE(Filter().matches(kWake));
  EXPECT_TRUE(Filter().empty());
}

TEST(Filter, KnowsEveryFormOfNextest) {
  expect_selected({
      {"~wake", true},
      {"test(~ake_up)", true},
      {"topology(~2n)", false},
      {"#wake_*", true},
      {"#ake_*", false},
      {"test(#wake_{down,up}_[0-9])", true},
      {"test(#wake_{down,left}_[0-9])", false},
      {"test(#wake_up_[!0-9])", false},
      {"test(#*\\.*)", false},  // a dot is a dot
      {"/^wake.*\\d$/", true},
      {"test(/up_[13]/)", false},
      {"topology(/^\\dn\\dl/)", true},
      {"test( /wake/ )", true},
      {"scheduler(/x\\)$/)", true},
      {"scheduler(/a\\/b/)", false},
      {"test(wake\\u{5f}up)", true},
      {"test(wake\\tup)", false},
      {"wake - topology(1n)", false},
      {"all() - none()", true},
      {"all()-none()", true},
      {"all() - wake and nothing", false},  // from left to right: (all() - wake) and nothing
      {"nothing + wake", true},
      {"none()+all()", true},
      {"all() + all() - all()", true},  // - binds tighter than +
      {"wake-up", false},               // a name, no difference
  });
}

TEST(Filter, AMistakeIsShownWhereItIs) {
  struct Mistake {
    const char *text, *message;
    std::size_t caret;
  };
  for (const Mistake& c : std::initializer_list<Mistake>{
           {"", "found the end", 0},
           {"wake and", "found the end", 8},
           {"wake (x)", "expected \"and\", \"or\" or the end", 5},
           {"wake und other", "found \"und\" (did you mean \"and\"?)", 5},
           {"a and shceduler(x)", "there is no predicate \"shceduler\" (did you mean \"scheduler\"?)", 6},
           {"(a or b", "expected \")\"", 7},
           {"test(a", "\"test(\" has no closing \")\"", 6},
           {"test()", "test() needs a text", 0},
           {"topology(=)", "\"=\" needs a text", 9},
           {"#", "\"#\" needs a text", 0},
           {"test(~)", "\"~\" needs a text", 5},
           {"a or /b", "has no closing \"/\"", 5},
           {"test(/b)", "has no closing \"/\"", 5},
           {"test(/b/c)", "expected \")\" behind the regular expression", 8},
           {"test(/a(b/)", "the regular expression: missing )", 6},
           {"topology(/x[[:no:]]/)", "the regular expression: invalid character class range", 12},
           {"a or test(#b[)", "the glob: \"[\" has no \"]\"", 12},
           {"#b{a,b", "the glob: \"{\" has no \"}\"", 2},
           {"test(\\u{110000})", "takes the number of a character", 6},
           {"a - ", "found the end", 4},
           {"all(x)", "all() takes no argument", 0},
           {"a or and", "found \"and\"", 5},
           {")", "found \")\"", 0},
       }) {
    const auto filter = Filter::parse(c.text, "-E");
    ASSERT_FALSE(filter) << c.text;
    EXPECT_EQ(filter.error().code, ExitCode::kUsage);
    EXPECT_THAT(filter.error().message, HasSubstr(c.message)) << c.text;
    EXPECT_THAT(filter.error().message, HasSubstr("at column " + std::to_string(c.caret + 1))) << c.text;
    EXPECT_EQ(filter.error().hint, std::string(c.text) + "\n" + std::string(c.caret, ' ') + "^");
  }
}

TEST(Filter, RefusesBottomlessNestingAndShowsNoControlCharacters) {
  EXPECT_FALSE(Filter::parse(std::string(5000, '(') + "a" + std::string(5000, ')'), "-E"));
  EXPECT_FALSE(Filter::parse(std::string(5000, '!') + "a", "-E"));
  const auto hostile = Filter::parse("\x1b[2J and (", "-E");
  ASSERT_FALSE(hostile);
  EXPECT_THAT(hostile.error().hint, HasSubstr("\\x1b[2J and (\n"));
}

TEST(Filter, AStrangersExpressionTakesNoTimeWithoutEnd) {
  EXPECT_FALSE(Filter::parse(std::string(1 << 20, 'a'), "-E"));
  EXPECT_FALSE(Filter::parse("/" + std::string(60, '(') + "a" + std::string(60, '{') + "/", "-E"));
  const auto filter = Filter::parse("/^(a+)+$/", "-E");
  ASSERT_TRUE(filter);
  const std::string name = std::string(100'000, 'a') + "b";  // takes a backtracking engine for ever
  EXPECT_FALSE(filter->matches(FilterSubject{name, {}, {}, {}}));
}

TEST(Filter, KnowsWhichNamesItAsksFor) {
  EXPECT_THAT(Filter::parse("a or not (test(=b) and topology(c))", "-E")->names(), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace ktstr
