// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/random.hpp"

#include <sys/random.h>

#include <cstdint>
#include <random>

#include "ktstr/kit/numbers.hpp"

namespace ktstr::kit {

std::string random_name() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number) {
    std::random_device device;  // a kernel or a sandbox without the system call
    number = (std::uint64_t{device()} << 32) | device();
  }
  return hex64(number);
}

}  // namespace ktstr::kit
