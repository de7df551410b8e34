// SPDX-License-Identifier: Apache-2.0
#include "support/file_sums.hpp"

#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <ktstr/kit/hash.hpp>

#include "support/files.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kSumLength = 64;
constexpr long kJustNow = 2;                       // seconds; coarser than any file system's clock
constexpr std::chrono::hours kForgotten{24 * 30};  // of a sum that was remembered so long ago

std::string identity_of(const struct stat& info) {
  std::string text;
  for (const std::uint64_t part :
       {static_cast<std::uint64_t>(info.st_dev), static_cast<std::uint64_t>(info.st_ino),
        static_cast<std::uint64_t>(info.st_size), static_cast<std::uint64_t>(info.st_mtim.tv_sec),
        static_cast<std::uint64_t>(info.st_mtim.tv_nsec), static_cast<std::uint64_t>(info.st_ctim.tv_sec),
        static_cast<std::uint64_t>(info.st_ctim.tv_nsec)})
    text += std::to_string(part) + ":";
  return kit::sha256_of(text);
}

/// A sum with one of its own: what a disk or a person made of it is not taken for the file's.
std::string sealed(const std::string& identity, const std::string& sum) {
  return sum + kit::sha256_of(identity + sum);
}

void forget_old(const fs::path& directory) {
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    const auto age = fs::file_time_type::clock::now() - it->last_write_time(ignored);
    if (!ignored && age > kForgotten) fs::remove(it->path(), ignored);
  }
}

}  // namespace

Result<std::string> FileSums::of(const fs::path& path) const {
  struct stat before {};
  if (directory_.empty() || ::stat(path.c_str(), &before) != 0 || !S_ISREG(before.st_mode))
    return sha256_of_file(path);
  const std::string identity = identity_of(before);
  const fs::path remembered = directory_ / identity;
  if (const auto known = read_file(remembered, 2 * kSumLength); known) {
    const std::string sum = known->substr(0, kSumLength);
    if (*known == sealed(identity, sum)) return sum;
  }
  auto sum = sha256_of_file(path);
  struct stat after {};
  const bool same = sum && ::stat(path.c_str(), &after) == 0 && identity_of(after) == identity;
  const bool old = std::max(after.st_mtim.tv_sec, after.st_ctim.tv_sec) + kJustNow < ::time(nullptr);
  if (same && old && make_directories(directory_)) {
    forget_old(directory_);
    static_cast<void>(write_file_atomically(remembered, sealed(identity, *sum)));  // the next one asks again
  }
  return sum;
}

}  // namespace ktstr
