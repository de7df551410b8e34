// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/hash.hpp"

#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ktstr/kit/assert.hpp>
#include <stdexcept>
#include <vector>

namespace ktstr::kit {
namespace {

void require(int done) {
  if (done != 1) throw std::runtime_error("SHA-256 is not available");
}

EVP_MD_CTX* of(void* context) { return static_cast<EVP_MD_CTX*>(context); }

}  // namespace

std::string hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  KTSTR_ASSERT(text.size() == 2 * bytes.size());
  return text;
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  if (context_ != nullptr && EVP_DigestInit_ex(of(context_), EVP_sha256(), nullptr) == 1) return;
  EVP_MD_CTX_free(of(context_));
  require(0);
}

Sha256::~Sha256() { EVP_MD_CTX_free(of(context_)); }

void Sha256::add(std::string_view bytes) {
  require(EVP_DigestUpdate(of(context_), bytes.data(), bytes.size()));
}

std::string Sha256::finish() {
  std::array<char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  require(EVP_DigestFinal_ex(of(context_), reinterpret_cast<unsigned char*>(digest.data()), &length));
  KTSTR_ASSERT(length == 32);
  return hex({digest.data(), length});
}

std::string sha256_of(std::string_view bytes) {
  Sha256 sum;
  sum.add(bytes);
  return sum.finish();
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::array<char, EVP_MAX_MD_SIZE> mac{};
  std::size_t length = 0;
  const auto* bytes = EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key.data(), key.size(),
                                reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                                reinterpret_cast<unsigned char*>(mac.data()), mac.size(), &length);
  require(bytes != nullptr && length == 32 ? 1 : 0);
  return {mac.data(), length};
}

bool sha256_of_file(int fd, std::string& sum) {
  Sha256 hash;
  std::vector<char> buffer(1 << 20);
  for (;;) {
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    if (n == 0) break;
    KTSTR_ASSERT(static_cast<std::size_t>(n) <= buffer.size());
    hash.add({buffer.data(), static_cast<std::size_t>(n)});
  }
  sum = hash.finish();
  return true;
}

}  // namespace ktstr::kit
