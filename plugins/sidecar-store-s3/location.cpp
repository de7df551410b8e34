// SPDX-License-Identifier: Apache-2.0
#include "location.hpp"

#include <algorithm>
#include <ktstr/cpp/error.hpp>
#include <ktstr/kit/text.hpp>

#include "signing.hpp"

namespace ktstr::s3_store {
namespace {

constexpr std::string_view kScheme = "s3://";
constexpr std::size_t kLongestPrefix = 512;

[[noreturn]] void refuse_location(const std::string& message, const std::string& hint) {
  throw sdk::Error(KTSTR_INVALID_ARGUMENT, "store s3: " + message, hint);
}

bool lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_bucket_name(std::string_view name) {
  if (name.size() < 3 || name.size() > 63 || name.find("..") != std::string_view::npos) return false;
  if (!lower_or_digit(name.front()) || !lower_or_digit(name.back())) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return lower_or_digit(c) || c == '-' || c == '.'; });
}

/// It becomes a part of a host's name: whoever may say it must not be able to say another host.
bool is_region(std::string_view region) {
  return !region.empty() && region.size() <= 40 &&
         std::all_of(region.begin(), region.end(), [](char c) { return lower_or_digit(c) || c == '-'; });
}

std::string first_of(std::initializer_list<std::string> values) {
  for (const std::string& value : values) {
    if (!value.empty()) return value;
  }
  return {};
}

void place_at_amazon(Location& location, PathStyle style) {
  const std::string suffix = location.region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com";
  const std::string host = "s3." + location.region + suffix;
  // A certificate of *.s3.… does not cover a name with a dot in it.
  const bool dots = location.bucket.name.find('.') != std::string::npos;
  const bool in_path = style == PathStyle::kAlways || (style == PathStyle::kAuto && dots);
  location.host = in_path ? host : location.bucket.name + "." + host;
  location.path_prefix = in_path ? "/" + location.bucket.name : "";
  location.origin = "https://" + location.host;
}

void place_at(Location& location, const std::string& endpoint, const Options& options) {
  const UrlParts url = split_url(endpoint, "the endpoint");
  if (url.scheme == "http" && !is_loopback(url.host) && !options.allow_http) {
    refuse_location("the endpoint " + printable(endpoint) + " is not encrypted, and on another machine",
                    "use https, or say that you want it: the option \"http\": \"any\"");
  }
  const bool in_path = options.path_style != PathStyle::kNever;
  location.host = in_path ? url.host_port : location.bucket.name + "." + url.host_port;
  std::string path = url.path;
  while (path.ends_with('/')) path.pop_back();
  location.path_prefix = percent_encoded(path, true) + (in_path ? "/" + location.bucket.name : "");
  location.origin = url.scheme + "://" + location.host;
}

}  // namespace

Bucket parse_url(std::string_view url) {
  const std::string hint = "s3://BUCKET or s3://BUCKET/PREFIX";
  const std::string shown = printable_start(url, 200);
  if (!url.starts_with(kScheme)) refuse_location("\"" + shown + "\" is no s3:// URL", hint);
  const std::string_view rest = url.substr(kScheme.size());
  Bucket bucket;
  bucket.name = std::string(rest.substr(0, rest.find('/')));
  if (!is_bucket_name(bucket.name)) {
    refuse_location("\"" + shown + "\" names no bucket",
                    hint + "; a bucket's name has 3 to 63 lower-case letters, digits, dots and dashes");
  }
  for (const std::string& part : kit::split(rest.substr(bucket.name.size()), '/')) {
    if (part.empty()) continue;
    if (part == "." || part == ".." || printable(part) != part ||
        part.find_first_of("?#") != std::string::npos)
      refuse_location("\"" + shown + "\": \"" + printable(part) + "\" cannot be a part of the prefix", hint);
    bucket.prefix += (bucket.prefix.empty() ? "" : "/") + part;
  }
  if (bucket.prefix.size() > kLongestPrefix)
    refuse_location("the prefix has more than " + std::to_string(kLongestPrefix) + " bytes", hint);
  return bucket;
}

UrlParts split_url(std::string_view url, const std::string& what) {
  UrlParts parts;
  const std::string shown = printable_start(url, 200);
  const std::string hint = "https://HOST or https://HOST:PORT";
  const std::size_t colon = url.find("://");
  parts.scheme = std::string(url.substr(0, std::min(colon, url.size())));
  if (colon == std::string_view::npos || (parts.scheme != "http" && parts.scheme != "https"))
    refuse_location(what + " \"" + shown + "\" is no URL", hint);
  const std::string_view rest = url.substr(colon + 3);
  parts.host_port = std::string(rest.substr(0, rest.find('/')));
  parts.path = std::string(rest.substr(parts.host_port.size()));
  if (parts.host_port.find('@') != std::string::npos)
    refuse_location(what + " has a name or a password in it", "keys go into the environment or a profile");
  const bool bad = parts.host_port.empty() || printable(parts.host_port) != parts.host_port ||
                   url.find_first_of(" ?#\\") != std::string_view::npos;
  if (bad) refuse_location(what + " \"" + shown + "\" is no URL", hint);
  parts.host = parts.host_port.starts_with('[') ? parts.host_port.substr(0, parts.host_port.find(']') + 1)
                                                : parts.host_port.substr(0, parts.host_port.find(':'));
  return parts;
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string Location::full_key(std::string_view key) const {
  return bucket.prefix.empty() ? std::string(key) : bucket.prefix + "/" + std::string(key);
}

std::string Location::shown(std::string_view key) const {
  return std::string(kScheme) + bucket.name + "/" + full_key(key);
}

Location locate_bucket(const Options& options, const Variables& variables, const Profile& profile) {
  const auto variable = [&](const char* name) { return variables(name).value_or(""); };
  Location location;
  location.bucket = parse_url(options.url);
  location.region = first_of({options.region, variable("AWS_REGION"), variable("AWS_DEFAULT_REGION"),
                              profile.value("region"), "us-east-1"});
  if (!is_region(location.region)) {
    refuse_location("\"" + printable_start(location.region, 80) + "\" is no region",
                    "AWS_REGION=eu-west-1, say");
  }
  location.ca_bundle = first_of({variable("AWS_CA_BUNDLE"), profile.value("ca_bundle")});
  const bool ignore = variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") == "true";
  const std::string endpoint =
      ignore ? options.endpoint
             : first_of({options.endpoint, variable("AWS_ENDPOINT_URL_S3"), variable("AWS_ENDPOINT_URL"),
                         profile.service_value("s3", "endpoint_url"), profile.value("endpoint_url")});
  if (endpoint.empty())
    place_at_amazon(location, options.path_style);
  else
    place_at(location, endpoint, options);
  return location;
}

}  // namespace ktstr::s3_store
