// SPDX-License-Identifier: Apache-2.0
#include "support/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace ktstr {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string problem(std::string_view text, JsonOptions options = {}) {
  const auto parsed = parse_json(text, "f.json", options);
  return parsed ? "" : parsed.error().message;
}

TEST(ParseJson, SaysLineAndColumn) {
  EXPECT_THAT(problem("{\n  \"a\": 1,\n  \"b\": x\n}"), StartsWith("f.json: line 3, column 8: "));
  EXPECT_THAT(problem(""), StartsWith("f.json: line 1, column 1: "));
  EXPECT_THAT(problem("{\"a\": 1"), StartsWith("f.json: line 1, column 8: "));
  EXPECT_THAT(problem("{} {}"), StartsWith("f.json: line 1, column "));
  EXPECT_EQ(parse_json("x", "f.json").error().code, ExitCode::kUsage);
}

TEST(ParseJson, TakesOneWholeValue) {
  EXPECT_EQ(problem("  {\"a\": [1, 2.5, \"x\", null, true]}\n\n"), "");
  EXPECT_NE(problem("{}x"), "");
  EXPECT_NE(problem("1 2"), "");
  EXPECT_NE(problem(std::string_view("{}\0", 3)), "");
}

TEST(ParseJson, NumbersAreTheNearestDoubles) {
  const auto parsed = parse_json(
      "[0.30000000000000004, 2.2250738585072014e-308, 123456.78901234567, -1.7976931348623157e308, "
      "9007199254740993.0]",
      "f.json");
  ASSERT_TRUE(parsed);
  const double expected[] = {0.30000000000000004, 2.2250738585072014e-308, 123456.78901234567,
                             -1.7976931348623157e308, 9007199254740993.0};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(parsed->get_array()[i].get_double(), expected[i]) << i;
  EXPECT_EQ(parse_json("0.30000000000000004", "f.json")->get_double(), 0.30000000000000004)
      << "the end of the text ends the number";
}

TEST(ParseJson, ExponentsHaveNoLimit) {
  const auto value = parse_json(
      R"([0e997901234567890, 1e997901234567890, -1E+997901234567890, 1e-997901234567890, 2.5e0000000000000000001, "a\\\"1e997901234567890"])",
      "f", {});
  ASSERT_TRUE(value) << value.error().message;
  const json::array& numbers = value->as_array();
  EXPECT_EQ(numbers[0], 0.0);
  EXPECT_EQ(numbers[1].as_double(), HUGE_VAL);
  EXPECT_EQ(numbers[2].as_double(), -HUGE_VAL);
  EXPECT_EQ(numbers[3], 0.0);
  EXPECT_EQ(numbers[4], 25.0);
  EXPECT_EQ(numbers[5], "a\\\"1e997901234567890");
  EXPECT_FALSE(parse_json("[1e997901234567890, 1e]", "f", {}));
}

TEST(ParseJson, IsStrictUnlessRelaxed) {
  const char* text = "// why\n{\n  \"a\": [1, 2,], /* x */\n} // end\n";
  EXPECT_NE(problem(text), "");
  const auto parsed = parse_json(text, "f.json", {true, 32});
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(to_text(*parsed, 0), "{\"a\":[1,2]}");
  EXPECT_EQ(problem("{}\n// last line without a feed", {true, 32}), "");
  EXPECT_NE(problem("{} {}", {true, 32}), "");
  EXPECT_NE(problem("{} /* open", {true, 32}), "");
}

TEST(ParseJson, FindsDuplicateKeysInFilesOfPeople) {
  EXPECT_THAT(problem("{\"a\": 1, \"b\": {\"c\": 1, \"c\": 2}}", {true, 32}),
              HasSubstr("\"c\" stands twice"));
  EXPECT_EQ(problem("{\"a\": {\"c\": 1}, \"b\": {\"c\": 1}}", {true, 32}), "");
  EXPECT_THAT(problem("{\"\\u0061\": 1, \"a\": 2}", {true, 32}), HasSubstr("stands twice"));
  EXPECT_THAT(problem("{\"x\\u001b\": 1, \"x\\u001b\": 2}", {true, 32}), HasSubstr("x\\x1b"));
  EXPECT_EQ(problem("{\"a\": 1, \"a\": 2}"), "");  // machines' files: the last one counts
}

TEST(ParseJson, BoundsDepth) {
  EXPECT_EQ(problem(std::string(60, '[') + std::string(60, ']')), "");
  EXPECT_NE(problem(std::string(65, '[') + std::string(65, ']')), "");
  EXPECT_NE(problem(std::string(1'000'000, '[')), "");
  EXPECT_NE(problem(std::string(33, '[') + std::string(33, ']'), {true, 32}), "");
}

TEST(ParseJson, RefusesInvalidUtf8) {
  EXPECT_NE(problem("\"\xFF\""), "");
  EXPECT_NE(problem("{\"a\xC0\xAF\": 1}"), "");
}

TEST(ToText, PrintsNumbersShortAndExact) {
  EXPECT_EQ(to_text(json::value(1.5), 0), "1.5");
  EXPECT_EQ(to_text(json::value(3.0), 0), "3.0");
  EXPECT_EQ(to_text(json::value(0.1), 0), "0.1");
  EXPECT_EQ(to_text(json::value(1e300), 0), "1e+300");
  EXPECT_EQ(to_text(json::value(-0.0), 0), "-0.0");
  EXPECT_EQ(to_text(json::value(std::uint64_t{18446744073709551615U}), 0), "18446744073709551615");
  EXPECT_EQ(to_text(json::value(-7), 0), "-7");
}

TEST(ToText, NeverPrintsWhatIsNoNumber) {
  EXPECT_EQ(to_text(json::value(std::numeric_limits<double>::quiet_NaN()), 0), "null");
  EXPECT_EQ(to_text(json::value(std::numeric_limits<double>::infinity()), 0), "null");
  EXPECT_EQ(to_text(*parse_json("[1e400]", "x"), 0), "[null]");
}

TEST(ToText, RoundTrips) {
  const std::string text =
      "{\n  \"z\": 1,\n  \"a\": [1, 2.0],\n  \"n\": [\n    {},\n    []\n  ],\n  \"s\": "
      "\"\\u001b\\n\\\"\xC3\xBC\"\n}";
  const auto parsed = parse_json(text, "x");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(to_text(*parsed), text);
  for (const double number : {0.1 + 0.2, 1.0 / 3, 5e-324, 1.7976931348623157e308, 123456789.125}) {
    EXPECT_EQ(parse_json(to_text(json::value(number), 0), "x")->to_number<double>(), number);
  }
}

TEST(ToText, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(to_text(json::value("a\x7F\xC2\x9B\xE2\x80\xAEz\xFF"), 0), R"("a\u007f\u009b\u202ez\ufffd")");
  const json::value hidden(
      "\xE2\x80\x8B\xF3\xA0\x81\x81");  // U+200B, and U+E0041 as the two halves that JSON makes of it
  EXPECT_EQ(to_text(hidden, 0), R"("\u200b\udb40\udc41")");
  EXPECT_EQ(*parse_json(to_text(hidden, 0), "x"), hidden);
  EXPECT_EQ(to_text(json::object{{"\xE2\x80\xAE", "\xC3\xBC"}}, 0), "{\"\\u202e\":\"\xC3\xBC\"}");
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
