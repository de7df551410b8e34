// SPDX-License-Identifier: Apache-2.0
//
// Private memory of a worker.
#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace ktstr::agent {

inline constexpr std::size_t kPage = 4096, kLine = 64;

/// Mapped in pages of 4 KiB, zero, unmapped at the end. Empty when there is no memory for it.
class Buffer {
 public:
  explicit Buffer(std::size_t bytes) : size_(bytes) {
    void* mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) {
      size_ = 0;
      return;
    }
    data_ = static_cast<unsigned char*>(mapped);
    ::madvise(data_, size_, MADV_NOHUGEPAGE);
  }
  ~Buffer() {
    if (data_ != nullptr) ::munmap(data_, size_);
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  std::span<unsigned char> bytes() const { return {data_, size_}; }
  std::span<std::uint64_t> words() const { return {reinterpret_cast<std::uint64_t*>(data_), size_ / 8}; }

 private:
  std::size_t size_;
  unsigned char* data_ = nullptr;
};

}  // namespace ktstr::agent
