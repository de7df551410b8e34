// SPDX-License-Identifier: Apache-2.0
#include "machine/guest_memory.hpp"

#include <fcntl.h>
#include <linux/mempolicy.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ktstr/kit/assert.hpp>
#include <string>

namespace ktstr::kvm {
namespace {

constexpr unsigned kHugePagesOf2Mib = 21U << 26U;  // MFD_HUGE_2MB, which goes not with sys/mman.h
constexpr unsigned kNoExecSeal = 0x8;              // MFD_NOEXEC_SEAL, Linux 6.3; some machines insist on it

kit::Fd anonymous_file(bool huge_pages) {
  const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING | (huge_pages ? MFD_HUGETLB | kHugePagesOf2Mib : 0);
  int fd = ::memfd_create("ktstr-guest", flags | kNoExecSeal);
  if (fd < 0 && errno == EINVAL) fd = ::memfd_create("ktstr-guest", flags);
  return kit::Fd(fd);
}

/// Not open when it cannot be made. The size is final: a mapping of it stays whole whatever the emulator
/// does.
kit::Fd file_of_memory(std::uint64_t bytes, bool huge_pages) {
  kit::Fd file = anonymous_file(huge_pages);
  const bool made = file.open() && ::ftruncate(file.get(), static_cast<off_t>(bytes)) == 0 &&
                    ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0;
  return made ? std::move(file) : kit::Fd();
}

/// Huge pages are a file's from its first shared mapping on, as long as it lives.
bool reserve(const kit::Fd& file, std::uint64_t bytes) {
  void* mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (mapped == MAP_FAILED) return false;
  ::munmap(mapped, bytes);
  return true;
}

/// A mapping of a file's policy becomes the file's: whoever touches a page first, it lies on these nodes.
void bind_to_nodes(const kit::Fd& file, std::uint64_t bytes, const std::vector<std::uint32_t>& nodes) {
  constexpr std::size_t kBits = 8 * sizeof(unsigned long);
  std::vector<unsigned long> mask(1);
  for (const std::uint32_t node : nodes) {
    mask.resize(std::max<std::size_t>(mask.size(), node / kBits + 1));
    mask[node / kBits] |= 1UL << (node % kBits);
  }
  void* mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, file.get(), 0);
  if (mapped == MAP_FAILED) throw_file_error("cannot map", "guest memory");
  const long bound = ::syscall(SYS_mbind, mapped, bytes, MPOL_BIND, mask.data(), mask.size() * kBits + 1, 0);
  const int error = errno;
  ::munmap(mapped, bytes);
  errno = error;
  if (bound != 0) throw_file_error("cannot bind to NUMA nodes", "guest memory");
}

}  // namespace

GuestMemory::GuestMemory(const std::vector<std::uint64_t>& node_bytes, const HostPlan& plan)
    : node_bytes_(node_bytes) {
  for (const std::uint64_t bytes : node_bytes) {
    KTSTR_ASSERT(bytes > 0 && bytes % 4096 == 0);
    kit::Fd file;
    if (plan.huge_pages) file = file_of_memory(bytes, true);
    if (plan.huge_pages && !(file.open() && reserve(file, bytes))) {
      short_of_huge_pages_ = true;
      file.reset();
    }
    if (!file.open()) file = file_of_memory(bytes, false);
    if (!file.open())
      throw_file_error("cannot make", "guest memory of " + std::to_string(bytes >> 20U) + " MiB");
    if (!plan.memory_nodes.empty()) bind_to_nodes(file, bytes, plan.memory_nodes);
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
