// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <ktstr/kit/fd.hpp>
#include <string>
#include <vector>

#include "support/result.hpp"

namespace ktstr {

enum class TrustBy { kOwnerOrHash, kHashAlone };

/// Whether what was read from this file may be believed: it, and every directory above it, is what it seems
/// (no link leads elsewhere), belongs to root or to this user, and nobody else can write to it; or the bytes
/// that were read have a hash (`sha256`) of `trusted`.
Status check_trust(const std::filesystem::path& file, const std::string& sha256,
                   const std::vector<std::string>& trusted, TrustBy by = TrustBy::kOwnerOrHash);

/// A library whose code may run, by the same rules, held so that what is loaded is what was checked: one that
/// is trusted by its hash is read once, and these very bytes are loaded from a sealed copy in memory.
class TrustedLibrary {
 public:
  static Result<TrustedLibrary> open(const std::filesystem::path& file,
                                     const std::vector<std::string>& trusted,
                                     TrustBy by = TrustBy::kOwnerOrHash);

  /// What to load, for as long as this object lives: the file itself, or the copy of it.
  const std::string& path() const { return path_; }

 private:
  TrustedLibrary(std::string path, kit::Fd copy) : path_(std::move(path)), copy_(std::move(copy)) {}
  std::string path_;
  kit::Fd copy_;
};

}  // namespace ktstr
