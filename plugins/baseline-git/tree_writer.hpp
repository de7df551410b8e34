// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/stat.h>

#include <functional>
#include <string>
#include <string_view>

#include "failure.hpp"

namespace ktstr::git {

/// Writes below one directory and nowhere else: directories are opened one by one without following links,
/// names that could lead out
/// (.., .git, absolute ones) are refused.
class TreeWriter {
 public:
  explicit TreeWriter(const std::string& destination);

  void file(std::string_view path, std::string_view bytes, bool executable);
  void link(std::string_view path, std::string_view target);
  void directory(std::string_view path);
  /// A copy of an open file with its time of change, for build tools that go by it. Cloned where the file
  /// system can, else copied in pieces; holes stay holes. Ends early with an error when `cancelled`.
  void copy(std::string_view path, int source, const struct stat& status,
            const std::function<bool()>& cancelled);

 private:
  kit::Fd open_parent(std::string_view path, std::string& name);
  kit::Fd create(std::string_view path, bool executable);
  kit::Fd root_;
  std::string destination_;
};

}  // namespace ktstr::git
