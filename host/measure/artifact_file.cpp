// SPDX-License-Identifier: Apache-2.0
#include "measure/artifact_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

namespace ktstr {

Result<std::unique_ptr<ArtifactFile>> ArtifactFile::make(const std::filesystem::path& directory,
                                                         const ArtifactRequest& request) {
  int fd = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) fd = ::memfd_create("ktstr-artifact", MFD_CLOEXEC);
  if (fd < 0) {
    return environment_error("no room for the artifact " + printable(request.name) + ": " +
                             std::strerror(errno));
  }
  return std::unique_ptr<ArtifactFile>(new ArtifactFile(fd, request));
}

ArtifactFile::~ArtifactFile() { ::close(fd_); }

Status ArtifactFile::write(std::string_view bytes) {
  const kit::Lock lock(mutex_);
  while (state_ && !bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      state_ = environment_error("the artifact " + printable(name_) +
                                 " could not be written: " + std::strerror(errno));
      break;
    }
    KTSTR_ASSERT(static_cast<std::size_t>(n) <= bytes.size());
    size_ += static_cast<std::size_t>(n);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return state_;
}

std::uint64_t ArtifactFile::size() {
  const kit::Lock lock(mutex_);
  return size_;
}

Status ArtifactFile::read(const std::function<Status(std::string_view)>& use) {
  const kit::Lock lock(mutex_);
  if (!state_) return state_;
  KTSTR_ASSERT(::lseek(fd_, 0, SEEK_END) == static_cast<off_t>(size_));  // nobody else has the file
  if (size_ == 0) return use({});
  void* mapped = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, fd_, 0);
  if (mapped == MAP_FAILED)
    return environment_error("the artifact " + printable(name_) + " cannot be read: " + std::strerror(errno));
  const Status used = use({static_cast<const char*>(mapped), size_});
  ::munmap(mapped, size_);
  return used;
}

}  // namespace ktstr
