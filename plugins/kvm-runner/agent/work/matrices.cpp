// SPDX-License-Identifier: Apache-2.0
//
// Compiled for speed, unlike the rest of the agent: how long a request takes is what people compare.
#include "agent/work/matrices.hpp"

namespace ktstr::agent {

void Matrices::multiply(WorkContext& c) {
  const std::size_t size = size_;
  std::uint64_t *const a = buffer_.words().data(), *const b = a + size * size,
                       *const product = b + size * size;
  for (std::size_t row = 0; row < size && !c.stopped(); ++row) {
    for (std::size_t column = 0; column < size; ++column) {
      volatile std::uint64_t& sum = product[row * size + column];  // each sum in memory, as schbench has it
      std::uint64_t so_far = 0;
      for (std::size_t k = 0; k < size; ++k) sum = so_far += a[row * size + k] * b[k * size + column];
    }
    c.telemetry.add_units(size * size);
    c.telemetry.checkpoint();
  }
}

void multiply_matrices(WorkContext& c, Matrices& matrices, std::uint64_t times) {
  for (std::uint64_t done = 0; done < times && !c.stopped(); ++done) matrices.multiply(c);
}

}  // namespace ktstr::agent
