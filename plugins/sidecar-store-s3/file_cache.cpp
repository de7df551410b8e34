// SPDX-License-Identifier: Apache-2.0
#include "file_cache.hpp"

#include <fcntl.h>

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/directories.hpp>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/read_file.hpp>
#include <ktstr/kit/write_file.hpp>
#include <vector>

namespace ktstr::s3_store {
namespace fs = std::filesystem;
namespace {
constexpr std::size_t kSumSize = 64;
constexpr std::uint64_t kMostFile = 16 << 20;  // dumps of that size are read once
}  // namespace

FileCache::FileCache(fs::path directory, std::string bucket, std::uint64_t most_bytes)
    : directory_(std::move(directory)), bucket_(std::move(bucket)), most_bytes_(most_bytes) {
  if (most_bytes_ == 0) directory_.clear();
}

FileCache::~FileCache() {
  if (grown_) make_room();
}

fs::path FileCache::place_of(const ListedObject& object) const {
  KTSTR_ASSERT(!directory_.empty());
  const std::string sum = kit::sha256_of(bucket_ + '\n' + object.key + '\n' + object.etag);
  return directory_ / sum.substr(0, 2) / sum.substr(2);
}

std::optional<std::string> FileCache::find(const ListedObject& object) const {
  if (directory_.empty()) return std::nullopt;
  auto text = kit::read_file(place_of(object), kMostFile + kSumSize, O_NOFOLLOW);
  if (!text || text->size() != kSumSize + object.bytes) return std::nullopt;
  const std::string_view bytes = std::string_view(*text).substr(kSumSize);
  if (kit::sha256_of(bytes) != std::string_view(*text).substr(0, kSumSize)) return std::nullopt;
  return text->substr(kSumSize);
}

void FileCache::keep(const ListedObject& object, std::string_view bytes) {
  if (directory_.empty() || bytes.size() > kMostFile) return;
  const fs::path place = place_of(object);
  if (!kit::make_directories(place.parent_path(), 0700)) return;
  if (kit::replace_file(place, kit::sha256_of(bytes) + std::string(bytes), kit::Sync::kNone)) grown_ = true;
}

void FileCache::make_room() const {
  struct Kept {
    fs::path path;
    fs::file_time_type time;
    std::uint64_t bytes;
  };
  std::vector<Kept> files;
  std::uint64_t total = 0;
  std::error_code failed;
  for (fs::recursive_directory_iterator it(directory_, failed), end; !failed && it != end;
       it.increment(failed)) {
    std::error_code gone;
    if (!it->is_regular_file(gone)) continue;
    const std::uint64_t bytes = it->file_size(gone);
    const auto time = it->last_write_time(gone);
    if (gone) continue;
    files.push_back({it->path(), time, bytes});
    total += bytes;
  }
  std::sort(files.begin(), files.end(), [](const Kept& a, const Kept& b) { return a.time < b.time; });
  for (const Kept& file : files) {
    if (total <= most_bytes_) return;
    fs::remove(file.path, failed);
    KTSTR_ASSERT(total >= file.bytes);
    total -= file.bytes;
  }
}

}  // namespace ktstr::s3_store
