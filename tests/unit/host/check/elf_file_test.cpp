// SPDX-License-Identifier: Apache-2.0
#include "check/elf_file.hpp"

#include <elf.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace ktstr {
namespace {

/// A library as bytes: one program header, strings, a dynamic section, symbols and their sections.
class Library {
 public:
  std::string strings{"\0libc.so.6\0/opt/a:/b\0ktstr_plugin\0unique\0", 42};
  std::uint16_t type = ET_DYN;
  std::uint32_t link = 1, stack = PF_R | PF_W;

  std::string bytes() const {
    std::string dynamic, symbols;
    for (const Elf64_Dyn& entry :
         {Elf64_Dyn{DT_NEEDED, {1}}, Elf64_Dyn{DT_RUNPATH, {11}}, Elf64_Dyn{DT_TEXTREL, {0}}, Elf64_Dyn{}})
      add(dynamic, entry);
    add(symbols, Elf64_Sym{});
    add(symbols, Elf64_Sym{21, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, 1, 0, 0});
    add(symbols, Elf64_Sym{34, ELF64_ST_INFO(STB_GNU_UNIQUE, STT_OBJECT), 0, 1, 0, 0});
    add(symbols, Elf64_Sym{1, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, SHN_UNDEF, 0, 0});
    const std::uint64_t at_strings = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
                        at_dynamic = at_strings + strings.size(), at_symbols = at_dynamic + dynamic.size();
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_type = type;
    header.e_machine = EM_X86_64;
    header.e_phoff = sizeof header;
    header.e_phnum = 1;
    header.e_shoff = at_symbols + symbols.size();
    header.e_shnum = 4;
    Elf64_Phdr part{};
    part.p_type = PT_GNU_STACK;
    part.p_flags = stack;
    std::string all;
    add(all, header);
    add(all, part);
    all += strings + dynamic + symbols;
    add(all, Elf64_Shdr{});
    add(all, section(SHT_STRTAB, at_strings, strings.size(), 0));
    add(all, section(SHT_DYNAMIC, at_dynamic, dynamic.size(), link));
    add(all, section(SHT_DYNSYM, at_symbols, symbols.size(), link));
    return all;
  }

 private:
  template <typename T>
  static void add(std::string& out, const T& value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  static Elf64_Shdr section(std::uint32_t type, std::uint64_t offset, std::uint64_t size,
                            std::uint32_t link) {
    Elf64_Shdr out{};
    out.sh_type = type;
    out.sh_offset = offset;
    out.sh_size = size;
    out.sh_link = link;
    return out;
  }
};

TEST(ElfFile, SaysWhatALibraryNeedsAndOffers) {
  const auto file = parse_elf(Library().bytes(), "a.so");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->machine, EM_X86_64);
  EXPECT_TRUE(file->is_library);
  EXPECT_FALSE(file->executable_stack);
  EXPECT_TRUE(file->text_relocations);
  EXPECT_EQ(file->needed, std::vector<std::string>{"libc.so.6"});
  EXPECT_EQ(file->search_paths, (std::vector<std::string>{"/opt/a", "/b"}));
  ASSERT_EQ(file->symbols.size(), 3U);
  EXPECT_EQ(file->symbols[0].name, "ktstr_plugin");
  EXPECT_TRUE(file->symbols[0].defined && !file->symbols[0].unique);
  EXPECT_TRUE(file->symbols[1].defined && file->symbols[1].unique);
  EXPECT_FALSE(file->symbols[2].defined);
}

TEST(ElfFile, TellsAProgramAndAnExecutableStack) {
  Library other;
  other.type = ET_EXEC;
  other.stack = PF_R | PF_W | PF_X;
  const auto file = parse_elf(other.bytes(), "a.so");
  ASSERT_TRUE(file);
  EXPECT_FALSE(file->is_library);
  EXPECT_TRUE(file->executable_stack);
}

TEST(ElfFile, RefusesWhatIsNotWhole) {
  const std::string whole = Library().bytes();
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(parse_elf(whole.substr(0, size), "a.so")) << size;
  Library beyond;
  beyond.link = 9;
  EXPECT_FALSE(parse_elf(beyond.bytes(), "a.so"));
  std::string small = whole;
  small[EI_CLASS] = ELFCLASS32;
  const auto file = parse_elf(small, "a\x1b.so");
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message.find("is no whole ELF file of 64 bits"), std::string::npos);
  EXPECT_EQ(file.error().message.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace ktstr
