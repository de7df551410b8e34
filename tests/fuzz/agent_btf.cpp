// SPDX-License-Identifier: Apache-2.0
//
// The agent's reader of type information, which a scheduler's program brings: the number of a section, and
// the information.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "agent/btf.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::uint32_t section = 0;
  if (size < sizeof section) return 0;
  std::memcpy(&section, data, sizeof section);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + sizeof section, size - sizeof section);
  const ktstr::agent::Btf btf(bytes, {"ops", "value"});
  for (const char* const member : {"flags", "no such member"}) {
    if (btf.member_offset("ops", member) && !btf.struct_id("ops")) std::abort();
    btf.member_offset("value", member);
  }
  for (const ktstr::agent::Btf::Variable& variable : btf.variables(section)) {
    if (variable.name.size() > bytes.size()) std::abort();
  }
  return 0;
}
