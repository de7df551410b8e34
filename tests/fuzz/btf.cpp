// SPDX-License-Identifier: Apache-2.0
//
// A value of a map as it is shown, with any type information: the type's number, a byte that says how long
// the value is, the value, and the type information.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "dump/btf_value.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMost = 48, kLongest = 4096;
  std::uint32_t type = 0;
  if (size <= sizeof type) return 0;
  std::memcpy(&type, data, sizeof type);
  const std::string_view rest(reinterpret_cast<const char*>(data) + sizeof type + 1, size - sizeof type - 1);
  const std::string_view value = rest.substr(0, data[sizeof type]);
  const auto unsafe = [](const std::string& text) {
    return text.size() > kLongest ||
           std::any_of(text.begin(), text.end(), [](unsigned char byte) { return byte < 0x20; });
  };
  const ktstr::kvm::BtfTypes types(rest.substr(value.size()));
  const std::vector<ktstr::kvm::BtfField> fields = ktstr::kvm::format_value(types, type, value, kMost);
  if (fields.size() > kMost) std::abort();
  for (const ktstr::kvm::BtfField& field : fields) {
    if (unsafe(field.path) || unsafe(field.text)) std::abort();
  }
  return 0;
}
