// SPDX-License-Identifier: Apache-2.0
//
// AWS Signature Version 4 for requests to S3. Our own, because libcurl's signer canonicalises differently
// from version to version.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ktstr::s3_store {

struct Keys {
  std::string access, secret, token;  ///< `token` may be empty
};

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// RFC 3986: everything but letters, digits and "-._~" becomes %XX; with `keep_slash` also "/" stays.
std::string percent_encoded(std::string_view text, bool keep_slash);

/// "k=v&…", encoded and in the order that signatures want.
std::string canonical_query(const Pairs& query);

struct ToSign {
  std::string_view method;
  std::string_view path;   ///< encoded
  std::string_view query;  ///< of canonical_query
  Pairs headers;           ///< names in lower case, in any order; "host" among them
  std::string_view payload_sha256;
};

/// "20130524T000000Z".
std::string amz_date(std::int64_t unix_seconds);

/// The value of the header "Authorization". `date`: as amz_date gives it.
std::string authorization(const ToSign& request, const Keys& keys, std::string_view region,
                          std::string_view date);

}  // namespace ktstr::s3_store
