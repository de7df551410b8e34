// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace ktstr::kvm {

/// What of an ELF program or library decides how it gets into the guest, and what identifies it.
struct ElfSummary {
  bool is_x86_64_program = false;   ///< or a shared library
  std::string interpreter;          ///< PT_INTERP; empty: statically linked, or a library
  std::string build_id;             ///< of the GNU note, lower-case hex; empty: linked without one
  std::vector<std::string> needed;  ///< DT_NEEDED, in order
  std::vector<std::string> rpath;   ///< DT_RPATH, split at colons, as written ("$ORIGIN/../lib")
  std::vector<std::string>
      runpath;  ///< DT_RUNPATH, likewise; where there is one, DT_RPATH counts for nothing
  bool no_default_directories = false;  ///< DF_1_NODEFLIB
  std::string damage;                   ///< why a file that begins like one of ours is none; else empty
};

/// Never reads outside `bytes`, and never runs anything; what is not well-formed gives is_x86_64_program =
/// false.
ElfSummary inspect_elf(std::string_view bytes);

}  // namespace ktstr::kvm
