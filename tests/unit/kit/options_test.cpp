// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktstr::kit {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

enum class Mode { kAuto, kFast };

struct Sample {
  double level = 0.05;
  std::optional<double> part;
  std::uint64_t count = 3;
  bool strict = false;
  std::string program = "qemu";
  std::vector<std::string> words;
  std::filesystem::path place;
  std::chrono::milliseconds patience{30'000};
  Mode mode = Mode::kFast;
  std::uint64_t kept = 20;
};

const auto kTable =
    OptionTable<Sample>("gate x")
        .number("level", &Sample::level, {0, 1, Ends::kOpen}, "level", "0.05 is usual")
        .number(
            "percent", [](Sample& sample, double percent) { sample.part = percent / 100; }, {0, 100},
            "percent")
        .number("q", &Sample::level, {1e-6, 0.5, Ends::kOpenAbove}, "q")
        .integer("count", &Sample::count, 1, 9, "count")
        .integer("patience_s", &Sample::patience, 0, 3600, "patience")
        .flag("strict", &Sample::strict, "strict")
        .program("program", &Sample::program, "program")
        .texts("words", &Sample::words, "words")
        .path("place", &Sample::place, "place")
        .choice("mode", &Sample::mode, "mode", {{"auto", Mode::kAuto}, {"fast", Mode::kFast}}, "mode")
        .group("history", "history", OptionTable<Sample>().integer("keep", &Sample::kept, 1, 100, "kept"));

std::string mistake(std::string_view text) {
  try {
    kTable.read(text);
  } catch (const Mistake& found) {
    return found.message() + (found.hint().empty() ? "" : " | " + found.hint());
  }
  return "";
}

TEST(Options, DefaultsAreThoseOfTheStruct) {
  const Sample sample = kTable.read("{}");
  EXPECT_EQ(sample.level, 0.05);
  EXPECT_EQ(sample.kept, 20U);
  EXPECT_FALSE(sample.part);
}

TEST(Options, EachRowFillsItsMember) {
  const Sample sample = kTable.read(
      R"({"level": 0.5, "percent": 25, "count": 4, "patience_s": 2, "strict": true, "program": "/q",
          "words": ["a", "b"], "place": "/p", "mode": "auto", "history": {"keep": 7}})");
  EXPECT_EQ(sample.level, 0.5);
  EXPECT_EQ(sample.part, 0.25);
  EXPECT_EQ(sample.count, 4U);
  EXPECT_EQ(sample.patience, std::chrono::seconds(2));
  EXPECT_TRUE(sample.strict);
  EXPECT_EQ(sample.program, "/q");
  EXPECT_EQ(sample.words, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(sample.place, "/p");
  EXPECT_EQ(sample.mode, Mode::kAuto);
  EXPECT_EQ(sample.kept, 7U);
}

TEST(Options, MistakesNameTheOptionAndWhatItTakes) {
  EXPECT_EQ(mistake(R"({"level": 1})"),
            "gate x: option \"level\": expected a number between 0 and 1, found 1 | 0.05 is usual");
  EXPECT_EQ(mistake(R"({"level": "a"})"),
            "gate x: option \"level\": expected a number between 0 and 1, found \"a\" | 0.05 is usual");
  EXPECT_EQ(mistake(R"({"q": 1e-300})"),
            "gate x: option \"q\": expected a number from 1e-6 to below 0.5, found 1e-300");
  EXPECT_EQ(mistake(R"({"q": 0.5})"),
            "gate x: option \"q\": expected a number from 1e-6 to below 0.5, found 0.5");
  EXPECT_EQ(mistake(R"({"count": 0})"), "gate x: option \"count\": expected an integer from 1 to 9, found 0");
  EXPECT_EQ(mistake(R"({"strict": 1})"), "gate x: option \"strict\": expected true or false, found 1");
  EXPECT_EQ(mistake(R"({"program": ""})"),
            "gate x: option \"program\": expected a program's name or path, found \"\"");
  EXPECT_EQ(mistake(R"({"place": "p"})"), "gate x: option \"place\": expected an absolute path, found \"p\"");
  EXPECT_EQ(mistake(R"({"place": "/p\u0000"})"),
            "gate x: option \"place\": expected an absolute path, found \"/p\\x00\"");
  EXPECT_EQ(mistake(R"({"mode": "fas"})"),
            "gate x: option \"mode\": unknown mode \"fas\" (did you mean \"fast\"?) | known: auto, fast");
  EXPECT_EQ(mistake(R"({"history": {"keep": 0}})"),
            "gate x: option \"history.keep\": expected an integer from 1 to 100, found 0");
  EXPECT_EQ(mistake(R"({"history": 3})"), "gate x: option \"history\": expected an object, found 3");
  EXPECT_EQ(mistake(R"({"history": {"kee": 3}})"),
            "gate x: unknown option \"history.kee\" (did you mean \"keep\"?) | known options: keep");
  EXPECT_THAT(mistake(R"({"levle": 3})"),
              StartsWith("gate x: unknown option \"levle\" (did you mean \"level\"?)"));
  EXPECT_THAT(mistake("{\"a\\u001b\": 3}"), HasSubstr("unknown option \"a\\x1b\""));
  EXPECT_THAT(mistake(R"({"level": 0.1, "level": 0.2})"), HasSubstr("the key \"level\" stands twice"));
}

TEST(Options, WhatIsNoObjectIsRefused) {
  for (const char* text : {"", "[]", "0.05", "{", "{}{}", "\xff", "null"})
    EXPECT_THAT(mistake(text), StartsWith("gate x: options: ")) << text;
}

TEST(Options, WithoutRowsNothingIsKnown) {
  const OptionTable<NoOptions> none("reporter y");
  EXPECT_NO_THROW(none.read("{}"));
  EXPECT_THROW(none.read(R"({"a": 1})"), Mistake);
  EXPECT_EQ(read_json(none.schema(), "s"),
            read_json(R"({"type": "object", "additionalProperties": false})", "s"));
}

TEST(Options, TheSchemaIsThatOfTheRows) {
  EXPECT_EQ(to_text(read_json(kTable.schema(), "schema")), to_text(read_json(R"({
  "type": "object", "additionalProperties": false,
  "properties": {
    "level": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "default": 0.05, "description": "level"},
    "percent": {"type": "number", "minimum": 0, "maximum": 100, "description": "percent"},
    "q": {"type": "number", "minimum": 1e-6, "exclusiveMaximum": 0.5, "default": 0.05, "description": "q"},
    "count": {"type": "integer", "minimum": 1, "maximum": 9, "default": 3, "description": "count"},
    "patience_s": {"type": "integer", "minimum": 0, "maximum": 3600, "default": 30, "description": "patience"},
    "strict": {"type": "boolean", "default": false, "description": "strict"},
    "program": {"type": "string", "format": "host-program", "default": "qemu", "description": "program"},
    "words": {"type": "array", "items": {"type": "string"}, "description": "words"},
    "place": {"type": "string", "format": "host-path", "description": "place"},
    "mode": {"enum": ["auto", "fast"], "default": "fast", "description": "mode"},
    "history": {"type": "object", "additionalProperties": false, "properties": {
      "keep": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20, "description": "kept"}}, "description": "history"}
  }})",
                                                                             "schema")));
}

}  // namespace
}  // namespace ktstr::kit
