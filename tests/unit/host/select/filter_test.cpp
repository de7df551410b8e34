// SPDX-License-Identifier: Apache-2.0
#include "select/filter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktstr {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr FilterSubject kWake{"wake_up_2", "1n2l4c1t", "my sched(x)", "PipeIo"};

TEST(Filter, SelectsWhatTheExpressionSays) {
  struct Case {
    const char* text;
    bool selected;
  };
  for (const Case& c : std::initializer_list<Case>{
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
       }) {
    const auto filter = Filter::parse(c.text, "-E");
    ASSERT_TRUE(filter) << c.text << ": " << filter.error().message;
    EXPECT_EQ(filter->matches(kWake), c.selected) << c.text;
  }
  EXPECT_TRUE(Filter().matches(kWake));
  EXPECT_TRUE(Filter().empty());
}

TEST(Filter, AMistakeIsShownWhereItIs) {
  struct Case {
    const char *text, *message;
    std::size_t caret;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"", "found the end", 0},
           {"wake and", "found the end", 8},
           {"wake (x)", "expected \"and\", \"or\" or the end", 5},
           {"wake und other", "found \"und\" (did you mean \"and\"?)", 5},
           {"a and shceduler(x)", "there is no predicate \"shceduler\" (did you mean \"scheduler\"?)", 6},
           {"(a or b", "expected \")\"", 7},
           {"test(a", "\"test(\" has no closing \")\"", 6},
           {"test()", "test() needs a text", 0},
           {"topology(=)", "topology() needs a text", 0},
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

TEST(Filter, KnowsWhichNamesItAsksFor) {
  EXPECT_THAT(Filter::parse("a or not (test(=b) and topology(c))", "-E")->names(), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace ktstr
