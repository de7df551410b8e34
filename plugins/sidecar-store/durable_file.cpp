// SPDX-License-Identifier: Apache-2.0
#include "durable_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <ktstr/cpp/error.hpp>
#include <vector>

#include "run_directory.hpp"

namespace ktstr::fs_store {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int close() {
    const int fd = fd_;
    fd_ = -1;
    return ::close(fd);
  }

 private:
  int fd_;
};

[[noreturn]] void fail(const std::string& what, int error) {
  const char* hint = error == ENOSPC || error == EDQUOT ? "free some space; older sidecars were left as they are" : "";
  throw sdk::Error(KTSTR_IO, what + ": " + std::strerror(error), hint);
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

void write_durably(const std::string& directory, std::string_view name, std::string_view bytes) {
  static std::atomic<unsigned> counter{0};
  const std::string target = directory + "/" + std::string(name);
  const std::string temporary =
      directory + "/." + std::to_string(::getpid()) + "-" + std::to_string(counter.fetch_add(1)) + std::string(kTemporarySuffix);

  Descriptor parent(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.get() < 0) fail("cannot open " + directory, errno);
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (file.get() < 0) fail("cannot create " + temporary, errno);
  try {
    write_all(file.get(), bytes, target);
    if (::fsync(file.get()) != 0) fail("cannot sync " + target, errno);
    if (file.close() != 0) fail("cannot close " + target, errno);
    if (::rename(temporary.c_str(), target.c_str()) != 0) fail("cannot rename to " + target, errno);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  if (::fsync(parent.get()) != 0) fail("cannot sync " + directory, errno);
}

void make_directories_durably(const std::string& directory) {
  std::vector<std::string> missing;
  struct stat info {};
  for (std::string path = directory; !path.empty() && ::stat(path.c_str(), &info) != 0; path.resize(path.rfind('/'))) {
    if (errno != ENOENT) fail("cannot make the directory " + directory, errno);
    missing.push_back(path);
  }
  for (auto path = missing.rbegin(); path != missing.rend(); ++path) {
    if (::mkdir(path->c_str(), 0777) != 0 && errno != EEXIST) fail("cannot make the directory " + *path, errno);
    const std::size_t slash = path->rfind('/');
    sync_directory(slash == 0 ? "/" : path->substr(0, slash));
  }
  if (::stat(directory.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) fail("cannot make the directory " + directory, ENOTDIR);
}

void sync_directory(const std::string& directory) {
  Descriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) {
    if (errno == EACCES) return;  // a parent that may be passed through but not read; what lies in it was there before us
    fail("cannot open " + directory, errno);
  }
  if (::fsync(fd.get()) != 0 && errno != EINVAL) fail("cannot sync " + directory, errno);
}

void sweep_temporaries(const std::string& directory, std::chrono::seconds age) {
  for (const std::string& name : names_in(directory)) {
    struct stat info {};
    const std::string path = directory + "/" + name;
    if (!name.starts_with('.') || !name.ends_with(kTemporarySuffix) || !look(path, info) || !S_ISREG(info.st_mode)) continue;
    if (info.st_mtim.tv_sec + age.count() <= std::time(nullptr)) ::unlink(path.c_str());
  }
}

}  // namespace ktstr::fs_store
