// SPDX-License-Identifier: Apache-2.0
//
// Kernels by path, by name in the cache, or by version. The cache is cache_dir/kernels/NAME/{image, config,
// metadata.json}; an entry appears by rename, so a reader sees a whole one or none. `config` is the .config
// that the image was built with, where that is known.
#pragma once
#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "kernels/kernel.hpp"

namespace ktstr {

struct VersionRange;

class KernelCatalogue {
 public:
  /// How the source of a kernel from a distribution's package begins.
  static constexpr std::string_view kPackageSource = "Debian ";

  explicit KernelCatalogue(std::filesystem::path cache_dir, const std::atomic<bool>& cancel = kNeverCancelled)
      : root_(cache_dir / "kernels"),
        sums_(cache_dir.empty() ? cache_dir : cache_dir / "sums"),
        cancel_(cancel) {}

  /// Cached kernels, newest version first; damaged entries have `problem` set.
  Result<std::vector<Kernel>> list() const;

  /// A path, a cached name, or a version. Without a match: what was looked at, and the command that helps. A
  /// match in the cache has the bytes that were added; one that was damaged is an error, not a reason to take
  /// another kernel.
  Result<Kernel> find(const std::string& spec) const;
  /// As `find`, and ranges of versions: "6.12..6.18" is every cached kernel from 6.12 to the newest 6.18,
  /// oldest first; an end may be left out. Each kernel once.
  Result<std::vector<Kernel>> find_all(const std::vector<std::string>& specs) const;
  /// Nobody named one: the newest cached kernel, the running kernel's build tree, /boot.
  Result<Kernel> find_default() const;

  /// Copies a kernel (image or build tree) into the cache. `source` tells people where it came from; empty:
  /// the path.
  Result<Kernel> add(const std::filesystem::path& path, const std::string& name,
                     const std::string& source = {}) const;
  Result<Kernel> remove(const std::string& name) const;

  /// The newest kernel of that version in Debian's suites, through apt with its signatures checked and the
  /// machine's own apt configuration left alone. `note` gets lines of progress.
  Result<Kernel> fetch(const std::string& version, const std::function<void(const std::string&)>& note) const;
  /// Versions that `fetch` could get, newest first.
  Result<std::vector<std::string>> packaged(const std::function<void(const std::string&)>& note) const;

 private:
  /// With `problem` set when it cannot be used.
  Kernel read_entry(const std::string& name) const;
  Result<Kernel> undamaged(Kernel kernel) const;
  Result<std::vector<Kernel>> in_range(const VersionRange& range, const std::string& spec) const;
  Result<Kernel> at_path(const std::filesystem::path& path) const;

  std::filesystem::path root_;
  FileSums sums_;
  const std::atomic<bool>& cancel_;
};

}  // namespace ktstr
