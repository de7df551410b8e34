// SPDX-License-Identifier: Apache-2.0
//
// Where a bucket is: "s3://bucket/prefix" and the server that has it.
#pragma once
#include <string>
#include <string_view>

#include "options.hpp"
#include "profile.hpp"

namespace ktstr::s3_store {

struct Bucket {
  std::string name;
  std::string prefix;  ///< without slashes at its ends; may be empty
};
/// Throws ktstr::sdk::Error (KTSTR_INVALID_ARGUMENT).
Bucket parse_url(std::string_view url);

struct Location {
  Bucket bucket;
  std::string region;
  std::string origin;       ///< "https://bucket.s3.eu-west-1.amazonaws.com", "http://127.0.0.1:8081"
  std::string host;         ///< as the header has it
  std::string path_prefix;  ///< encoded: "" or "/bucket"
  std::string ca_bundle;    ///< a file; empty: the system's

  /// For people: "s3://bucket/prefix/KEY".
  std::string shown(std::string_view key) const;
  /// Of an object below the prefix, as the server knows it.
  std::string full_key(std::string_view key) const;
};

/// Region: options > AWS_REGION > AWS_DEFAULT_REGION > profile. Endpoint: options > AWS_ENDPOINT_URL_S3 >
/// AWS_ENDPOINT_URL > profile. Throws KTSTR_INVALID_ARGUMENT.
Location locate_bucket(const Options& options, const Variables& variables, const Profile& profile);

/// "http://127.0.0.1:80" and such: what is said there stays on this machine.
bool is_loopback(std::string_view host);

/// Of "scheme://host:port/path": the parts. Throws KTSTR_INVALID_ARGUMENT; `what` names it.
struct UrlParts {
  std::string scheme, host_port, host, path;
};
UrlParts split_url(std::string_view url, const std::string& what);

}  // namespace ktstr::s3_store
