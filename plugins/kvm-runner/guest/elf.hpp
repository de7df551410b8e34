// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace ktstr::kvm {

/// What of an ELF program decides how it gets into the guest, and what identifies it.
struct ElfSummary {
  bool is_x86_64_program = false;
  std::string interpreter;  ///< PT_INTERP; empty: statically linked
  std::string build_id;     ///< of the GNU note, lower-case hex; empty: linked without one
};

/// Never reads outside `bytes`; anything that is not a well-formed program gives is_x86_64_program = false.
ElfSummary inspect_elf(std::string_view bytes);

}  // namespace ktstr::kvm
