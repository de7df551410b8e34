// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/file_sums.hpp"
#include "support/result.hpp"

namespace ktstr {

/// A bootable kernel.
struct Kernel {
  std::filesystem::path image;  ///< absolute path of a bzImage or vmlinux
  std::string version;          ///< "6.18.12"
  std::string release;          ///< what `uname -r` says in it: "6.18.12+deb14-cloud-amd64"
  std::string name;             ///< its name in the cache; empty for a path
  /// What tells it from another kernel of its version: the name that `kernel add` gave it, or "h" and the
  /// first digits of its image's SHA-256. Empty for a distribution's package, of which there is one.
  std::string label;
  std::string source;               ///< where it came from, for people
  std::string commit, commit_full;  ///< of the source tree, 7 hex (with -dirty) and full; empty when unknown
  std::optional<bool> sched_ext;    ///< whether it has CONFIG_SCHED_CLASS_EXT; nothing when unknown
  std::string problem;              ///< why a cached entry cannot be used; empty when it can
  std::filesystem::path config;     ///< the .config that it was built with; empty when there is none
  /// Options that guests need and it was built without, see missing_options; nothing when its configuration
  /// is unknown.
  std::optional<std::vector<std::string>> missing;
  std::string sha256;  ///< of a cached image, when it was added

  /// As run keys have it: "6.18.12", or "6.18.12-mine".
  std::string id() const { return label.empty() ? version : version + "-" + label; }
};

/// The release string inside a bzImage or vmlinux; empty when the bytes are no kernel.
std::string release_of_image(std::string_view bytes);
/// "6.18.12+deb14-cloud-amd64" -> "6.18.12"; "6.19.0-rc3" stays with its -rc.
std::string version_of_release(std::string_view release);
/// -1, 0, 1 comparing numbers by value; a release candidate comes before its release.
int compare_versions(std::string_view a, std::string_view b);
/// By version, those of one version by label; each kernel once, rather with its image than without.
std::vector<Kernel> oldest_first(std::vector<Kernel> kernels);
/// True for a version that `wanted` asks for: "6.18" matches 6.18 and 6.18.x, "6.18.12" only itself.
bool version_matches(std::string_view wanted, std::string_view version);
/// True for text that looks like a version: digits, dots, maybe -rcN.
bool looks_like_version(std::string_view text);

inline const std::atomic<bool> kNeverCancelled{false};

/// Reads an image file, or a build tree (arch/x86/boot/bzImage with include/config/kernel.release). An image
/// that is shorter than its header says is an error. `cancel` ends the wait for git, which tells the tree's
/// commit.
Result<Kernel> kernel_at_path(const std::filesystem::path& path,
                              const std::atomic<bool>& cancel = kNeverCancelled, const FileSums& sums = {});

}  // namespace ktstr
