// SPDX-License-Identifier: Apache-2.0
#include "machine/files.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
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

constexpr off_t kPageBytes = 4096;

off_t size_of(const OpenFile& file) {
  struct stat info {};
  if (::fstat(file.fd, &info) != 0) throw_file_error("cannot read", file.name);
  return info.st_size;
}

/// Checksum of pages and of where they lie. Pages of zeros do not count, so copies of copies have the same
/// one whatever the file system keeps; and page by page, since it must not depend on how they happen to be
/// cut into extents.
class SumOfPages {
 public:
  SumOfPages() : state_(XXH3_createState(), XXH3_freeState) { XXH3_64bits_reset(state_.get()); }

  /// False for a page of zeros.
  bool add(std::string_view page, off_t offset) {
    static const std::array<char, kPageBytes> zeros{};
    if (std::memcmp(page.data(), zeros.data(), page.size()) == 0) return false;
    XXH3_64bits_update(state_.get(), &offset, sizeof offset);
    XXH3_64bits_update(state_.get(), page.data(), page.size());
    return true;
  }
  std::uint64_t digest() const { return XXH3_64bits_digest(state_.get()); }

 private:
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state_;
};

/// Visits the parts of a file that are no holes, in whole pages.
template <typename Visit>
void each_extent(const OpenFile& file, off_t size, const Visit& visit) {
  for (off_t at = 0; at < size;) {
    off_t begin = ::lseek(file.fd, at, SEEK_DATA);
    if (begin < 0 && errno == ENXIO) return;
    const off_t hole = begin < 0 ? begin : ::lseek(file.fd, begin, SEEK_HOLE);
    if (begin < 0 || hole < 0) throw_file_error("cannot read", file.name);
    begin = std::max(begin - begin % kPageBytes, at);
    at = std::min((hole + kPageBytes - 1) / kPageBytes * kPageBytes, size);
    visit(begin, at);
  }
}

/// One chunk of at most `size` bytes at `offset`; throws when there is none.
std::string_view read_chunk(const OpenFile& from, std::vector<char>& buffer, off_t size, off_t offset) {
  for (;;) {
    const ssize_t n =
        ::pread(from.fd, buffer.data(), std::min(buffer.size(), static_cast<std::size_t>(size)), offset);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw_file_error("cannot read", from.name);
    return {buffer.data(), static_cast<std::size_t>(n)};
  }
}

/// Copies one extent within the kernel where it can.
void send_extent(const OpenFile& from, const OpenFile& to, off_t begin, off_t end) {
  if (::lseek(to.fd, begin, SEEK_SET) != begin) throw_file_error("cannot write", to.name);
  while (begin < end) {
    const ssize_t n = ::sendfile(to.fd, from.fd, &begin, static_cast<std::size_t>(end - begin));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
  }
  std::vector<char> buffer(begin < end ? 1 << 20 : 0);
  while (begin < end) {
    const std::string_view chunk = read_chunk(from, buffer, end - begin, begin);
    write_at(to, chunk, begin);
    begin += static_cast<off_t>(chunk.size());
  }
}

/// Whose files can be mapped and not written to.
bool has_huge_pages(const OpenFile& file) {
  struct statfs info {};
  return ::fstatfs(file.fd, &info) == 0 && info.f_type == HUGETLBFS_MAGIC;
}

void read_extent(const OpenFile& from, char* memory, off_t begin, off_t end) {
  while (begin < end) {
    const ssize_t n = ::pread(from.fd, memory + begin, static_cast<std::size_t>(end - begin), begin);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw_file_error("cannot read", from.name);
    begin += n;
  }
}

}  // namespace

std::uint64_t copy_sparse(const OpenFile& from, const OpenFile& to) {
  const off_t size = size_of(from);
  if (size_of(to) != size && ::ftruncate(to.fd, size) != 0) throw_file_error("cannot write", to.name);
  std::vector<char> buffer(1 << 20);
  SumOfPages sum;
  each_extent(from, size, [&](off_t begin, off_t end) {
    while (begin < end) {
      const std::string_view chunk = read_chunk(from, buffer, end - begin, begin);
      for (std::size_t at = 0; at < chunk.size(); at += kPageBytes) {
        const std::string_view page = chunk.substr(at, kPageBytes);
        const off_t offset = begin + static_cast<off_t>(at);
        if (sum.add(page, offset)) write_at(to, page, offset);
      }
      begin += static_cast<off_t>(chunk.size());
    }
  });
  return sum.digest();
}

std::uint64_t copy_to_memory(const OpenFile& from, const OpenFile& to) {
  const off_t size = size_of(to);
  const auto length = static_cast<std::size_t>(size);
  void* mapped = ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, to.fd, 0);
  if (mapped == MAP_FAILED) throw_file_error("cannot map", to.name);
  const std::unique_ptr<void, std::function<void(void*)>> unmap(
      mapped, [length](void* whole) { ::munmap(whole, length); });
  const bool huge = has_huge_pages(to);
  each_extent(from, size, [&](off_t begin, off_t end) {
    huge ? read_extent(from, static_cast<char*>(mapped), begin, end) : send_extent(from, to, begin, end);
  });
  const std::string_view bytes(static_cast<const char*>(mapped), length);
  SumOfPages sum;
  each_extent(to, size, [&](off_t begin, off_t end) {
    for (; begin < end; begin += kPageBytes)
      sum.add(bytes.substr(static_cast<std::size_t>(begin), kPageBytes), begin);
  });
  return sum.digest();
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
