// SPDX-License-Identifier: Apache-2.0
#include "support/json.hpp"

#include <gtest/gtest.h>

namespace ktstr {
namespace {

TEST(ParseJson, IsAnErrorOfUsage) {
  EXPECT_EQ(parse_json("x", "f.json").error().code, ExitCode::kUsage);
  EXPECT_EQ(*parse_json("1", "f.json"), 1);
}

TEST(ObjectReader, NamesThePlace) {
  const auto parsed = parse_json("{\"use\": 3, \"list\": [\"a\", 1], \"text\": \"x\", \"gatess\": 1}", "x");
  const ObjectReader top(parsed->get_object(), "ktstr.json: ");
  const ObjectReader inner(parsed->get_object(), "ktstr.json: gates[1]");
  EXPECT_EQ(inner.text("use").error().message, "ktstr.json: gates[1].use: expected a string, found a number");
  EXPECT_EQ(top.texts("list").error().message, "ktstr.json: list[1]: expected a string, found a number");
  EXPECT_EQ(top.texts("text").error().message,
            "ktstr.json: text: expected an array of strings, found a string");
  EXPECT_EQ(*top.text("text"), "x");
  EXPECT_EQ(*top.text("none", "y"), "y");
  EXPECT_TRUE(top.texts("none")->empty());
  const Status known = top.only({"use", "list", "text", "gates"});
  ASSERT_FALSE(known);
  EXPECT_EQ(known.error().message, "ktstr.json: gatess: unknown key (did you mean \"gates\"?)");
}

}  // namespace
}  // namespace ktstr
