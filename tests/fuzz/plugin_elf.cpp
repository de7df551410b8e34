// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>

#include "check/elf_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(ktstr::parse_elf({reinterpret_cast<const char*>(data), size}, "plugin.so"));
  return 0;
}
