// SPDX-License-Identifier: Apache-2.0
#include "machine/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <ktstr/kit/hash.hpp>
#include <memory>
#include <vector>

#include "machine/sealed_file.hpp"

namespace ktstr::kvm {
namespace fs = std::filesystem;
namespace {

/// Ends the names of files that are not finished.
constexpr std::string_view kTemporarySuffix = ".ktstr-new";

void write_fully(int fd, const char* data, std::size_t size, off_t offset, const fs::path& path) {
  while (size > 0) {
    const ssize_t n = ::pwrite(fd, data, size, offset);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw_file_error("cannot write", path);
    data += n;
    size -= static_cast<std::size_t>(n);
    offset += n;
  }
}

}  // namespace

void Fd::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

std::string hint_for_errno(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "make room there, or use another directory: docs/containers.md names them all and what moves "
             "each";
    case EFBIG: return "raise the limit on the size of files (ulimit -f)";
    case EMFILE:
    case ENFILE: return "raise the limit on open files (ulimit -n)";
    case EAGAIN: return "raise the limit on processes (ulimit -u, or the container's pids limit)";
    case ENOMEM:
      return "free memory, raise the container's memory limit, or lower memory_mib in the manifest";
    default: return {};
  }
}

void throw_file_error(const std::string& what, const fs::path& path) {
  const int error = errno;
  FileError failure(what + " " + path.string() + ": " + std::strerror(error), hint_for_errno(error));
  failure.error = error;
  failure.path = path;
  throw failure;
}

Fd open_to_read(const fs::path& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.open()) throw_file_error("cannot read", path);
  return fd;
}

Fd create_file(const fs::path& path) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd.open()) throw_file_error("cannot create", path);
  return fd;
}

std::string read_file(const fs::path& path, std::uint64_t max_bytes) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!fd.open() || ::fstat(fd.get(), &info) != 0) throw_file_error("cannot read", path);
  if (!S_ISREG(info.st_mode)) throw FileError("cannot read " + path.string() + ": not a regular file");
  if (static_cast<std::uint64_t>(info.st_size) > max_bytes)
    throw FileError(path.string() + " is larger than " + std::to_string(max_bytes) + " bytes");
  std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::pread(fd.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_file_error("cannot read", path);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

std::string read_tail(const fs::path& path, std::uint64_t max_bytes) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return {};
  const auto size = static_cast<std::uint64_t>(std::max<std::streamoff>(file.tellg(), 0));
  const std::uint64_t keep = std::min(size, max_bytes);
  std::string bytes(keep, '\0');
  file.seekg(static_cast<std::streamoff>(size - keep));
  file.read(bytes.data(), static_cast<std::streamsize>(keep));
  bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return bytes;
}

void write_file_atomically(const fs::path& path, std::string_view bytes) {
  for (int attempt = 0;; ++attempt) {
    std::string temporary = path.string() + ".XXXXXX" + std::string(kTemporarySuffix);
    const Fd fd(::mkostemps(temporary.data(), static_cast<int>(kTemporarySuffix.size()), O_CLOEXEC));
    if (!fd.open()) throw_file_error("cannot create a file beside", path);
    try {
      // A sweep may have come before the lock: it has unlinked the file by now, or will find it locked.
      if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno != EWOULDBLOCK)
        throw_file_error("cannot lock", temporary);
      write_fully(fd.get(), bytes.data(), bytes.size(), 0, temporary);
      ::fchmod(fd.get(), 0644);
      if (::fsync(fd.get()) != 0) throw_file_error("cannot sync", temporary);
      if (::rename(temporary.c_str(), path.c_str()) == 0) return;
      if (errno != ENOENT || attempt == 100) throw_file_error("cannot rename to", path);
    } catch (...) {
      ::unlink(temporary.c_str());
      throw;
    }
  }
}

void sweep_abandoned_files(const fs::path& directory) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().ends_with(kTemporarySuffix)) found.push_back(it->path());
  }
  for (const fs::path& path : found) {
    const Fd fd(::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (fd.open() && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) ::unlink(path.c_str());
  }
}

