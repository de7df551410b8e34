// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>
#include <limits>
#include <random>

namespace ktstr::kit {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string problem(std::string_view text, const JsonRules& rules = {}) {
  try {
    read_json(text, "f.json", rules);
    return "";
  } catch (const Mistake& mistake) {
    return mistake.message();
  }
}

TEST(ReadJson, SaysLineAndColumn) {
  EXPECT_THAT(problem("{\n  \"a\": 1,\n  \"b\": x\n}"), StartsWith("f.json: line 3, column 8: "));
  EXPECT_THAT(problem(""), StartsWith("f.json: line 1, column 1: "));
  EXPECT_THAT(problem("{\"a\": 1"), StartsWith("f.json: line 1, column 8: "));
  EXPECT_THAT(problem("{} {}"), StartsWith("f.json: line 1, column "));
}

TEST(ReadJson, TakesOneWholeValue) {
  EXPECT_EQ(problem("  {\"a\": [1, 2.5, \"x\", null, true]}\n\n"), "");
  EXPECT_NE(problem("{}x"), "");
  EXPECT_NE(problem("1 2"), "");
  EXPECT_NE(problem(std::string_view("{}\0", 3)), "");
}

TEST(ReadJson, NumbersAreTheNearestDoubles) {
  const json::value parsed = read_json(
      "[0.30000000000000004, 2.2250738585072014e-308, 123456.78901234567, -1.7976931348623157e308, "
      "9007199254740993.0]",
      "f.json");
  const double expected[] = {0.30000000000000004, 2.2250738585072014e-308, 123456.78901234567,
                             -1.7976931348623157e308, 9007199254740993.0};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(parsed.get_array()[i].get_double(), expected[i]) << i;
  EXPECT_EQ(read_json("0.30000000000000004", "f.json").get_double(), 0.30000000000000004)
      << "the end of the text ends the number";
}

TEST(ReadJson, ExponentsHaveNoLimit) {
  const json::value value = read_json(
      R"([0e997901234567890, 1e997901234567890, -1E+997901234567890, 1e-997901234567890, 2.5e0000000000000000001, "a\\\"1e997901234567890"])",
      "f");
  const json::array& numbers = value.as_array();
  EXPECT_EQ(numbers[0], 0.0);
  EXPECT_EQ(numbers[1].as_double(), HUGE_VAL);
  EXPECT_EQ(numbers[2].as_double(), -HUGE_VAL);
  EXPECT_EQ(numbers[3], 0.0);
  EXPECT_EQ(numbers[4], 25.0);
  EXPECT_EQ(numbers[5], "a\\\"1e997901234567890");
  EXPECT_NE(problem("[1e997901234567890, 1e]"), "");
}

TEST(ReadJson, IsStrictUnlessRelaxed) {
  const char* text = "// why\n{\n  \"a\": [1, 2,], /* x */\n} // end\n";
  EXPECT_NE(problem(text), "");
  EXPECT_EQ(to_text(read_json(text, "f.json", for_people()), 0), "{\"a\":[1,2]}");
  EXPECT_EQ(problem("{}\n// last line without a feed", for_people()), "");
  EXPECT_NE(problem("{} {}", for_people()), "");
  EXPECT_NE(problem("{} /* open", for_people()), "");
}

TEST(ReadJson, FindsDuplicateKeysInFilesOfPeople) {
  EXPECT_THAT(problem("{\"a\": 1, \"b\": {\"c\": 1, \"c\": 2}}", for_people()),
              HasSubstr("\"c\" stands twice"));
  EXPECT_EQ(problem("{\"a\": {\"c\": 1}, \"b\": {\"c\": 1}}", for_people()), "");
  EXPECT_THAT(problem("{\"\\u0061\": 1, \"a\": 2}", for_people()), HasSubstr("stands twice"));
  EXPECT_THAT(problem("{\"x\\u001b\": 1, \"x\\u001b\": 2}", for_people()), HasSubstr("x\\x1b"));
  EXPECT_THAT(problem("{\"a\": 1,\n \"a\": 2}", for_people()), StartsWith("f.json: line 2, column "));
  EXPECT_EQ(problem("{\"a\": 1, \"a\": 2}"), "");  // machines' files: the last one counts
}

TEST(ReadJson, BoundsDepth) {
  EXPECT_EQ(problem(std::string(60, '[') + std::string(60, ']')), "");
  EXPECT_NE(problem(std::string(65, '[') + std::string(65, ']')), "");
  EXPECT_NE(problem(std::string(1'000'000, '[')), "");
  EXPECT_NE(problem(std::string(33, '[') + std::string(33, ']'), for_people()), "");
}

TEST(ReadJson, RefusesInvalidUtf8) {
  EXPECT_NE(problem("\"\xFF\""), "");
  EXPECT_NE(problem("{\"a\xC0\xAF\": 1}"), "");
}

TEST(ReadJson, BoundsSize) {
  EXPECT_EQ(problem("[1, 2]", {.max_bytes = 6}), "");
  EXPECT_EQ(problem("[1, 2]", {.max_bytes = 5}), "f.json: larger than 5 bytes");
}

