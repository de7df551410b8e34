// SPDX-License-Identifier: Apache-2.0
#include "machine/sealed_file.hpp"

#include <xxhash.h>

#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/numbers.hpp>

#include "machine/files.hpp"

namespace ktstr::kvm {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMostBytes = 1 << 20;
constexpr std::string_view kSeal = "\nchecksum ";

}  // namespace

std::string checksum_hex(std::string_view bytes) {
  return kit::hex64(XXH3_64bits(bytes.data(), bytes.size()));
}

void write_sealed(const fs::path& path, std::string_view text) {
  KTSTR_ASSERT(text.size() + kSeal.size() + 17 <= kMostBytes);  // as it is read
  write_file_atomically(path, std::string(text) + std::string(kSeal) + checksum_hex(text) + "\n");
}

SealedText read_sealed(const fs::path& path) {
  std::error_code error;
  if (fs::symlink_status(path, error).type() == fs::file_type::not_found) return {};
  std::string bytes;
  try {
    bytes = read_file(path, kMostBytes);
  } catch (const FileError&) {
    return {SealedText::kDamaged, {}};
  }
  const std::size_t at = bytes.rfind(kSeal);
  if (at == std::string::npos) return {SealedText::kDamaged, {}};
  const std::string_view text = std::string_view(bytes).substr(0, at);
  if (bytes.substr(at + kSeal.size()) != checksum_hex(text) + "\n") return {SealedText::kDamaged, {}};
  return {SealedText::kWhole, std::string(text)};
}

}  // namespace ktstr::kvm
