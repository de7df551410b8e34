// SPDX-License-Identifier: Apache-2.0
//
// Small files of the cache that carry their own checksum: one that was damaged is told from one that is not
// there.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace ktstr::kvm {

struct SealedText {
  enum State { kMissing, kDamaged, kWhole } state = kMissing;
  std::string text;  ///< as it was written; empty unless kWhole
};

void write_sealed(const std::filesystem::path& path, std::string_view text);  ///< throws FileError
SealedText read_sealed(const std::filesystem::path& path);

/// 16 hex digits of a checksum that is made to find damage, not malice.
std::string checksum_hex(std::string_view bytes);

}  // namespace ktstr::kvm
