// SPDX-License-Identifier: Apache-2.0
//
// Kernels by path, by name in the cache, or by version. The cache is cache_dir/kernels/NAME/{image, config, metadata.json}; an entry
// appears by rename, so a reader sees a whole one or none.
#pragma once
#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "kernels/kernel.hpp"

namespace ktstr {

class KernelCatalogue {
 public:
  /// How the source of a kernel from a distribution's package begins.
  static constexpr std::string_view kPackageSource = "Debian ";

  explicit KernelCatalogue(std::filesystem::path cache_dir) : root_(cache_dir / "kernels") {}

  /// Cached kernels, newest version first; damaged entries have `problem` set.
  Result<std::vector<Kernel>> list() const;

  /// A path, a cached name, or a version. Without a match: what was looked at, and the command that helps.
  Result<Kernel> find(const std::string& spec) const;
  /// Nobody named one: the newest cached kernel, the running kernel's build tree, /boot.
  Result<Kernel> find_default() const;

  /// Copies a kernel (image or build tree) into the cache. `source` tells people where it came from; empty: the path.
  Result<Kernel> add(const std::filesystem::path& path, const std::string& name, const std::string& source = {}) const;
  Result<Kernel> remove(const std::string& name) const;

  /// The newest kernel of that version in Debian's suites, through apt with its signatures checked and the machine's own apt configuration
  /// left alone. `note` gets lines of progress.
  Result<Kernel> fetch(const std::string& version, const std::function<void(const std::string&)>& note, const std::atomic<bool>& cancel) const;

 private:
  Result<Kernel> read_entry(const std::string& name) const;
  Result<Kernel> at_path(const std::filesystem::path& path) const;

  std::filesystem::path root_;
};

}  // namespace ktstr