std::string cached_file_hash(const fs::path& path, const fs::path& cache_dir) {
  const Fd fd = open_to_read(path);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) throw_file_error("cannot read", path);
  const std::string identity =
      std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) + ":" + std::to_string(info.st_size) +
      ":" + std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec) + ":" +
      std::to_string(info.st_ctim.tv_sec) + "." + std::to_string(info.st_ctim.tv_nsec);
  const fs::path remembered = cache_dir / "hashes" / kit::sha256_of(identity).substr(0, 24);
  if (const SealedText known = read_sealed(remembered); known.state == SealedText::kWhole) return known.text;

  kit::Sha256 hash;
  std::vector<char> buffer(1 << 20);
  for (off_t offset = 0;;) {
    const ssize_t n = ::pread(fd.get(), buffer.data(), buffer.size(), offset);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_file_error("cannot read", path);
    if (n == 0) break;
    hash.add({buffer.data(), static_cast<std::size_t>(n)});
    offset += n;
  }
  std::string digest = hash.finish();
  make_private_directory(remembered.parent_path());
  write_sealed(remembered, digest);
  return digest;
}

namespace {

/// One chunk of at most `size` bytes at `offset`; throws when there is none.
std::string_view read_chunk(const OpenFile& from, std::vector<char>& buffer, std::size_t size, off_t offset) {
  for (;;) {
    const ssize_t n = ::pread(from.fd, buffer.data(), size, offset);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw_file_error("cannot read", from.name);
    return {buffer.data(), static_cast<std::size_t>(n)};
  }
}

}  // namespace

std::uint64_t copy_sparse(const OpenFile& from, const OpenFile& to) {
  struct stat info {
  }, target{};
  if (::fstat(from.fd, &info) != 0) throw_file_error("cannot read", from.name);
  if (::fstat(to.fd, &target) != 0) throw_file_error("cannot write", to.name);
  if (target.st_size != info.st_size && ::ftruncate(to.fd, info.st_size) != 0)
    throw_file_error("cannot write", to.name);

  static constexpr std::size_t kPage = 4096, kChunk = 1 << 20;
  static const std::array<char, kPage> zeros{};
  std::vector<char> buffer(kChunk);
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> sum(XXH3_createState(), XXH3_freeState);
  XXH3_64bits_reset(sum.get());
  // Pages of zeros are neither written nor counted, so copies of copies have the same checksum whatever the
  // file system keeps.
  const auto flush = [&](std::string_view page, off_t offset) {
    XXH3_64bits_update(sum.get(), &offset, sizeof offset);
    XXH3_64bits_update(sum.get(), page.data(), page.size());
    write_fully(to.fd, page.data(), page.size(), offset, to.name);
  };
  for (off_t begin = 0; begin < info.st_size;) {
    begin = ::lseek(from.fd, begin, SEEK_DATA);
    if (begin < 0) {
      if (errno == ENXIO) break;
      throw_file_error("cannot read", from.name);
    }
    const off_t end = ::lseek(from.fd, begin, SEEK_HOLE);
    if (end < 0) throw_file_error("cannot read", from.name);
    begin -= begin % static_cast<off_t>(kPage);
    while (begin < end) {
      const auto want =
          static_cast<std::size_t>(std::min<off_t>(static_cast<off_t>(kChunk), info.st_size - begin));
      const std::string_view chunk = read_chunk(from, buffer, want, begin);
      // Page by page: the checksum must not depend on how runs of pages happen to be cut into extents.
      for (std::size_t at = 0; at < chunk.size(); at += kPage) {
        const std::string_view page = chunk.substr(at, kPage);
        if (std::memcmp(page.data(), zeros.data(), page.size()) != 0)
          flush(page, begin + static_cast<off_t>(at));
      }
      begin += static_cast<off_t>(chunk.size());
    }
  }
  return XXH3_64bits_digest(sum.get());
}

void make_private_directory(const fs::path& directory) {
  std::vector<fs::path> missing;
  std::error_code error;
  for (fs::path above = directory; !above.empty() && !fs::exists(above, error) && !error;
       above = above.parent_path())
    missing.push_back(above);
  for (auto it = missing.rbegin(); it != missing.rend(); ++it) {
    if (::mkdir(it->c_str(), 0700) != 0 && errno != EEXIST)
      throw_file_error("cannot make the directory", *it);
  }
  struct stat info {};
  if (::lstat(directory.c_str(), &info) != 0) throw_file_error("cannot use the directory", directory);
  if (!S_ISDIR(info.st_mode) || info.st_uid != ::geteuid()) {
    throw FileError(directory.string() + " exists and is not a directory of this user");
  }
}

}  // namespace ktstr::kvm
