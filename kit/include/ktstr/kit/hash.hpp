// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace ktstr::kit {

/// Bytes as lower-case hex digits, two each.
std::string hex(std::string_view bytes);

/// SHA-256 of bytes that come in pieces. Throws std::runtime_error where OpenSSL has none (a library without
/// the algorithm, no memory): a hash that is quietly another would identify the wrong thing.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::string_view bytes);
  /// 64 hex digits. Once.
  std::string finish();

 private:
  void* context_;
};

std::string sha256_of(std::string_view bytes);

/// HMAC-SHA-256 (RFC 2104): 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view text);

/// The hash of what is read from `fd` up to its end. False and errno where reading fails.
bool sha256_of_file(int fd, std::string& sum);

}  // namespace ktstr::kit
