// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

namespace ktstr::kvm {

inline constexpr std::uint64_t kLargestGuestFile = 256ULL << 20U;

/// Reads a regular file from one open descriptor, whatever happens to its name meanwhile; `why` says why not
/// ("is not a regular file"). Never waits for a pipe or a device that lies there instead.
bool read_guest_file(const std::filesystem::path& path, std::string& contents, std::string& why);

/// The files that a program would see if a directory were its "/": the host's own root, or a sysroot. Links
/// lead around inside of it.
class FileRoot {
 public:
  explicit FileRoot(std::filesystem::path root = "/");

  /// `path` is absolute, as the program would say it.
  bool read(const std::string& path, std::string& contents, std::string& why) const;
  /// How people call that file.
  std::string shown(const std::string& path) const;
  bool is_host() const { return root_ == "/"; }
  const std::filesystem::path& path() const { return root_; }

 private:
  std::filesystem::path root_;
};

}  // namespace ktstr::kvm
