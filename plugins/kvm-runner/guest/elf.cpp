// SPDX-License-Identifier: Apache-2.0
#include "guest/elf.hpp"

#include <elf.h>

#include <cstring>

namespace ktstr::kvm {

ElfSummary inspect_elf(std::string_view bytes) {
  ElfSummary summary;
  Elf64_Ehdr header{};
  if (bytes.size() < sizeof header) return summary;
  std::memcpy(&header, bytes.data(), sizeof header);
  const bool known = std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_ident[EI_CLASS] == ELFCLASS64 &&
                     header.e_ident[EI_DATA] == ELFDATA2LSB && header.e_machine == EM_X86_64 &&
                     (header.e_type == ET_EXEC || header.e_type == ET_DYN) && header.e_phentsize == sizeof(Elf64_Phdr);
  if (!known) return summary;
  for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
    const std::uint64_t at = header.e_phoff + i * sizeof(Elf64_Phdr);
    if (header.e_phoff > bytes.size() || at > bytes.size() || bytes.size() - at < sizeof(Elf64_Phdr)) return summary;
    Elf64_Phdr segment{};
    std::memcpy(&segment, bytes.data() + at, sizeof segment);
    if (segment.p_type != PT_INTERP) continue;
    if (segment.p_offset > bytes.size() || segment.p_filesz > bytes.size() - segment.p_offset || segment.p_filesz > 4096) return summary;
    const std::string_view name = bytes.substr(segment.p_offset, segment.p_filesz);
    summary.interpreter = std::string(name.substr(0, name.find('\0')));
    if (summary.interpreter.empty()) return summary;
  }
  summary.is_x86_64_program = true;
  return summary;
}

}  // namespace ktstr::kvm
