// SPDX-License-Identifier: Apache-2.0
//
// What the user trusts by `ktstr plugin trust`: plugins by the hashes of their two files.
#pragma once
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "plugin/manifest.hpp"
#include "support/result.hpp"

namespace ktstr {

/// A plugin as it was when its user looked at it.
struct TrustedPlugin {
  std::string id, version;
  std::filesystem::path manifest, library;      ///< absolute, no links on the way
  std::string manifest_sha256, library_sha256;  ///< 64 hexadecimal digits
};

/// The plugin that `file` belongs to, a library or a manifest, read now: the hash of the manifest is of the
/// bytes that `manifest` was parsed from. Runs nothing of it. Links are refused: what they lead to may
/// change.
struct PluginFiles {
  Manifest manifest;
  TrustedPlugin now;
};
Result<PluginFiles> plugin_files(const std::filesystem::path& file);

/// A file of the user's configuration. It is believed only as a regular file of this user (or root) that
/// nobody else can write to. Writers wait for each other, and readers see the old file or the new one, whole.
class TrustFile {
 public:
  /// `directory` is the one of the user's config.json; empty when nobody has a home: then it is empty and
  /// cannot be written.
  explicit TrustFile(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// None when there is no file.
  Result<std::vector<TrustedPlugin>> read() const;
  /// In the place of what was known of these two files.
  Status add(const TrustedPlugin& plugin) const;
  /// Forgets the plugins whose manifest or library is `file`, which need not be there any more. Returns them.
  Result<std::vector<TrustedPlugin>> remove(const std::filesystem::path& file) const;

  std::filesystem::path path() const { return directory_ / "trusted-plugins.json"; }

 private:
  template <typename Change>
  Status change(Change change) const;
  std::filesystem::path directory_;
};

}  // namespace ktstr
