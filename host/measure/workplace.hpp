// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <ktstr/kit/lock.hpp>
#include <string>
#include <utility>

#include "support/result.hpp"

namespace ktstr {

/// Where the sides of a measurement are built and run: one directory, whose path is the same for both and,
/// while no other session holds it, for every session of a project. Programs that contain the path of their
/// source are then no reason for different numbers. One side is shown at a time; the others wait beside it.
class Workplace {
 public:
  /// Below `parent`, under a name made from `identity`. Removes what killed sessions of any project left
  /// there. When another session holds the place, or it cannot be ours, a place under a name of its own is
  /// taken and `elsewhere()` says why.
  static Result<Workplace> open(const std::filesystem::path& parent, const std::string& identity);

  Workplace(Workplace&&) noexcept = default;
  Workplace& operator=(Workplace&&) = delete;
  ~Workplace();  ///< removes everything

  /// The path of whatever side is shown.
  std::filesystem::path tree() const { return root_ / "src"; }
  /// Puts this side's files at `tree()`, an empty directory the first time.
  Status show(const std::string& side);
  /// Where a side that is not shown waits.
  std::filesystem::path waiting(const std::string& side) const { return root_ / side; }
  const std::string& elsewhere() const { return elsewhere_; }

 private:
  Workplace(std::filesystem::path root, kit::HeldLock lock)
      : root_(std::move(root)), lock_(std::move(lock)) {}
  static Result<Workplace> take(const std::filesystem::path& path);

  std::filesystem::path root_;
  kit::HeldLock lock_;  ///< the directory itself, locked: a killed owner's lock is gone with it
  std::string shown_, elsewhere_;
};

}  // namespace ktstr
