// SPDX-License-Identifier: Apache-2.0
//
// Schbench's work: naive multiplication of two square matrices of 64-bit words into a third one.
#pragma once
#include <cstddef>
#include <cstdint>

#include "agent/work/buffer.hpp"
#include "agent/work/tools.hpp"

namespace ktstr::agent {

class Matrices {
 public:
  /// As large as three of them fit into `kib`.
  explicit Matrices(std::uint64_t kib) : buffer_(kib * 1024) {
    while (3 * (size_ + 1) * (size_ + 1) <= buffer_.words().size()) ++size_;
  }
  std::size_t size() const { return size_; }
  /// A unit of work is a multiplication and an addition; a checkpoint after each row.
  void multiply(WorkContext& context);

 private:
  Buffer buffer_;
  std::size_t size_ = 0;
};

/// The request of a worker: so many multiplications.
void multiply_matrices(WorkContext& context, Matrices& matrices, std::uint64_t times);

}  // namespace ktstr::agent
