// SPDX-License-Identifier: Apache-2.0
#include "monitor/guest_ram.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <ktstr/kit/assert.hpp>

#include "machine/files.hpp"

namespace ktstr::kvm {
namespace {

// Where q35 puts what does not fit below its devices.
constexpr std::uint64_t kFourGiB = 1ULL << 32, kMuch = 0xb0000000;

std::uint64_t below_devices(std::uint64_t total) { return total >= kMuch ? 0x80000000 : total; }

}  // namespace

GuestRam::GuestRam(const GuestMemory& memory) {
  for (std::size_t i = 0; i < memory.nodes(); ++i) {
    const std::uint64_t size = memory.node_bytes()[i];
    void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, memory.node(i).fd, 0);
    if (mapped == MAP_FAILED) {
      unmap();
      throw_file_error("cannot map", memory.node(i).name);
    }
    nodes_.push_back({static_cast<char*>(mapped), size});
    total_ += size;
  }
}

GuestRam::~GuestRam() { unmap(); }

void GuestRam::unmap() {
  for (const Node& node : nodes_) ::munmap(node.base, node.size);
}

const char* GuestRam::find(std::uint64_t physical, std::uint64_t size) const {
  const std::uint64_t low = below_devices(total_);
  if (physical >= kFourGiB) {
    physical -= kFourGiB - low;
  } else if (physical >= low) {
    return nullptr;
  }
  for (const Node& node : nodes_) {
    if (physical < node.size) return node.size - physical >= size ? node.base + physical : nullptr;
    physical -= node.size;
  }
  return nullptr;
}

std::optional<std::uint64_t> AddressSpace::physical(std::uint64_t address) const {
  constexpr std::uint64_t kPresent = 1, kLarge = 1U << 7U, kFrame = 0x000ffffffffff000;
  std::uint64_t table = root_;
  for (int level = levels_; level >= 1; --level) {
    const int shift = 12 + 9 * (level - 1);
    const std::optional<std::uint64_t> entry =
        ram_->read<std::uint64_t>(table + (address >> shift & 0x1ffU) * 8);
    if (!entry || (*entry & kPresent) == 0) return std::nullopt;
    if (level == 1 || (level <= 3 && (*entry & kLarge) != 0)) {
      const std::uint64_t within = (1ULL << shift) - 1;
      return (*entry & kFrame & ~within) | (address & within);
    }
    table = *entry & kFrame;
  }
  return std::nullopt;
}

std::string AddressSpace::read_bytes(std::uint64_t address, std::size_t size) const {
  constexpr std::uint64_t kPage = 4096;
  std::string bytes;
  while (bytes.size() < size) {
    const std::size_t part = std::min<std::size_t>(size - bytes.size(), kPage - address % kPage);
    KTSTR_ASSERT(part > 0 && part <= kPage);
    const std::optional<std::uint64_t> place = physical(address);
    const char* found = place ? ram_->find(*place, part) : nullptr;
    if (found == nullptr) break;
    bytes.append(found, part);
    address += part;
  }
  return bytes;
}

}  // namespace ktstr::kvm
