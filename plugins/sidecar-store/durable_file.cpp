// SPDX-License-Identifier: Apache-2.0
#include "durable_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <ktstr/cpp/error.hpp>
#include <ktstr/kit/random.hpp>
#include <utility>
#include <vector>

#include "held_lock.hpp"
#include "run_directory.hpp"

namespace ktstr::fs_store {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

[[noreturn]] void fail(const std::string& what, int error) {
  throw sdk::Error(KTSTR_IO, what + ": " + std::strerror(error), hint_of(error));
}

void write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      fail("cannot write " + path, errno);
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

const char* hint_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT: return "free some space; older sidecars were left as they are";
    case EFBIG: return "raise the limit of file sizes: ulimit -f";
    case EMFILE:
    case ENFILE: return "raise the limit of open files: ulimit -n";
    case EACCES:
    case EPERM:
    case EROFS:
      return "make the directory writable for you, or choose another: CARGO_TARGET_DIR for all runs, "
             "KTSTR_SIDECAR_DIR for this one";
    default: return "";
  }
}

namespace {

struct Temporary {
  std::string path;
  Descriptor file;
};

/// A new file whose lock we hold: as long as we do, nobody takes it for something that a dead writer left.
/// Its name is drawn, so that nothing that lies there is in the way. A file system without locks has no
/// sweeping either.
Temporary make_temporary(const std::string& directory) {
  for (int attempt = 0;; ++attempt) {
    Temporary made{directory + "/." + kit::random_name() + std::string(kTemporarySuffix), Descriptor(-1)};
    made.file =
        Descriptor(::open(made.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (made.file.get() < 0 && errno == EEXIST && attempt < 100) continue;
    if (made.file.get() < 0) fail("cannot create a file in " + directory, errno);
    struct stat info {};
    const bool locked = ::flock(made.file.get(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
    if (locked && ::fstat(made.file.get(), &info) == 0 && info.st_nlink > 0) return made;
    if (attempt >= 100)
      fail("cannot keep a file in " + directory,
           EBUSY);  // swept each time in the moment before it was locked
  }
}

}  // namespace

void write_durably(const std::string& directory, std::string_view name, std::string_view bytes) {
  const std::string target = directory + "/" + std::string(name);
  Descriptor parent(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.get() < 0) fail("cannot open " + directory, errno);
  const Temporary temporary = make_temporary(directory);
  try {
    write_all(temporary.file.get(), bytes, target);
    if (::fsync(temporary.file.get()) != 0) fail("cannot sync " + target, errno);
    if (::rename(temporary.path.c_str(), target.c_str()) != 0) fail("cannot rename to " + target, errno);
  } catch (...) {
    ::unlink(temporary.path.c_str());
    throw;
  }
  if (::fsync(parent.get()) != 0) fail("cannot sync " + directory, errno);
}

void make_directories_durably(const std::string& directory) {
  std::vector<std::string> missing;
  struct stat info {};
  for (std::string path = directory; !path.empty() && ::stat(path.c_str(), &info) != 0;
       path.resize(path.rfind('/'))) {
    if (errno != ENOENT) fail("cannot make the directory " + directory, errno);
    missing.push_back(path);
  }
  for (auto path = missing.rbegin(); path != missing.rend(); ++path) {
    if (::mkdir(path->c_str(), 0777) != 0 && errno != EEXIST)
      fail("cannot make the directory " + *path, errno);
    const std::size_t slash = path->rfind('/');
    sync_directory(slash == 0 ? "/" : path->substr(0, slash));
  }
  if (::stat(directory.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
    fail("cannot make the directory " + directory, ENOTDIR);
}

void sync_directory(const std::string& directory) {
  Descriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) {
    if (errno == EACCES)
      return;  // a parent that may be passed through but not read; what lies in it was there before us
    fail("cannot open " + directory, errno);
  }
  if (::fsync(fd.get()) != 0 && errno != EINVAL) fail("cannot sync " + directory, errno);
}

void sweep_temporaries(const std::string& directory) {
  for (const std::string& name : names_in(directory)) {
    struct stat info {};
    const std::string path = directory + "/" + name;
    if (!name.starts_with('.') || !name.ends_with(kTemporarySuffix) || !look(path, info) ||
        !S_ISREG(info.st_mode))
      continue;
    if (HeldLock::try_take(path, O_RDONLY | O_NONBLOCK)) ::unlink(path.c_str());
  }
}

}  // namespace ktstr::fs_store
