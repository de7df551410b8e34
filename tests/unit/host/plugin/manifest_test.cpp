// SPDX-License-Identifier: Apache-2.0
#include "plugin/manifest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/json.hpp"

namespace ktstr {
namespace {

using ::testing::StartsWith;

json::object good() {
  return parse_json(
             R"({"manifest": 1, "id": "org.example.gate-x", "version": "1.0.0", "library": "gate-x.so", "abi": {"major": 1},
    "arch": "x86_64", "vendor": "v", "license": "l", "provides": [{"interface": "ktstr.gate/1", "name": "x", "summary": "s"}]})",
             "good")
      ->get_object();
}
Result<Manifest> parse(const json::object& object) {
  return parse_manifest(to_text(object), "/p/a.ktstr-plugin.json");
}

TEST(ParseManifest, ReadsAGoodOne) {
  const auto manifest = parse(good());
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->id, "org.example.gate-x");
  EXPECT_EQ(manifest->library_path(), "/p/gate-x.so");
  EXPECT_EQ(manifest->abi_major, 1U);
  ASSERT_EQ(manifest->provides.size(), 1U);
  EXPECT_EQ(manifest->provides[0].interface_id, "ktstr.gate/1");
}

TEST(ParseManifest, NamesTheKeyThatIsWrong) {
  struct Case {
    const char* key;
    const char* value;  // JSON
    const char* message;
  };
  const std::vector<Case> cases = {
      {"manifest", "2", "manifest: format 2 is not known"},
      {"manifest", "\"1\"", "manifest: expected an integer from 0 to 65535, found \"1\""},
      {"id", "\"\"", "id: expected an id such as"},
      {"id", "\"a/b\"", "id: expected an id such as"},
      {"id", "\".a\"", "id: expected an id such as"},
      {"id", "3", "id: expected a string"},
      {"version", "\"\"", "version: it is empty"},
      {"library", "\"../x.so\"", "library: expected a file name in the manifest's own directory"},
      {"library", "\"/x.so\"", "library: expected a file name in the manifest's own directory"},
      {"library", "\"..\"", "library: expected a file name in the manifest's own directory"},
      {"library", "\"a\\u0000b\"", "library: expected a file name in the manifest's own directory"},
      {"library", "\"\"", "library: expected a file name in the manifest's own directory"},
      {"abi", "1", "abi: expected an object, found 1"},
      {"abi", R"({"major": -1})", "abi.major: expected an integer from 0 to 65535, found -1"},
      {"provides", "[]", "provides: expected at least 1 item, found 0"},
      {"provides", "[1]", "provides[0]: expected an object, found 1"},
      {"provides", R"([{"interface": 1}])", "provides[0].interface: expected a string, found 1"},
      {"provides", R"([{"interface": "gate", "name": "x", "summary": ""}])",
       "provides[0].interface: expected"},
      {"provides", R"([{"interface": "ktstr.gate/1", "name": "a b", "summary": ""}])",
       "provides[0].name: expected"},
      {"provides", R"([{"interface": "ktstr.gate/1", "name": "x", "summary": "", "metrics": []}])",
       "provides[0].metrics: only a runner"},
      {"provides", R"([{"interface": "ktstr.runner/1", "name": "x", "summary": "", "metrics": {}}])",
       "provides[0].metrics: expected an array, found an object"},
      {"provides", R"([{"interface": "ktstr.gate/1", "name": "x", "summary": "", "explore": {}}])",
       "provides[0].explore: only a runner"},
      {"provides", R"([{"interface": "ktstr.runner/1", "name": "x", "summary": "", "explore": []}])",
       "provides[0].explore: expected an object, found an array"},
      {"provides", R"([{"interface": "ktstr.gate/1", "name": "x", "summary": "", "min_minor": 70000}])",
       "provides[0].min_minor: expected an integer from 0 to 65535, found 70000"}};
  for (const Case& one : cases) {
    json::object object = good();
    object[one.key] = *parse_json(one.value, "value");
    const auto manifest = parse(object);
    ASSERT_FALSE(manifest) << one.message;
    EXPECT_EQ(manifest.error().code, ExitCode::kPlugin);
    EXPECT_THAT(manifest.error().message, StartsWith(std::string("a.ktstr-plugin.json: ") + one.message));
  }
}

TEST(ParseManifest, LeavesAloneWhatItDoesNotKnow) {
  json::object object = good();
  object["signature"] = "later";
  object["abi"].get_object()["word_size"] = 128;
  object["provides"].get_array()[0].get_object()["runs_on"] = json::array{"moon"};
  object["provides"].get_array().push_back(
      json::object{{"interface", "ktstr.oracle/3"}, {"name", "y"}, {"summary", "s"}, {"min_minor", 9}});
  const auto manifest = parse(object);
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->provides[0].min_minor, 0U);
  EXPECT_EQ(manifest->provides[1].min_minor, 9U);
}

TEST(ParseManifest, WantsTheNecessaryKeys) {
  for (const char* key : {"manifest", "id", "version", "library", "abi", "provides"}) {
    json::object object = good();
    object.erase(key);
    EXPECT_FALSE(parse(object)) << key;
  }
  for (const char* key : {"vendor", "license", "arch"}) {
    json::object object = good();
    object.erase(key);
    EXPECT_TRUE(parse(object)) << key;
  }
}

TEST(ParseManifest, SurvivesHostileFiles) {
  for (const char* text : {"", "[]", "{", "null", "\xFF"}) EXPECT_FALSE(parse_manifest(text, "/p/x")) << text;
  EXPECT_FALSE(parse_manifest(std::string(100'000, '['), "/p/x"));
  json::array many;
  for (int i = 0; i < 65; ++i) many.push_back(good()["provides"].at(0));
  json::object object = good();
  object["provides"] = many;
  EXPECT_FALSE(parse(object));
}

}  // namespace
}  // namespace ktstr
