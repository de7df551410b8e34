// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/json_writer.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <clocale>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

namespace ktstr::kit {
namespace {

TEST(JsonWriter, NumbersAreTheShortestThatReadBackEqual) {
  const std::pair<double, const char*> kRows[] = {{0, "0.0"},
                                                  {-0.0, "0.0"},
                                                  {3, "3.0"},
                                                  {0.1, "0.1"},
                                                  {1.0 / 3, "0.3333333333333333"},
                                                  {46.287, "46.287"},
                                                  {1e300, "1e+300"},
                                                  {5e-324, "5e-324"},
                                                  {-2.5, "-2.5"},
                                                  {1e15, "1e+15"}};
  for (const auto& [value, text] : kRows) EXPECT_EQ(number_text(value), text);
  std::mt19937_64 random(7);
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t bits = random();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    EXPECT_EQ(std::strtod(number_text(value).c_str(), nullptr), value);
  }
}

TEST(JsonWriter, ALocaleChangesNothing) {
  for (const char* name : {"de_DE.UTF-8", "C.UTF-8"}) {
    if (std::setlocale(LC_ALL, name) == nullptr) continue;
    EXPECT_EQ(number_text(1.5), "1.5");
    std::setlocale(LC_ALL, "C");
  }
}

TEST(JsonWriter, WritesOneLine) {
  JsonWriter json(0);
  json.begin_object().member("a", 1).key("b").begin_array().value("x y").value(2.5).end_array();
  json.key("c").begin_object().end_object().end_object();
  EXPECT_EQ(std::move(json).finish(), R"({"a":1,"b":["x y",2.5],"c":{}})");
}

TEST(JsonWriter, WritesIndentedObjects) {
  JsonWriter json;
  json.begin_object().member("a", 1).key("b").begin_array().value("x").value(true).null().end_array();
  json.key("c")
      .begin_object()
      .end_object()
      .member("d", std::optional<double>())
      .member("e", UINT64_MAX)
      .member("f", INT64_MIN);
  json.key("g").begin_array().end_array().end_object();
  EXPECT_EQ(
      std::move(json).finish(),
      "{\n  \"a\": 1,\n  \"b\": [\n    \"x\",\n    true,\n    null\n  ],\n  \"c\": {},\n  \"d\": null,\n"
      "  \"e\": 18446744073709551615,\n  \"f\": -9223372036854775808,\n  \"g\": []\n}\n");
}

TEST(JsonWriter, NotANumberIsNull) {
  JsonWriter json;
  json.begin_array()
      .value(std::numeric_limits<double>::quiet_NaN())
      .value(std::numeric_limits<double>::infinity())
      .end_array();
  EXPECT_EQ(std::move(json).finish(), "[\n  null,\n  null\n]\n");
}

TEST(JsonWriter, HostileTextIsStillJson) {
  JsonWriter json;
  const std::string text("\x1b[2J\"\\\n\t\x7f\xff\x01", 11);
  json.begin_array().value(text).end_array();
  const std::string out = std::move(json).finish();
  for (const char c : out) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << int(c);
  EXPECT_EQ(boost::json::parse(out).as_array().at(0).as_string(),
            std::string_view("\x1b[2J\"\\\n\t\x7f\xEF\xBF\xBD\x01"));
}

TEST(JsonWriter, NothingThatATerminalObeysIsRaw) {
  std::string out;
  append_json_string(out, "\xD8\x9C\xC2\x9B\xE2\x80\xA8ü");
  EXPECT_EQ(out, "\"\\u061c\\u009b\\u2028ü\"");
}

}  // namespace
}  // namespace ktstr::kit
