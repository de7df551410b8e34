// SPDX-License-Identifier: Apache-2.0
#include "durable_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <ktstr/cpp/error.hpp>

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

}  // namespace ktstr::fs_store
