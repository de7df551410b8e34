// SPDX-License-Identifier: Apache-2.0
#include "guest/elf.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>

namespace ktstr::kvm {
namespace {

constexpr std::size_t kLongestBuildId = 64;

std::size_t padded(std::uint32_t size) { return (std::size_t{size} + 3) / 4 * 4; }

/// The build id in a segment of notes; empty when there is none or the notes are damaged.
std::string build_id_of(std::string_view notes) {
  Elf64_Nhdr header{};
  while (notes.size() >= sizeof header) {
    std::memcpy(&header, notes.data(), sizeof header);
    notes.remove_prefix(sizeof header);
    if (notes.size() < padded(header.n_namesz) || notes.size() - padded(header.n_namesz) < header.n_descsz) return {};
    const std::string_view name = notes.substr(0, header.n_namesz), id = notes.substr(padded(header.n_namesz), header.n_descsz);
    if (header.n_type == NT_GNU_BUILD_ID && name == std::string_view("GNU\0", 4) && id.size() <= kLongestBuildId) {
      static constexpr char kHex[] = "0123456789abcdef";
      std::string text;
      for (const char c : id) {
        text += kHex[static_cast<unsigned char>(c) >> 4U];
        text += kHex[static_cast<unsigned char>(c) & 15U];
      }
      return text;
    }
    notes.remove_prefix(std::min(notes.size(), padded(header.n_namesz) + padded(header.n_descsz)));
  }
  return {};
}

}  // namespace

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
    if (segment.p_type != PT_INTERP && segment.p_type != PT_NOTE) continue;
    const bool inside = segment.p_offset <= bytes.size() && segment.p_filesz <= bytes.size() - segment.p_offset;
    if (segment.p_type == PT_NOTE) {
      if (inside && summary.build_id.empty()) summary.build_id = build_id_of(bytes.substr(segment.p_offset, segment.p_filesz));
      continue;
    }
    if (!inside || segment.p_filesz > 4096) return summary;
    const std::string_view name = bytes.substr(segment.p_offset, segment.p_filesz);
    summary.interpreter = std::string(name.substr(0, name.find('\0')));
    if (summary.interpreter.empty()) return summary;
  }
  summary.is_x86_64_program = true;
  return summary;
}

}  // namespace ktstr::kvm
