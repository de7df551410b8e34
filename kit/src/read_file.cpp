// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/read_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ktstr/kit/assert.hpp>

namespace ktstr::kit {
namespace {

constexpr const char* kCannotRead = "cannot read";

/// A Failure of kind kInvalid for what is no regular file; otherwise its size.
Outcome<std::uint64_t> size_of(int fd, const std::string& subject) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return system_failure(kCannotRead, subject);
  if (!S_ISREG(info.st_mode))
    return Failure{Failure::Kind::kInvalid, kCannotRead, subject, "not a regular file"};
  return static_cast<std::uint64_t>(info.st_size);
}

Failure too_large(const std::string& subject, std::uint64_t most) {
  return {Failure::Kind::kLimit, "", subject, "is larger than " + std::to_string(most) + " bytes"};
}

/// `expected`: bytes that are probably there.
Outcome<std::string> read_to_end(int fd, const std::string& subject, std::uint64_t most,
                                 std::size_t expected) {
  constexpr std::size_t kPiece = 1 << 16;
  std::string bytes(expected + 1, '\0');  // one more shows the end at once
  for (std::size_t have = 0;;) {
    if (have == bytes.size()) bytes.resize(have + kPiece);
    const ssize_t n = ::read(fd, bytes.data() + have, bytes.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_failure(kCannotRead, subject);
    have += static_cast<std::size_t>(n);
    KTSTR_ASSERT(have <= bytes.size());
    if (have > most) return too_large(subject, most);
    if (n > 0) continue;
    bytes.resize(have);
    return bytes;
  }
}

}  // namespace

Outcome<Fd> open_regular(const std::filesystem::path& path, int flags) {
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags));
  if (!file.open()) return system_failure(kCannotRead, path.string());
  if (const auto size = size_of(file.get(), path.string()); !size) return size.error();
  return file;
}

Outcome<std::string> read_file(int fd, const std::string& subject, std::uint64_t most) {
  const auto size = size_of(fd, subject);
  if (!size) return size.error();
  if (*size > most) return too_large(subject, most);
  return read_to_end(fd, subject, most, static_cast<std::size_t>(*size));
}

Outcome<std::string> read_stream(int fd, const std::string& subject, std::uint64_t most) {
  return read_to_end(fd, subject, most, 0);
}

Outcome<std::string> read_file(const std::filesystem::path& path, std::uint64_t most, int flags) {
  const auto file = open_regular(path, flags);
  if (!file) return file.error();
  return read_file(file->get(), path.string(), most);
}

std::string read_tail(const std::filesystem::path& path, std::uint64_t most) {
  const auto file = open_regular(path);
  if (!file) return {};
  const auto size = size_of(file->get(), path.string());
  if (!size) return {};
  const std::uint64_t keep = std::min(*size, most);
  std::string bytes(static_cast<std::size_t>(keep), '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t n = ::pread(file->get(), bytes.data() + have, bytes.size() - have,
                              static_cast<off_t>(*size - keep + have));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    have += static_cast<std::size_t>(n);
  }
  KTSTR_ASSERT(have <= bytes.size());
  bytes.resize(have);
  return bytes;
}

std::string text_of(const std::filesystem::path& path) {
  constexpr std::uint64_t kMost = 1 << 20;
  auto text = read_file(path, kMost);
  return text ? *std::move(text) : std::string();
}

std::string first_line(const std::filesystem::path& path) {
  const std::string text = text_of(path);
  return text.substr(0, text.find('\n'));
}

}  // namespace ktstr::kit
