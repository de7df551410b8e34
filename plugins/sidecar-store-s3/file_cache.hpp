// SPDX-License-Identifier: Apache-2.0
//
// Objects that were read, kept on this machine. They never change, so what lies here is as good as the
// server's; each file has its SHA-256 in front and is not believed without.
#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "listing.hpp"

namespace ktstr::s3_store {

class FileCache {
 public:
  /// `directory` empty or `most_bytes` 0: nothing is kept. `bucket` tells equal keys of different ones apart.
  FileCache(std::filesystem::path directory, std::string bucket, std::uint64_t most_bytes);
  /// Makes room, oldest first, when something was kept.
  ~FileCache();
  FileCache(const FileCache&) = delete;
  FileCache& operator=(const FileCache&) = delete;

  std::optional<std::string> find(const ListedObject& object) const;
  /// A cache that cannot be written to keeps nothing.
  void keep(const ListedObject& object, std::string_view bytes);

 private:
  std::filesystem::path place_of(const ListedObject& object) const;
  void make_room() const;

  std::filesystem::path directory_;
  std::string bucket_;
  std::uint64_t most_bytes_;
  std::atomic<bool> grown_{false};
};

}  // namespace ktstr::s3_store
