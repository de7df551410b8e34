// SPDX-License-Identifier: Apache-2.0
#include "location.hpp"

#include <gmock/gmock.h>

#include <ktstr/cpp/error.hpp>
#include <map>

namespace ktstr::s3_store {
namespace {

using ::testing::HasSubstr;

Variables said(std::map<std::string, std::string> all) {
  return [all = std::move(all)](const std::string& name) -> std::optional<std::string> {
    const auto found = all.find(name);
    return found == all.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
}

Location located(Options options, std::map<std::string, std::string> variables = {}) {
  if (options.url.empty()) options.url = "s3://bucket/prefix";
  return locate_bucket(options, said(std::move(variables)), Profile());
}

template <typename Work>
std::string refusal(Work work) {
  try {
    work();
  } catch (const sdk::Error& error) {
    EXPECT_EQ(error.status(), KTSTR_INVALID_ARGUMENT);
    return error.message() + " | " + error.hint();
  }
  return "";
}

TEST(Location, ReadsUrls) {
  const Bucket bucket = parse_url("s3://my-bucket.x/team a//ci/");
  EXPECT_EQ(bucket.name, "my-bucket.x");
  EXPECT_EQ(bucket.prefix, "team a/ci");
  EXPECT_EQ(parse_url("s3://abc").prefix, "");
  for (const char* bad : {"", "bucket", "s3:/bucket", "s3://", "s3:///x", "s3://ab", "s3://Upper", "s3://a_b",
                          "s3://-ab", "s3://a..b", "s3://user:pw@bucket", "s3://bucket/../x",
                          "s3://bucket/a/./b", "s3://bucket/a\nb", "s3://bucket/a?b", "http://bucket/x"})
    EXPECT_THAT(refusal([&] { parse_url(bad); }), HasSubstr("s3://BUCKET")) << bad;
}

TEST(Location, IsAtAmazonWhenNobodySaysOtherwise) {
  const Location here = located({}, {{"AWS_REGION", "eu-west-1"}, {"AWS_DEFAULT_REGION", "us-west-2"}});
  EXPECT_EQ(here.origin, "https://bucket.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(here.host, "bucket.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(here.path_prefix, "");
  EXPECT_EQ(here.full_key("v1/x"), "prefix/v1/x");
  EXPECT_EQ(here.shown("v1/x"), "s3://bucket/prefix/v1/x");
  EXPECT_EQ(located({}).region, "us-east-1");
  Options dots;
  dots.url = "s3://a.b.c";
  EXPECT_EQ(located(dots).origin, "https://s3.us-east-1.amazonaws.com");
  EXPECT_EQ(located(dots).path_prefix, "/a.b.c");
  Options china;
  china.region = "cn-north-1";
  EXPECT_EQ(located(china, {{"AWS_REGION", "eu-west-1"}}).host, "bucket.s3.cn-north-1.amazonaws.com.cn");
}

TEST(Location, EndpointsCountInTheOrderOfTheSdks) {
  const std::map<std::string, std::string> both = {{"AWS_ENDPOINT_URL_S3", "https://a.example"},
                                                   {"AWS_ENDPOINT_URL", "https://b.example/base/"}};
  EXPECT_EQ(located({}, both).origin, "https://a.example");
  EXPECT_EQ(located({}, both).path_prefix, "/bucket");
  EXPECT_EQ(located({}, {{"AWS_ENDPOINT_URL", "https://b.example/base/"}}).path_prefix, "/base/bucket");
  Options said_so;
  said_so.endpoint = "https://c.example:9000";
  EXPECT_EQ(located(said_so, both).host, "c.example:9000");
  said_so.path_style = PathStyle::kNever;
  EXPECT_EQ(located(said_so, both).host, "bucket.c.example:9000");
  auto ignored = both;
  ignored["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
  EXPECT_EQ(located({}, ignored).origin, "https://bucket.s3.us-east-1.amazonaws.com");
}

TEST(Location, RefusesWhatIsNotEncryptedElsewhere) {
  for (const char* near :
       {"http://127.0.0.1:8081", "http://localhost", "http://[::1]:9000", "http://127.1.2.3"})
    EXPECT_EQ(located({}, {{"AWS_ENDPOINT_URL", near}}).origin, near);
  for (const char* far : {"http://192.168.0.7", "http://127.0.0.1.example.org",
                          "http://localhost.example.org", "http://127.evil"})
    EXPECT_THAT(refusal([&] {
                  located({}, {{"AWS_ENDPOINT_URL", far}});
                }),
                HasSubstr("not encrypted"))
        << far;
  Options any;
  any.allow_http = true;
  EXPECT_EQ(located(any, {{"AWS_ENDPOINT_URL", "http://192.168.0.7"}}).origin, "http://192.168.0.7");
}

TEST(Location, RefusesEndpointsThatAreNone) {
  EXPECT_THAT(refusal([] {
                located({}, {{"AWS_ENDPOINT_URL", "https://key:secret@host"}});
              }),
              ::testing::AllOf(HasSubstr("a name or a password"), ::testing::Not(HasSubstr("secret@"))));
  for (const char* bad :
       {"host", "ftp://host", "https://", "https://h/?x", "https://h\ninjected", "https://h x"})
    EXPECT_NE(refusal([&] { located({}, {{"AWS_ENDPOINT_URL", bad}}); }), "") << bad;
  for (const char* region : {"x.example.org", "eu-west-1/", "EU", "eu west"})
    EXPECT_THAT(refusal([&] { located({}, {{"AWS_REGION", region}}); }), HasSubstr("is no region")) << region;
}

}  // namespace
}  // namespace ktstr::s3_store
