// SPDX-License-Identifier: Apache-2.0
//
// Private memory of a worker.
#pragma once
#include <sys/mman.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ktstr::agent {

inline constexpr std::size_t kPage = 4096, kLine = 64;

/// Mapped in pages of 4 KiB, zero. Empty when there is no memory for it.
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
  /// The memory is there until others have followed it, or until the worker ends: what a worker has on which
  /// NUMA node is counted when its work is over (agent/numa.hpp).
  ~Buffer() {
    if (data_ != nullptr) Last::of_thread().keep(data_, size_);
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  std::span<unsigned char> bytes() const { return {data_, size_}; }
  std::span<std::uint64_t> words() const { return {reinterpret_cast<std::uint64_t*>(data_), size_ / 8}; }

 private:
  class Last {
   public:
    static Last& of_thread() {
      static thread_local Last last;
      return last;
    }
    void keep(void* data, std::size_t size) {
      Mapping& oldest = kept_[next_++ % kept_.size()];
      if (oldest.data != nullptr) ::munmap(oldest.data, oldest.size);
      oldest = {data, size};
    }

   private:
    struct Mapping {
      void* data = nullptr;
      std::size_t size = 0;
    };
    std::array<Mapping, 4> kept_{};
    std::size_t next_ = 0;
  };

  std::size_t size_;
  unsigned char* data_ = nullptr;
};

}  // namespace ktstr::agent
