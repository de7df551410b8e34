// SPDX-License-Identifier: Apache-2.0
//
// A kernel image from somewhere: whatever it claims of itself, it is unpacked or refused.
#include <cstdint>
#include <cstdlib>

#include "machine/kernel_image.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto kernel = ktstr::kvm::unpack_bzimage({reinterpret_cast<const char*>(data), size});
  if (kernel && !kernel->starts_with("\177ELF")) std::abort();
  return 0;
}
