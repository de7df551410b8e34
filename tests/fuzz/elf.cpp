// SPDX-License-Identifier: Apache-2.0
#include "guest/elf.hpp"

#include <cstdint>

#include "guest/guest_pack.hpp"
#include "guest/loader_cache.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  ktstr::kvm::inspect_elf(bytes);
  ktstr::kvm::read_loader_cache(bytes);
  ktstr::kvm::ScriptLine line;
  if (ktstr::kvm::read_script_line(bytes, line)) ktstr::kvm::program_of_env(line.argument);
  return 0;
}
