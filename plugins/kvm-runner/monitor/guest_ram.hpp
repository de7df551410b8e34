// SPDX-License-Identifier: Apache-2.0
//
// A guest's memory by its own addresses. Every byte of it is the guest's to write, at any time: whatever is
// read here may be anything, and nothing outside of that memory is ever touched.
#pragma once
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "machine/guest_memory.hpp"

namespace ktstr::kvm {

/// Memory that this process has mapped, one piece after the other as the guest sees it.
class GuestRam {
 public:
  explicit GuestRam(const GuestMemory& memory);  ///< maps it for reading; throws FileError
  ~GuestRam();
  GuestRam(const GuestRam&) = delete;
  GuestRam& operator=(const GuestRam&) = delete;

  /// Where so many bytes from a guest-physical address on are; null where no memory is.
  const char* find(std::uint64_t physical, std::uint64_t size) const;

  /// Reads a value at a guest-physical address; nothing where no memory is.
  template <typename T>
  std::optional<T> read(std::uint64_t physical) const {
    const char* place = find(physical, sizeof(T));
    if (place == nullptr) return std::nullopt;
    T value;
    std::memcpy(&value, place, sizeof value);
    return value;
  }

 private:
  struct Node {
    char* base = nullptr;
    std::uint64_t size = 0;
  };
  void unmap();

  std::vector<Node> nodes_;
  std::uint64_t total_ = 0;
};

/// Kernel addresses of a guest, by its page tables (x86-64).
class AddressSpace {
 public:
  /// `root`: guest-physical address of the kernel's page table, of four or five levels.
  AddressSpace(const GuestRam& ram, std::uint64_t root, bool five_levels)
      : ram_(&ram), root_(root), levels_(five_levels ? 5 : 4) {}

  std::optional<std::uint64_t> physical(std::uint64_t address) const;

  template <typename T>
  std::optional<T> read(std::uint64_t address) const {
    constexpr std::uint64_t kPage = 4096;
    if (address % kPage > kPage - sizeof(T)) return std::nullopt;  // nothing that is read here crosses pages
    const std::optional<std::uint64_t> place = physical(address);
    return place ? ram_->read<T>(*place) : std::nullopt;
  }

  /// So many bytes, over pages; fewer where an address leads nowhere.
  std::string read_bytes(std::uint64_t address, std::size_t size) const;

 private:
  const GuestRam* ram_;
  std::uint64_t root_;
  int levels_;
};

}  // namespace ktstr::kvm
