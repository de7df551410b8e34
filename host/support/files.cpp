// SPDX-License-Identifier: Apache-2.0
#include "support/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/random.hpp>
#include <memory>
#include <vector>

#include "support/output.hpp"
#include "support/text.hpp"

namespace ktstr {
namespace fs = std::filesystem;
namespace {

const char* hint_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT: return "free some space";
    case EFBIG: return "raise the limit of file sizes: ulimit -f";
    case EMFILE:
    case ENFILE: return "raise the limit of open files: ulimit -n";
    default: return "";
  }
}

/// For directories that the user can have elsewhere.
const char* place_hint(int error) {
  if (error != EACCES && error != EPERM && error != EROFS) return hint_of(error);
  return "make it writable for you, or choose another place: KTSTR_CACHE_DIR or XDG_CACHE_HOME for the "
         "cache, TMPDIR for checkouts";
}

Error io_error(const std::string& what, const fs::path& path) {
  const int error = errno;
  return {ExitCode::kPlugin, what + " " + printable(path.string()) + ": " + std::strerror(error),
          hint_of(error)};
}

struct Closer {
  int fd;
  ~Closer() {
    if (fd >= 0) ::close(fd);
  }
};

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

Result<std::string> read_file(const fs::path& path, std::uint64_t max_bytes) {
  const Closer file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat info {};
  if (file.fd < 0 || ::fstat(file.fd, &info) != 0) return io_error("cannot read", path);
  if (!S_ISREG(info.st_mode))
    return plugin_error("cannot read " + printable(path.string()) + ": not a regular file");
  std::string bytes;
  std::vector<char> buffer(1 << 16);
  for (;;) {
    const ssize_t n = ::read(file.fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error("cannot read", path);
    if (n == 0) return bytes;
    bytes.append(buffer.data(), static_cast<std::size_t>(n));
    if (bytes.size() > max_bytes)
      return plugin_error(printable(path.string()) + " is larger than " + std::to_string(max_bytes) +
                          " bytes");
  }
}

namespace {

constexpr std::string_view kTemporarySuffix = ".tmp";
constexpr std::size_t kDrawn = 6;  // letters that mkdtemp draws

/// Files that killed writers of the same target left: a living writer holds the lock on its own.
void sweep_temporaries(const fs::path& target) {
  const std::string prefix = target.filename().string() + ".";
  const fs::path directory = target.has_parent_path() ? target.parent_path() : fs::path(".");
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.size() != prefix.size() + kit::random_name().size() + kTemporarySuffix.size() ||
        !name.starts_with(prefix) || !name.ends_with(kTemporarySuffix))
      continue;
    const Closer file{::open(it->path().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    struct stat info {};
    if (file.fd < 0 || ::fstat(file.fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_uid != ::geteuid() ||
        ::flock(file.fd, LOCK_EX | LOCK_NB) != 0)
      continue;
    ::unlink(it->path().c_str());
  }
}

}  // namespace

Status write_file_atomically(const fs::path& path, std::string_view bytes) {
  sweep_temporaries(path);
  for (int attempt = 0;; ++attempt) {
    const fs::path temporary = path.string() + "." + kit::random_name() + std::string(kTemporarySuffix);
    const Closer file{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666)};
    if (file.fd < 0) return io_error("cannot write", path);
    const auto give_up = [&](const char* what) {
      Error error = io_error(what, path);
      ::unlink(temporary.c_str());
      return error;
    };
    struct stat info {};
    const bool swept = (::flock(file.fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) ||
                       (::fstat(file.fd, &info) == 0 && info.st_nlink == 0);
    if (swept && attempt < 100) continue;  // in the moment before it was locked
    if (!write_all(file.fd, bytes)) return give_up("cannot write");
    if (::fsync(file.fd) != 0) return give_up("cannot sync");
    if (::rename(temporary.c_str(), path.c_str()) != 0) return give_up("cannot replace");
    return Ok{};
  }
}

Status write_output(const fs::path& path, std::string_view bytes) {
  if (names_output(path)) return write_out(bytes);
  std::error_code error;
  const fs::file_status there = fs::status(path, error);  // follows links: /dev/stdout is one
  if (!fs::exists(there)) return write_file_atomically(path, bytes);
  if (fs::is_regular_file(there)) return write_file_atomically(fs::canonical(path, error), bytes);
  const Closer file{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
  if (file.fd < 0 || !write_all(file.fd, bytes)) return io_error("cannot write", path);
  return Ok{};
}

Status make_directories(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error)
    return plugin_error("cannot make the directory " + printable(directory.string()) + ": " + error.message(),
                        place_hint(error.value()));
  return Ok{};
}

Result<std::string> sha256_of_file(const fs::path& path) {
  const Closer file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) return io_error("cannot read", path);
  std::string sum;
  if (!kit::sha256_of_file(file.fd, sum)) return io_error("cannot read", path);
  return sum;
}

Result<TemporaryDirectory> TemporaryDirectory::make(const fs::path& parent, const std::string& prefix) {
  for (int attempt = 0;; ++attempt) {
    std::string pattern = (parent / (prefix + "-XXXXXX")).string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      const int error = errno;
      return plugin_error(
          "cannot make a directory in " + printable(parent.string()) + ": " + std::strerror(error),
          place_hint(error));
    }
    const int lock = ::open(pattern.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat ours {
    }, there{};
    const bool kept = lock >= 0 && ::flock(lock, LOCK_EX | LOCK_NB) == 0 && ::fstat(lock, &ours) == 0 &&
                      ::lstat(pattern.c_str(), &there) == 0 && ours.st_ino == there.st_ino;
    if (kept) return TemporaryDirectory(pattern, lock);
    // A sweep took it in the moment before it was locked: once more.
    Error error = io_error("cannot lock", pattern);
    const bool again = (lock >= 0 || errno == ENOENT) && attempt < 100;
    if (lock >= 0) ::close(lock);
    ::rmdir(pattern.c_str());
    if (!again) return error;
  }
}

TemporaryDirectory::~TemporaryDirectory() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  if (lock_ >= 0) ::close(lock_);
}

void TemporaryDirectory::sweep(const fs::path& parent, const std::string& prefix) {
  std::error_code error;
  std::vector<fs::path> directories;
  for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with(prefix + "-") && name.size() == prefix.size() + 1 + kDrawn)
      directories.push_back(it->path());
  }
  for (const fs::path& directory : directories) {
    const Closer file{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    struct stat info {};
    if (file.fd < 0 || ::fstat(file.fd, &info) != 0 || info.st_uid != ::geteuid() ||
        ::flock(file.fd, LOCK_EX | LOCK_NB) != 0)
      continue;
    fs::remove_all(directory, error);
  }
}

}  // namespace ktstr
