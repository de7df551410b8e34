// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace ktstr {

/// The start of a bzImage that says it is `release`; as the boot protocol has it, and nothing after it.
inline std::string fake_bzimage(const std::string& release, unsigned pointer = 0x300) {
  std::string bytes(0x800, '\0');
  bytes.replace(0x202, 4, "HdrS");
  bytes[0x20e] = static_cast<char>(pointer & 0xff);
  bytes[0x20f] = static_cast<char>(pointer >> 8);
  if (0x200 + pointer + release.size() < bytes.size())
    bytes.replace(0x200 + pointer, release.size(), release);
  return bytes;
}

}  // namespace ktstr
