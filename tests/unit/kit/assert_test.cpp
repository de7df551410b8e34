// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/assert.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace ktstr::kit {
namespace {

TEST(Assert, WhatHoldsCostsNothing) {
  int evaluated = 0;
  KTSTR_ASSERT(++evaluated == 1);
  EXPECT_EQ(evaluated, 1) << "once, in every build";
}

TEST(AssertDeathTest, WhatDoesNotHoldIsABugThatSaysWhereAndWhatToReport) {
  EXPECT_DEATH(KTSTR_ASSERT(1 + 1 == 3),
               "ktstr: assert_test.cpp:[0-9]+: TestBody: \"1 \\+ 1 == 3\" does not hold\n.*a bug in ktstr.*"
               "please report.*ktstr --version");
}

TEST(Assert, AProcessWhoseStderrNobodySeesHasItsOwnWay) {
  assertion_handler = [](const char* text) { throw std::logic_error(text); };
  std::string told;
  try {
    KTSTR_ASSERT(told.size() == 1);
  } catch (const std::logic_error& error) {
    told = error.what();
  }
  assertion_handler = nullptr;
  EXPECT_THAT(told, ::testing::HasSubstr("\"told.size() == 1\" does not hold"));
}

}  // namespace
}  // namespace ktstr::kit
