// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/json_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <stdexcept>

namespace ktstr::kit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string mistake(const std::function<void()>& read) {
  try {
    read();
  } catch (const Mistake& found) {
    return found.message() + (found.hint().empty() ? "" : " | " + found.hint());
  }
  return "";
}

struct Document {
  explicit Document(std::string_view text) : value(read_json(text, "f.json")) {}
  Located top() const { return {&value, "f.json"}; }
  json::value value;
};

TEST(Located, IntegersAreWholeAndBounded) {
  const auto read = [](const char* text) {
    const Document document(text);
    return mistake([&] { document.top().integer(2, 4); });
  };
  EXPECT_EQ(read("2"), "");
  EXPECT_EQ(read("4"), "");
  for (const char* text : {"1", "5", "-3", "3.0", "1e0", "18446744073709551615", "1e30"})
    EXPECT_THAT(read(text), HasSubstr("f.json: expected an integer from 2 to 4, found ")) << text;
  const Document big("18446744073709551615");
  EXPECT_EQ(big.top().integer(0, UINT64_MAX), UINT64_MAX);
}

TEST(Located, NumbersAreFiniteAndBounded) {
  const auto read = [](const char* text) {
    const Document document(text);
    return mistake([&] { document.top().number(0, 1.5); }) + mistake([&] { document.top().number(); });
  };
  EXPECT_EQ(read("1"), "");
  EXPECT_EQ(read("1.5"), "");
  EXPECT_EQ(read("2"), "f.json: expected a number from 0.0 to 1.5, found 2");
  EXPECT_THAT(read("1e999"), HasSubstr("expected a finite number, found inf"));
  EXPECT_THAT(read("\"1\""), HasSubstr("f.json: expected a number, found \"1\""));
}

TEST(Located, TextsAreBoundedAndNamesKnown) {
  const Document document(R"(["abc", "welhc", 3])");
  const std::vector<Located> items = document.top().items();
  constexpr std::array<std::string_view, 2> kNames = {"welch", "fdr"};
  EXPECT_EQ(items[0].text(3), "abc");
  EXPECT_EQ(mistake([&] { items[0].text(2); }), "f.json[0]: longer than 2 bytes");
  EXPECT_EQ(mistake([&] { items[2].text(); }), "f.json[2]: expected a string, found 3");
  EXPECT_EQ(mistake([&] { items[1].one_of(kNames, "gate"); }),
            "f.json[1]: unknown gate \"welhc\" (did you mean \"welch\"?) | known: welch, fdr");
  EXPECT_EQ(mistake([&] { items[2].one_of(kNames, "gate"); }),
            "f.json[2]: expected the name of a gate, found 3");
  EXPECT_EQ(mistake([&] { document.top().texts(); }), "f.json[2]: expected a string, found 3");
  EXPECT_EQ(mistake([&] { items[0].texts(); }), "f.json[0]: expected an array of strings, found \"abc\"");
  EXPECT_EQ(mistake([&] { items[0].boolean(); }), "f.json[0]: expected true or false, found \"abc\"");
}

TEST(Located, CountsItems) {
  const Document document("[1, 2]");
  EXPECT_EQ(mistake([&] { document.top().items(3); }), "f.json: expected at least 3 items, found 2");
  EXPECT_EQ(mistake([&] { document.top().items(0, 1); }), "f.json: expected at most 1 item, found 2");
}

TEST(Located, MembersOfForeignNamesAreSafeToShow) {
  const Document document("{\"a\\u001b\": 1, \"b\": 2}");
  const auto members = document.top().members();
  EXPECT_EQ(members[0].first, "a\x1b");
  EXPECT_EQ(members[0].second.place, "f.json.a\\x1b");
  EXPECT_EQ(mistake([&] { members[1].second.members(); }), "f.json.b: expected an object, found 2");
}

TEST(Located, NumbersFromNothing) {
  const Document document("[0, 2.5, -1, \"x\"]");
  const std::vector<Located> items = document.top().items();
  EXPECT_EQ(items[0].not_negative() + items[1].not_negative(), 2.5);
  EXPECT_EQ(mistake([&] { items[2].not_negative(); }), "f.json[2]: expected a number of 0 or more, found -1");
  EXPECT_EQ(mistake([&] { items[3].not_negative(); }), "f.json[3]: expected a number, found \"x\"");
}

TEST(OpenObject, LeavesOtherKeysAlone) {
  const Document document(R"({"use": "x", "n": 3, "later\u001b": [1]})");
  const OpenObject object(document.top(), true);
  EXPECT_EQ(object.text("use"), "x");
  EXPECT_EQ(object.text("none"), "");
  EXPECT_EQ(object.text("none", "otherwise"), "otherwise");
  EXPECT_EQ(object.find("none"), nullptr);
  EXPECT_EQ(object.get("later\x1b").place, "f.json: later\\x1b");
  EXPECT_EQ(mistake([&] { object.text("n"); }), "f.json: n: expected a string, found 3");
  EXPECT_EQ(mistake([&] { object.get("none"); }), "f.json: \"none\" is missing");
}

TEST(StrictObject, KnowsAllKeys) {
  static constexpr std::array<std::string_view, 2> kKeys = {"use", "options"};
  const Document document(R"({"use": "x"})"), wrong_key(R"({"optoins\u001b": 1})"), nothing("[]");
  const StrictObject object(document.top(), kKeys, true);
  EXPECT_EQ(object.get("use").place, "f.json: use");
  EXPECT_EQ(object.find("options"), nullptr);
  EXPECT_EQ(mistake([&] { object.get("options"); }), "f.json: \"options\" is missing");
  EXPECT_THROW(object.find("other"), std::logic_error);
  EXPECT_EQ(mistake([&] { StrictObject(wrong_key.top(), kKeys); }),
            "f.json: unknown key \"optoins\\x1b\" (did you mean \"options\"?) | known keys: use, options");
  EXPECT_EQ(mistake([&] { StrictObject(nothing.top(), kKeys); }),
            "f.json: expected an object, found an array of 0");
}

}  // namespace
}  // namespace ktstr::kit
