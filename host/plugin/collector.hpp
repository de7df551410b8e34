// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/sdk.h>

#include <cstdint>
#include <ktstr/kit/assert.hpp>
#include <string>

namespace ktstr {

/// A sink that collects what a plugin writes, up to a limit.
class Collector {
 public:
  explicit Collector(std::uint64_t limit) : limit_(limit) {
    writer_.size = sizeof writer_;
    writer_.ctx = this;
    writer_.write = [](void* ctx, const void* data, std::uint64_t len) noexcept -> ktstr_status {
      auto& self = *static_cast<Collector*>(ctx);
      KTSTR_ASSERT(self.bytes_.size() <= self.limit_);
      if (len > self.limit_ - self.bytes_.size()) {
        self.too_much_ = true;
        return KTSTR_BAD_DATA;
      }
      try {
        self.bytes_.append(static_cast<const char*>(data), len);
        return KTSTR_OK;
      } catch (...) {
        return KTSTR_INTERNAL;
      }
    };
  }
  const ktstr_writer* writer() const { return &writer_; }
  std::string take() { return std::move(bytes_); }
  void make_room(std::uint64_t bytes) { bytes_.reserve(bytes); }
  bool too_much() const { return too_much_; }

 private:
  ktstr_writer writer_{};
  std::uint64_t limit_;
  std::string bytes_;
  bool too_much_ = false;
};

}  // namespace ktstr
