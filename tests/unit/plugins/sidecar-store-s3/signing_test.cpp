// SPDX-License-Identifier: Apache-2.0
//
// Against the examples that AWS publishes with the description of its signatures.
#include "signing.hpp"

#include <gtest/gtest.h>

#include <ktstr/kit/hash.hpp>

namespace ktstr::s3_store {
namespace {

const Keys kKeys{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
constexpr const char* kDate = "20130524T000000Z";
constexpr const char* kHost = "examplebucket.s3.amazonaws.com";

std::string signature(const std::string& method, const std::string& path, const Pairs& query, Pairs headers,
                      const std::string& payload = "") {
  const std::string sum = kit::sha256_of(payload), text = canonical_query(query);
  headers.emplace_back("host", kHost);
  headers.emplace_back("x-amz-content-sha256", sum);
  headers.emplace_back("x-amz-date", kDate);
  const std::string value =
      authorization({method, percent_encoded(path, true), text, headers, sum}, kKeys, "us-east-1", kDate);
  return value.substr(value.find("Signature=") + 10);
}

TEST(Signing, IsWhatAmazonPublishes) {
  EXPECT_EQ(signature("GET", "/test.txt", {}, {{"range", "bytes=0-9"}}),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  EXPECT_EQ(
      signature("PUT", "/test$file.text", {},
                {{"date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                "Welcome to Amazon S3."),
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
  EXPECT_EQ(signature("GET", "/", {{"lifecycle", ""}}, {}),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  EXPECT_EQ(signature("GET", "/", {{"prefix", "J"}, {"max-keys", "2"}}, {}),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(Signing, NamesKeyScopeAndHeaders) {
  const std::string value = authorization({"GET", "/", "", {{"x-amz-date", kDate}, {"host", kHost}}, "sum"},
                                          kKeys, "eu-west-1", kDate);
  EXPECT_EQ(value.find("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/eu-west-1/s3/aws4_request, "
                       "SignedHeaders=host;x-amz-date, Signature="),
            0U);
  EXPECT_EQ(value.find(kKeys.secret), std::string::npos);
}

TEST(Signing, DoesNotCountBlanksOfHeaders) {
  const auto with = [](const std::string& value) { return signature("GET", "/", {}, {{"x-a", value}}); };
  EXPECT_EQ(with("a b"), with("  a   b "));
  EXPECT_NE(with("a b"), with("ab"));
}

TEST(Signing, EncodesAsRfc3986Says) {
  EXPECT_EQ(percent_encoded("aZ09-._~/", true), "aZ09-._~/");
  EXPECT_EQ(percent_encoded("a/b", false), "a%2Fb");
  EXPECT_EQ(percent_encoded(" +=&@:\xC3\xA9", true), "%20%2B%3D%26%40%3A%C3%A9");
  EXPECT_EQ(canonical_query({{"prefix", "a b/+"}, {"list-type", "2"}}), "list-type=2&prefix=a%20b%2F%2B");
  EXPECT_EQ(canonical_query({{"b", "1"}, {"a", "2"}, {"a", "1"}}), "a=1&a=2&b=1");
}

TEST(Signing, HmacIsThatOfRfc4231) {
  EXPECT_EQ(kit::hex(kit::hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(kit::hex(kit::hmac_sha256(std::string(131, '\xaa'),
                                      "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

}  // namespace
}  // namespace ktstr::s3_store
