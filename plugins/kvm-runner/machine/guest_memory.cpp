// SPDX-License-Identifier: Apache-2.0
#include "machine/guest_memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <ktstr/kit/assert.hpp>
#include <string>

namespace ktstr::kvm {
namespace {

constexpr unsigned kNoExecSeal = 0x8;  // MFD_NOEXEC_SEAL, Linux 6.3; some machines insist on it

kit::Fd anonymous_file() {
  int fd = ::memfd_create("ktstr-guest", MFD_CLOEXEC | MFD_ALLOW_SEALING | kNoExecSeal);
  if (fd < 0 && errno == EINVAL) fd = ::memfd_create("ktstr-guest", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  return kit::Fd(fd);
}

}  // namespace

GuestMemory::GuestMemory(const std::vector<std::uint64_t>& node_bytes) : node_bytes_(node_bytes) {
  for (const std::uint64_t bytes : node_bytes) {
    KTSTR_ASSERT(bytes > 0 && bytes % 4096 == 0);
    kit::Fd file = anonymous_file();
    // The size is final: a mapping of it stays whole whatever the emulator does.
    if (!file.open() || ::ftruncate(file.get(), static_cast<off_t>(bytes)) != 0 ||
        ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0) {
      throw_file_error("cannot make", "guest memory of " + std::to_string(bytes >> 20U) + " MiB");
    }
    files_.push_back(std::move(file));
  }
  KTSTR_ASSERT(files_.size() == node_bytes_.size());
}

std::filesystem::path GuestMemory::path(std::size_t index) const {
  KTSTR_ASSERT(index < files_.size());
  return "/proc/self/fd/" + std::to_string(files_[index].get());
}

void GuestMemory::clear() {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const auto size = static_cast<off_t>(node_bytes_[i]);
    if (::fallocate(files_[i].get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, size) != 0)
      throw_file_error("cannot clear", node(i).name);
  }
}

std::vector<int> GuestMemory::descriptors() const {
  std::vector<int> all;
  for (const kit::Fd& file : files_) all.push_back(file.get());
  return all;
}

}  // namespace ktstr::kvm
