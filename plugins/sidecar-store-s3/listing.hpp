// SPDX-License-Identifier: Apache-2.0
//
// What S3 answers in XML. The text comes from a server and may be anything.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr::s3_store {

struct ListedObject {
  std::string key, etag;
  std::uint64_t bytes = 0;
  std::int64_t mtime_ns = 0;  ///< 0: not told
};

/// One page of ListObjectsV2 that was asked for with encoding-type=url.
struct ListPage {
  std::vector<ListedObject> objects;
  std::string next;  ///< the token of the next page; empty: this is the last
};

/// Throws ktstr::sdk::Error (KTSTR_IO) for what is no such page.
ListPage parse_list_page(std::string_view xml);

/// <Error><Code>NoSuchBucket</Code>…; empty where the text is no such thing.
struct ServerError {
  std::string code, message, region;
};
ServerError parse_server_error(std::string_view xml);

/// The text of the first element of that name, whatever stands around it; empty: there is none.
std::string element_text(std::string_view xml, const char* name);

/// "2009-10-12T17:50:30.000Z" as nanoseconds since 1970; 0 where it is no such date.
std::int64_t parse_date_ns(std::string_view text);

}  // namespace ktstr::s3_store
