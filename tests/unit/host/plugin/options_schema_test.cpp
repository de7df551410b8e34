// SPDX-License-Identifier: Apache-2.0
#include "plugin/options_schema.hpp"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace ktstr {
namespace {

constexpr const char* kOptionRules = R"({
  "type": "object", "additionalProperties": false, "required": ["url"],
  "properties": {
    "url": {"type": "string", "minLength": 1},
    "q": {"type": "number", "minimum": 1e-6, "exclusiveMaximum": 0.5},
    "keep": {"type": "integer", "minimum": 0, "maximum": 10},
    "fast": {"type": "boolean"},
    "mode": {"enum": ["auto", "never"]},
    "deep": {"type": "object", "additionalProperties": false, "properties": {"n": {"type": "integer"}}},
    "free": {"type": "object", "additionalProperties": {"type": "string"}},
    "many": {"type": "array", "minItems": 1, "items": {"type": "string"}},
    "root": {"type": "string", "format": "runs-root"}
  }
})";

std::string misfit(const std::string& options, std::string_view schema = kOptionRules) {
  const Status fine = check_options(schema, options, "gate g");
  if (fine) return {};
  EXPECT_EQ(fine.error().code, ExitCode::kUsage);
  return fine.error().message;
}

TEST(OptionsSchema, TakesWhatFits) {
  for (const char* more : {"", R"(, "q": 0.05, "keep": 10, "fast": true, "mode": "never")",
                           R"(, "deep": {"n": 3.0}, "free": {"x": "y"}, "many": ["a"])"})
    EXPECT_EQ(misfit(R"({"url": "u")" + std::string(more) + "}"), "");
  EXPECT_EQ(misfit("{}", ""), "");
  EXPECT_EQ(misfit(R"({"anything": 1})", "{}"), "");
}

TEST(OptionsSchema, NamesTheOptionAndWhatItWants) {
  const std::vector<std::tuple<const char*, const char*>> cases = {
      {R"("q": "x")", "option \"q\" must be a number from 1e-06 below 0.5"},
      {R"("q": 0.5)", "option \"q\" must be a number from 1e-06 below 0.5"},
      {R"("keep": 1.5)", "option \"keep\" must be an integer from 0 to 10"},
      {R"("keep": -1)", "option \"keep\" must be an integer from 0 to 10"},
      {R"("fast": 1)", "option \"fast\" must be true or false"},
      {R"("mode": "x")", "option \"mode\" must be one of \"auto\", \"never\""},
      {R"("deep": {"m": 1})", "unknown option \"deep.m\""},
      {R"("free": {"x": 1})", "option \"free.x\" must be a string"},
      {R"("many": [])", "option \"many\" must be an array of at least 1 elements"},
      {R"("many": ["a", 1])", "option \"many[1]\" must be a string"},
      {R"("kep": 1)", "unknown option \"kep\" (did you mean \"keep\"?)"},
  };
  for (const auto& [option, message] : cases)
    EXPECT_EQ(misfit(R"({"url": "u", )" + std::string(option) + "}"), "gate g: " + std::string(message));
  EXPECT_EQ(misfit("{}"), "gate g: option \"url\" is missing");
  EXPECT_EQ(misfit(R"({"url": ""})"), "gate g: option \"url\" must be a text that is not empty");
  EXPECT_EQ(misfit("[]"), "gate g: options must be an object");
  EXPECT_EQ(misfit(R"({"x": 1})", ""), "gate g: unknown option \"x\"");
}

TEST(OptionsSchema, ABrokenSchemaIsThePluginsFault) {
  EXPECT_EQ(check_options("nonsense", "{}", "gate g").error().code, ExitCode::kPlugin);
}

TEST(OptionsSchema, FindsTheRunsRoot) {
  EXPECT_EQ(option_of_format(kOptionRules, R"({"root": "/r"})", kRunsRootFormat), "/r");
  EXPECT_EQ(option_of_format(kOptionRules, "{}", kRunsRootFormat), "");
  EXPECT_EQ(option_of_format("", R"({"root": "/r"})", kRunsRootFormat), "");
}

}  // namespace
}  // namespace ktstr
