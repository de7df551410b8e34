// SPDX-License-Identifier: Apache-2.0
#include "support/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktstr {
namespace {

TEST(ParseJson, IsAnErrorOfUsage) {
  EXPECT_EQ(parse_json("x", "f.json").error().code, ExitCode::kUsage);
  EXPECT_EQ(*parse_json("1", "f.json"), 1);
}

TEST(ReadDocument, AMistakeIsAnErrorWithItsPlaceAndHint) {
  const auto read = [](std::string_view text, ExitCode code) {
    return read_document(text, "f.json", {}, code, [](const Located& top) { return top.integer(1, 3); });
  };
  EXPECT_EQ(*read("2", ExitCode::kUsage), 2U);
  const auto wrong = read("4", ExitCode::kPlugin);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ExitCode::kPlugin);
  EXPECT_EQ(wrong.error().message, "f.json: expected an integer from 1 to 3, found 4");
  EXPECT_THAT(read("", ExitCode::kUsage).error().message, ::testing::StartsWith("f.json: "));
  EXPECT_TRUE(read_document("1", "f.json", {}, ExitCode::kUsage, [](const Located&) {}));
}

TEST(OrMistake, KeepsMessageAndHint) {
  const auto again = checked([] { return or_mistake<int>(usage_error("message", "hint")); });
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message + again.error().hint, "messagehint");
  EXPECT_EQ(or_mistake<int>(3), 3);
}

}  // namespace
}  // namespace ktstr