TEST(ReadJson, ValuesLieWhereTheyAreTold) {
  json::monotonic_resource memory;
  const json::value value = read_json("{\"a\": [\"a text that is too long for the value itself\"]}", "f",
                                      {.unique_keys = true, .memory = &memory});
  EXPECT_EQ(value.storage().get(), &memory);
  EXPECT_EQ(value.at("a").at(0).get_string().storage().get(), &memory);
}

TEST(ReadJson, DamagedTextsAreMistakesAndNothingElse) {
  const std::string whole =
      R"({"a": [1, -2.5e3, "x\u00e9\n", null], "b": {"c": true, "d": 1e-400}, "e": "ü"})";
  std::mt19937 random(3);
  for (int round = 0; round < 5000; ++round) {
    std::string text = whole.substr(0, random() % (whole.size() + 1));
    for (unsigned edits = random() % 3; edits > 0 && !text.empty(); --edits)
      text[random() % text.size()] = static_cast<char>(random());
    for (const JsonRules& rules : {JsonRules{}, for_people()}) {
      try {
        const json::value value = read_json(text, "f", rules);
        ASSERT_EQ(to_text(read_json(to_text(value), "f")), to_text(value)) << text;
      } catch (const Mistake&) {
      }
    }
  }
}

TEST(ObjectOrEmpty, IsSilent) {
  EXPECT_EQ(object_or_empty("{\"a\": 1}").size(), 1U);
  for (const char* text : {"", "[]", "{", "{\"a\": 1} x"}) EXPECT_TRUE(object_or_empty(text).empty()) << text;
  // Boost's own parser reads another double, which then prints with other digits.
  EXPECT_EQ(to_text(object_or_empty("{\"a\": 474.59380568556355}"), 0), "{\"a\":474.59380568556355}");
}

TEST(ToText, PrintsNumbersShortAndExact) {
  EXPECT_EQ(to_text(json::value(1.5), 0), "1.5");
  EXPECT_EQ(to_text(json::value(3.0), 0), "3.0");
  EXPECT_EQ(to_text(json::value(0.1), 0), "0.1");
  EXPECT_EQ(to_text(json::value(1e300), 0), "1e+300");
  EXPECT_EQ(to_text(json::value(-0.0), 0), "0.0");
  EXPECT_EQ(to_text(json::value(std::uint64_t{18446744073709551615U}), 0), "18446744073709551615");
  EXPECT_EQ(to_text(json::value(-7), 0), "-7");
}

TEST(ToText, NeverPrintsWhatIsNoNumber) {
  EXPECT_EQ(to_text(json::value(std::numeric_limits<double>::quiet_NaN()), 0), "null");
  EXPECT_EQ(to_text(json::value(std::numeric_limits<double>::infinity()), 0), "null");
  EXPECT_EQ(to_text(read_json("[1e400]", "x"), 0), "[null]");
}

TEST(ToText, RoundTrips) {
  const std::string text =
      "{\n  \"z\": 1,\n  \"a\": [1, 2.0],\n  \"n\": [\n    {},\n    []\n  ],\n  \"s\": "
      "\"\\u001b\\n\\\"\xC3\xBC\"\n}";
  const json::value parsed = read_json(text, "x");
  EXPECT_EQ(to_text(parsed), text);
  for (const double number : {0.1 + 0.2, 1.0 / 3, 5e-324, 1.7976931348623157e308, 123456789.125}) {
    EXPECT_EQ(read_json(to_text(json::value(number), 0), "x").to_number<double>(), number);
  }
}

TEST(ToText, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(to_text(json::value("a\x7F\xC2\x9B\xE2\x80\xAEz\xFF"), 0), R"("a\u007f\u009b\u202ez\ufffd")");
  const json::value hidden(
      "\xE2\x80\x8B\xF3\xA0\x81\x81");  // U+200B, and U+E0041 as the two halves that JSON makes of it
  EXPECT_EQ(to_text(hidden, 0), R"("\u200b\udb40\udc41")");
  EXPECT_EQ(read_json(to_text(hidden, 0), "x"), hidden);
  EXPECT_EQ(to_text(json::object{{"\xE2\x80\xAE", "\xC3\xBC"}}, 0), "{\"\\u202e\":\"\xC3\xBC\"}");
}

TEST(ToText, ShortEscapesWhereJsonHasThem) {
  EXPECT_EQ(to_text(json::value("\b\f\n\r\t\"\\/"), 0), R"("\b\f\n\r\t\"\\/")");
  EXPECT_EQ(to_text(json::value("\x01\xD8\x9C"), 0), R"("\u0001\u061c")");
}

TEST(FoundText, ShowsWhatIsShort) {
  EXPECT_EQ(found_text(3), "3");
  EXPECT_EQ(found_text(0.5), "0.5");
  EXPECT_EQ(found_text(nullptr), "null");
  EXPECT_EQ(found_text("a\x1b"), "\"a\\x1b\"");
  EXPECT_EQ(found_text(std::string(100, 'x').c_str()), '"' + std::string(60, 'x') + "…\"");
  EXPECT_EQ(found_text(json::array{1, 2}), "an array of 2");
  EXPECT_EQ(found_text(json::object{}), "an object");
}

}  // namespace
}  // namespace ktstr::kit
