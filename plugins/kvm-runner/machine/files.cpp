// SPDX-License-Identifier: Apache-2.0
#include "machine/files.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <vector>

namespace ktstr::kvm {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail(const std::string& what, const fs::path& path) {
  throw FileError(what + " " + path.string() + ": " + std::strerror(errno));
}

std::string hex(const unsigned char* bytes, std::size_t count) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) throw FileError("SHA-256 is not available");
  }
  void add(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  std::string finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    EVP_DigestFinal_ex(context_.get(), digest.data(), &length);
    return hex(digest.data(), length);
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

/// Field 22 of /proc/PID/stat: when the process started, in ticks since boot; empty when there is no such process.
std::string start_time_of(long pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t after_name = text.rfind(") ");
  if (after_name == std::string::npos) return {};
  std::size_t begin = after_name + 2;
  for (int field = 3; field < 22; ++field) {
    begin = text.find(' ', begin);
    if (begin == std::string::npos) return {};
    ++begin;
  }
  return text.substr(begin, text.find(' ', begin) - begin);
}

void write_fully(int fd, const char* data, std::size_t size, off_t offset, const fs::path& path) {
  while (size > 0) {
    const ssize_t n = ::pwrite(fd, data, size, offset);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail("cannot write", path);
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

void ScratchDirectory::remove() noexcept {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  path_.clear();
}

std::string read_file(const fs::path& path, std::uint64_t max_bytes) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!fd.open() || ::fstat(fd.get(), &info) != 0) fail("cannot read", path);
  if (!S_ISREG(info.st_mode)) throw FileError("cannot read " + path.string() + ": not a regular file");
  if (static_cast<std::uint64_t>(info.st_size) > max_bytes) throw FileError(path.string() + " is larger than " + std::to_string(max_bytes) + " bytes");
  std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::pread(fd.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot read", path);
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
  static std::atomic<unsigned> counter{0};
  const fs::path temporary = path.string() + "." + std::to_string(::getpid()) + "-" + std::to_string(counter.fetch_add(1)) + ".tmp";
  Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!fd.open()) fail("cannot create", temporary);
  try {
    write_fully(fd.get(), bytes.data(), bytes.size(), 0, temporary);
    if (::fsync(fd.get()) != 0) fail("cannot sync", temporary);
    if (::rename(temporary.c_str(), path.c_str()) != 0) fail("cannot rename to", path);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes);
  return hash.finish();
}

std::string cached_file_hash(const fs::path& path, const fs::path& cache_dir) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!fd.open() || ::fstat(fd.get(), &info) != 0) fail("cannot read", path);
  const std::string identity = std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) + ":" + std::to_string(info.st_size) + ":" +
                               std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec) + ":" +
                               std::to_string(info.st_ctim.tv_sec) + "." + std::to_string(info.st_ctim.tv_nsec);
  const fs::path remembered = cache_dir / "hashes" / sha256_hex(identity).substr(0, 24);
  if (std::string known = read_tail(remembered, 64); known.size() == 64) return known;

  Sha256 hash;
  std::vector<char> buffer(1 << 20);
  for (off_t offset = 0;;) {
    const ssize_t n = ::pread(fd.get(), buffer.data(), buffer.size(), offset);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot read", path);
    if (n == 0) break;
    hash.add({buffer.data(), static_cast<std::size_t>(n)});
    offset += n;
  }
  std::string digest = hash.finish();
  make_private_directory(remembered.parent_path());
  write_file_atomically(remembered, digest);
  return digest;
}

std::uint64_t copy_sparse(const fs::path& from, const fs::path& to) {
  const Fd source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (!source.open()) fail("cannot read", from);
  struct stat info {};
  if (::fstat(source.get(), &info) != 0) fail("cannot read", from);
  const Fd target(::open(to.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!target.open() || ::ftruncate(target.get(), info.st_size) != 0) fail("cannot create", to);

  static constexpr std::size_t kPage = 4096, kChunk = 1 << 20;
  static const std::array<char, kPage> zeros{};
  std::vector<char> buffer(kChunk);
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> sum(XXH3_createState(), XXH3_freeState);
  XXH3_64bits_reset(sum.get());
  // Pages of zeros are neither written nor counted, so copies of copies have the same checksum whatever the file system keeps.
  const auto flush = [&](const char* data, std::size_t size, off_t offset) {
    XXH3_64bits_update(sum.get(), &offset, sizeof offset);
    XXH3_64bits_update(sum.get(), data, size);
    write_fully(target.get(), data, size, offset, to);
  };
  for (off_t begin = 0; begin < info.st_size;) {
    begin = ::lseek(source.get(), begin, SEEK_DATA);
    if (begin < 0) {
      if (errno == ENXIO) break;
      fail("cannot read", from);
    }
    off_t end = ::lseek(source.get(), begin, SEEK_HOLE);
    if (end < 0) fail("cannot read", from);
    begin -= begin % static_cast<off_t>(kPage);
    while (begin < end) {
      const auto want = static_cast<std::size_t>(std::min<off_t>(static_cast<off_t>(kChunk), info.st_size - begin));
      const ssize_t n = ::pread(source.get(), buffer.data(), want, begin);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) fail("cannot read", from);
      const auto got = static_cast<std::size_t>(n);
      // Page by page: the checksum must not depend on how runs of pages happen to be cut into extents.
      for (std::size_t at = 0; at < got; at += kPage) {
        const std::size_t size = std::min(kPage, got - at);
        if (std::memcmp(buffer.data() + at, zeros.data(), size) != 0) flush(buffer.data() + at, size, begin + static_cast<off_t>(at));
      }
      begin += n;
    }
  }
  return XXH3_64bits_digest(sum.get());
}

void make_private_directory(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory.parent_path(), error);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) fail("cannot make the directory", directory);
  struct stat info {};
  if (::lstat(directory.c_str(), &info) != 0) fail("cannot use", directory);
  if (!S_ISDIR(info.st_mode) || info.st_uid != ::geteuid()) {
    throw FileError(directory.string() + " exists and is not a directory of this user");
  }
}

fs::path make_owned_directory(const fs::path& parent) {
  static std::atomic<unsigned> counter{0};
  static const std::string owner = std::to_string(::getpid()) + "-" + start_time_of(::getpid());
  make_private_directory(parent);
  fs::path made = parent / ("run-" + owner + "-" + std::to_string(counter.fetch_add(1)));
  if (::mkdir(made.c_str(), 0700) != 0) fail("cannot make the directory", made);
  return made;
}

void sweep_abandoned_directories(const fs::path& parent) {
  std::error_code error;
  std::vector<fs::path> abandoned;
  for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    long pid = 0;
    unsigned long long start = 0;
    if (std::sscanf(name.c_str(), "run-%ld-%llu-", &pid, &start) == 2 && start_time_of(pid) != std::to_string(start)) {
      abandoned.push_back(it->path());
    }
  }
  for (const fs::path& path : abandoned) fs::remove_all(path, error);
}

}  // namespace ktstr::kvm
