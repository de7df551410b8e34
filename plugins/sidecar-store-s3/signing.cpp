// SPDX-License-Identifier: Apache-2.0
#include "signing.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/time.hpp>

namespace ktstr::s3_store {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

bool stays(char c, bool keep_slash) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~' || (keep_slash && c == '/');
}

/// Blanks around a header's value do not count, and several in it are one.
std::string trimmed_value(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
    out += c;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace

std::string percent_encoded(std::string_view text, bool keep_slash) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (stays(c, keep_slash)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4U];
    out += kHex[byte & 15U];
  }
  return out;
}

std::string canonical_query(const Pairs& query) {
  Pairs encoded;
  for (const auto& [name, value] : query)
    encoded.emplace_back(percent_encoded(name, false), percent_encoded(value, false));
  std::sort(encoded.begin(), encoded.end());
  std::string out;
  for (const auto& [name, value] : encoded) out += (out.empty() ? "" : "&") + name + "=" + value;
  return out;
}

std::string amz_date(std::int64_t unix_seconds) { return kit::utc_name(unix_seconds); }

std::string authorization(const ToSign& request, const Keys& keys, std::string_view region,
                          std::string_view date) {
  Pairs headers = request.headers;
  std::sort(headers.begin(), headers.end());
  std::string lines, names;
  for (const auto& [name, value] : headers) {
    lines += name + ":" + trimmed_value(value) + "\n";
    names += (names.empty() ? "" : ";") + name;
  }
  const std::string canonical = std::string(request.method) + "\n" + std::string(request.path) + "\n" +
                                std::string(request.query) + "\n" + lines + "\n" + names + "\n" +
                                std::string(request.payload_sha256);
  KTSTR_ASSERT(date.size() > 8 && !request.payload_sha256.empty());
  const std::string day(date.substr(0, 8));
  const std::string scope = day + "/" + std::string(region) + "/s3/aws4_request";
  const std::string text =
      std::string(kAlgorithm) + "\n" + std::string(date) + "\n" + scope + "\n" + kit::sha256_of(canonical);
  std::string key = kit::hmac_sha256("AWS4" + keys.secret, day);
  for (const std::string_view part : {region, std::string_view("s3"), std::string_view("aws4_request")})
    key = kit::hmac_sha256(key, part);
  return std::string(kAlgorithm) + " Credential=" + keys.access + "/" + scope + ", SignedHeaders=" + names +
         ", Signature=" + kit::hex(kit::hmac_sha256(key, text));
}

}  // namespace ktstr::s3_store
