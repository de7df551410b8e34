// SPDX-License-Identifier: Apache-2.0
//
// Small ELF files as a linker would write them, and as one never would.
#pragma once
#include <elf.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr::kvm::samples {

struct ElfImage {
  std::string interpreter = {};
  std::vector<std::string> needed = {};
  std::string rpath = {}, runpath = {};
  bool no_default_directories = false;
  std::uint16_t machine = EM_X86_64;
  std::uint64_t strings_size = 0;  ///< what DT_STRSZ claims; 0: the truth

  std::string bytes() const {
    std::string strings(1, '\0');
    const auto name = [&](const std::string& text) {
      const std::uint64_t at = strings.size();
      strings += text + '\0';
      return at;
    };
    std::vector<Elf64_Dyn> table;
    const auto entry = [&](std::int64_t tag, std::uint64_t value) {
      Elf64_Dyn dyn{};
      dyn.d_tag = tag;
      dyn.d_un.d_val = value;
      table.push_back(dyn);
    };
    for (const std::string& library : needed) entry(DT_NEEDED, name(library));
    if (!rpath.empty()) entry(DT_RPATH, name(rpath));
    if (!runpath.empty()) entry(DT_RUNPATH, name(runpath));
    if (no_default_directories) entry(DT_FLAGS_1, DF_1_NODEFLIB);
    constexpr std::uint64_t kBase = 0x400000;
    const std::uint64_t segments = interpreter.empty() ? 2 : 3;
    const std::uint64_t text_at = sizeof(Elf64_Ehdr) + segments * sizeof(Elf64_Phdr);
    const std::uint64_t strings_at = text_at + interpreter.size() + 1;
    entry(DT_STRTAB, kBase + strings_at);
    entry(DT_STRSZ, strings_size == 0 ? strings.size() : strings_size);
    entry(DT_NULL, 0);
    const std::uint64_t table_at = strings_at + strings.size(), table_size = table.size() * sizeof(Elf64_Dyn);

    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_machine = machine;
    header.e_type = ET_DYN;
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = static_cast<std::uint16_t>(segments);
    header.e_phoff = sizeof header;
    std::string out;
    append(out, header);
    append(out, segment(PT_LOAD, 0, kBase, table_at + table_size));
    append(out, segment(PT_DYNAMIC, table_at, kBase + table_at, table_size));
    if (!interpreter.empty())
      append(out, segment(PT_INTERP, text_at, kBase + text_at, interpreter.size() + 1));
    out += interpreter + '\0' + strings;
    for (const Elf64_Dyn& dyn : table) append(out, dyn);
    return out;
  }

  static void append(std::string& bytes, const auto& value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  static Elf64_Phdr segment(std::uint32_t type, std::uint64_t offset, std::uint64_t address,
                            std::uint64_t size) {
    Elf64_Phdr header{};
    header.p_type = type;
    header.p_offset = offset;
    header.p_vaddr = address;
    header.p_filesz = header.p_memsz = size;
    return header;
  }
};

}  // namespace ktstr::kvm::samples
