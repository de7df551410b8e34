// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace ktstr::kvm {

/// Numbers as the kernel lists those of CPUs and of NUMA nodes: "0-3,8" is {0, 1, 2, 3, 8}. Anything that is
/// no such list gives what could be read, and none above 65,535.
inline std::vector<std::uint32_t> parse_cpu_list(const std::string& text) {
  std::vector<std::uint32_t> numbers;
  const char* at = text.c_str();
  while (*at >= '0' && *at <= '9') {
    char* end = nullptr;
    const unsigned long first = std::strtoul(at, &end, 10);
    unsigned long last = first;
    if (*end == '-') last = std::strtoul(end + 1, &end, 10);
    for (unsigned long number = first; number <= last && number < 65536; ++number)
      numbers.push_back(static_cast<std::uint32_t>(number));
    at = *end == ',' ? end + 1 : "";
  }
  return numbers;
}

}  // namespace ktstr::kvm
