// SPDX-License-Identifier: Apache-2.0
#include "listing.hpp"

#include <gmock/gmock.h>

#include <ktstr/cpp/error.hpp>

namespace ktstr::s3_store {
namespace {

using ::testing::HasSubstr;

std::string refused(const std::string& xml) {
  try {
    parse_list_page(xml);
  } catch (const sdk::Error& error) {
    EXPECT_EQ(error.status(), KTSTR_IO);
    return error.message();
  }
  return "";
}

constexpr const char* kObject =
    "<Contents><Key>a%2Fb+c%2Bd</Key><LastModified>2026-06-21T10:20:30.250Z</LastModified>"
    "<ETag>&quot;0123&quot;</ETag><Size>17</Size></Contents>";

std::string page(const std::string& inside) {
  return R"(<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)" +
         inside + "</ListBucketResult>";
}

TEST(Listing, ReadsAPage) {
  const ListPage last = parse_list_page(page(std::string("<IsTruncated>false</IsTruncated>") + kObject));
  ASSERT_EQ(last.objects.size(), 1U);
  EXPECT_EQ(last.objects[0].key, "a/b c+d");
  EXPECT_EQ(last.objects[0].etag, "\"0123\"");
  EXPECT_EQ(last.objects[0].bytes, 17U);
  EXPECT_EQ(last.objects[0].mtime_ns, 1782037230'250'000'000);
  EXPECT_EQ(last.next, "");
  const ListPage more = parse_list_page(
      page("<IsTruncated>true</IsTruncated><NextContinuationToken>t/+=</NextContinuationToken>"));
  EXPECT_EQ(more.next, "t/+=");
  EXPECT_EQ(
      parse_list_page("<s3:ListBucketResult xmlns:s3='x'><s3:Contents><s3:Key>k</s3:Key><s3:Size>1</s3:Size>"
                      "</s3:Contents></s3:ListBucketResult>")
          .objects.at(0)
          .key,
      "k");
}

TEST(Listing, RefusesWhatIsNone) {
  EXPECT_THAT(refused(""), HasSubstr("it is no XML"));
  EXPECT_THAT(refused("<<<"), HasSubstr("it is no XML"));
  EXPECT_THAT(refused("<html><body>Login</body></html>"), HasSubstr("it is no ListBucketResult"));
  EXPECT_THAT(refused(page("<Contents><Size>1</Size></Contents>")), HasSubstr("no usable key"));
  EXPECT_THAT(refused(page("<Contents><Key>k%4</Key><Size>1</Size></Contents>")), HasSubstr("no usable key"));
  EXPECT_THAT(refused(page("<Contents><Key>k%zz</Key><Size>1</Size></Contents>")),
              HasSubstr("no usable key"));
  EXPECT_THAT(refused(page("<Contents><Key>" + std::string(1025, 'k') + "</Key><Size>1</Size></Contents>")),
              HasSubstr("no usable key"));
  for (const char* size : {"", "-1", "1x", "99999999999999999999999"})
    EXPECT_THAT(refused(page("<Contents><Key>k</Key><Size>" + std::string(size) + "</Size></Contents>")),
                HasSubstr("no size"));
  EXPECT_THAT(refused(page("<IsTruncated>true</IsTruncated>")), HasSubstr("not where"));
  std::string many;
  for (int i = 0; i < 1001; ++i) many += kObject;
  EXPECT_THAT(refused(page(many)), HasSubstr("more objects than a page may have"));
}

TEST(Listing, NeitherGrowsNorFetchesNorFallsDeep) {
  const std::string bomb =
      R"(<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>)"
      "<ListBucketResult><Contents><Key>k&b;&x;</Key><Size>1</Size></Contents></ListBucketResult>";
  EXPECT_EQ(parse_list_page(bomb).objects.at(0).key, "k&b;&x;");
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += "<a>";
  EXPECT_THAT(refused(deep), HasSubstr("it is no XML"));
  std::string closed = deep;
  for (int i = 0; i < 200'000; ++i) closed += "</a>";
  EXPECT_EQ(element_text(closed, "Key"), "");
  EXPECT_TRUE(parse_list_page(page(closed)).objects.empty());
}

TEST(Listing, ReadsWhatServersSayOfErrors) {
  const ServerError error = parse_server_error(
      "<Error><Code>PermanentRedirect</Code><Message>no\x1b[2J</Message><Region>eu-west-1</Region></Error>");
  EXPECT_EQ(error.code, "PermanentRedirect");
  EXPECT_EQ(error.message, "no\\x1b[2J");
  EXPECT_EQ(error.region, "eu-west-1");
  for (const char* none : {"", "<html/>", "{}", "<Error>"}) EXPECT_EQ(parse_server_error(none).code, "");
  EXPECT_EQ(element_text("<a xmlns='x'><b><AccessKeyId>K</AccessKeyId></b></a>", "AccessKeyId"), "K");
}

TEST(Listing, ReadsDates) {
  EXPECT_EQ(parse_date_ns("1970-01-01T00:00:01Z"), 1'000'000'000);
  EXPECT_EQ(parse_date_ns("2000-02-29T00:00:00.5Z"), 951782400'500'000'000);
  for (const char* none :
       {"", "2001-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01 00:00:00Z", "yesterday",
        "2026-01-01T25:00:00Z", "2026-01-01T00:00:00.xZ", "2026-01-01T00:00:00"})
    EXPECT_EQ(parse_date_ns(none), 0) << none;
}

}  // namespace
}  // namespace ktstr::s3_store
