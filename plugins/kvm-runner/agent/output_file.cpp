// SPDX-License-Identifier: Apache-2.0
#include "agent/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace ktstr::agent {
namespace {

constexpr std::uint64_t kPage = 4096, kMuch = 4 << 20;

std::string read_range(int fd, std::uint64_t begin, std::uint64_t size) {
  std::string text(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const ssize_t n = ::pread(fd, text.data() + have, size - have, static_cast<off_t>(begin + have));
    if (n <= 0) break;
    have += static_cast<std::size_t>(n);
  }
  text.resize(have);
  return text;
}

}  // namespace

OutputFile::~OutputFile() {
  if (fd_ >= 0) ::close(fd_);
}

bool OutputFile::open(const std::string& path) {
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  trimmed_ = kHead;
  return fd_ >= 0;
}

std::uint64_t OutputFile::size() const {
  struct stat status {};
  return fd_ >= 0 && ::fstat(fd_, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

bool OutputFile::trim() {
  const std::uint64_t now = size(), came = now - std::min(now, seen_);
  seen_ = now;
  const std::uint64_t end = now > kTail ? (now - kTail) / kPage * kPage : 0;
  if (end > trimmed_) {
    ::fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(trimmed_),
                static_cast<off_t>(end - trimmed_));
    trimmed_ = end;
  }
  return came > kMuch;
}

std::string OutputFile::text() const {
  const std::uint64_t all = size();
  if (all <= kHead + kTail) return read_range(fd_, 0, all);
  std::string text = read_range(fd_, 0, kHead);
  text += "\n[" + std::to_string(all - kHead - kTail) + " bytes left out]\n";
  return text + read_range(fd_, all - kTail, kTail);
}

}  // namespace ktstr::agent
