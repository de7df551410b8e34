// SPDX-License-Identifier: Apache-2.0
#include "machine/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ktstr/kit/directories.hpp>
#include <ktstr/kit/hash.hpp>
#include <memory>
#include <vector>

#include "machine/sealed_file.hpp"

namespace ktstr::kvm {
namespace fs = std::filesystem;
namespace {

void write_at(const OpenFile& to, std::string_view bytes, off_t offset) {
  if (!kit::write_all_at(to.fd, bytes, offset)) throw_file_error("cannot write", to.name);
}

}  // namespace

std::string hint_for_errno(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "make room there, or use another directory: docs/containers.md names them all and what moves "
             "each";
    case ENOMEM:
      return "free memory, raise the container's memory limit, or lower memory_mib in the manifest";
    default: return kit::hint_for(error);
  }
}

FileError file_error(const kit::Failure& failure) {
  FileError thrown(failure.message(), hint_for_errno(failure.error));
  thrown.error = failure.error;
  thrown.path = failure.subject;
  return thrown;
}

void throw_file_error(const std::string& what, const fs::path& path) {
  throw file_error(kit::system_failure(what, path.string()));
}

kit::Fd create_file(const fs::path& path) {
  kit::Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd.open()) throw_file_error("cannot create", path);
  return fd;
}

std::string cached_file_hash(const fs::path& path, const fs::path& cache_dir) {
  const kit::Fd fd = checked(kit::open_regular(path));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) throw_file_error("cannot read", path);
  const std::string identity =
      std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) + ":" + std::to_string(info.st_size) +
      ":" + std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec) + ":" +
      std::to_string(info.st_ctim.tv_sec) + "." + std::to_string(info.st_ctim.tv_nsec);
  const fs::path remembered = cache_dir / "hashes" / kit::sha256_of(identity).substr(0, 24);
  if (const SealedText known = read_sealed(remembered); known.state == SealedText::kWhole) return known.text;

  std::string digest;
  if (!kit::sha256_of_file(fd.get(), digest)) throw_file_error("cannot read", path);
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
    write_at(to, page, offset);
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
  checked(kit::make_directories(directory, 0700));
  struct stat info {};
  if (::lstat(directory.c_str(), &info) != 0) throw_file_error("cannot use the directory", directory);
  if (!S_ISDIR(info.st_mode) || info.st_uid != ::geteuid()) {
    throw FileError(directory.string() + " exists and is not a directory of this user");
  }
}

kit::ScratchDirectory make_scratch_directory(const fs::path& parent) {
  return checked(kit::ScratchDirectory::make(parent, kScratchPrefix));
}

void sweep_scratch_directories(const fs::path& parent) {
  kit::ScratchDirectory::sweep(parent, kScratchPrefix);
}

}  // namespace ktstr::kvm
