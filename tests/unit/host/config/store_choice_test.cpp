// SPDX-License-Identifier: Apache-2.0
#include "config/store_choice.hpp"

#include <gmock/gmock.h>

namespace ktstr {
namespace {

using ::testing::HasSubstr;

const PluginChoice kConfigured{"fs", R"({"history":{"keep":3}})"};

PluginChoice parsed_store(const std::string& text) {
  const auto choice = parse_store(text, "/place", kConfigured, "--store");
  return choice ? *choice : PluginChoice{"error: " + choice.error().message, ""};
}

TEST(StoreChoice, OfAUrlIsThePluginOfItsScheme) {
  EXPECT_EQ(parsed_store("s3://bucket/a b").use, "s3");
  EXPECT_EQ(parsed_store("s3://bucket/a b").options_json, R"({"url":"s3://bucket/a b"})");
  EXPECT_EQ(store_of_url("http://127.0.0.1:1/\"x\"").options_json, R"({"url":"http://127.0.0.1:1/\"x\""})");
  for (const char* name : {"fs", "com.example.x/s3", "://x", "S3://x", "a b://x"}) {
    EXPECT_EQ(store_of_url(name).use, name) << "a plugin's name, whether there is one or not";
    EXPECT_EQ(store_of_url(name).options_json, "{}");
  }
}

TEST(StoreChoice, OfAPathIsADirectoryOfRuns) {
  EXPECT_EQ(parsed_store("runs/").options_json, R"({"root":"/place/runs/"})");
  EXPECT_EQ(parsed_store("./a/../b").options_json, R"({"root":"/place/b"})");
  EXPECT_EQ(parsed_store("/srv/runs").options_json, R"({"root":"/srv/runs"})");
  EXPECT_EQ(parsed_store(".").use, "fs");
  EXPECT_THAT(parsed_store("~/runs").use, HasSubstr("only a shell knows what ~ is"));
}

TEST(StoreChoice, OfANameIsThatPluginAndTheConfiguredOneWithItsOptions) {
  EXPECT_EQ(parsed_store("fs").options_json, kConfigured.options_json);
  EXPECT_EQ(parsed_store("other").use, "other");
  EXPECT_EQ(parsed_store("other").options_json, "{}");
  EXPECT_THAT(parsed_store("").use, HasSubstr("names no store"));
}

TEST(StoreChoice, IsShownAsPeopleTypeIt) {
  EXPECT_EQ(store_text(parsed_store("s3://bucket/x")), "s3://bucket/x");
  EXPECT_EQ(store_text(parsed_store("/srv/runs")), "/srv/runs");
  EXPECT_EQ(store_text(kConfigured), "fs");
}

}  // namespace
}  // namespace ktstr
