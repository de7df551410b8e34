// SPDX-License-Identifier: Apache-2.0
#include "check/elf_file.hpp"

#include <elf.h>

#include <cstring>
#include <ktstr/kit/text.hpp>

#include "support/files.hpp"

namespace ktstr {
namespace {

struct Broken {};

class Reader {
 public:
  explicit Reader(const std::string& bytes) : bytes_(bytes) {}

  template <typename T>
  T at(std::uint64_t offset) const {
    T value;
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof value) throw Broken{};
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }
  std::string text(std::uint64_t offset) const {
    const std::size_t end = offset < bytes_.size() ? bytes_.find('\0', offset) : std::string::npos;
    if (end == std::string::npos) throw Broken{};
    return bytes_.substr(offset, end - offset);
  }
  std::uint64_t size() const { return bytes_.size(); }

 private:
  const std::string& bytes_;
};

void read_dynamic(const Reader& file, const Elf64_Shdr& section, std::uint64_t strings, ElfFile& out) {
  for (std::uint64_t i = 0; i + sizeof(Elf64_Dyn) <= section.sh_size; i += sizeof(Elf64_Dyn)) {
    const auto entry = file.at<Elf64_Dyn>(section.sh_offset + i);
    if (entry.d_tag == DT_NULL) return;
    if (entry.d_tag == DT_NEEDED) out.needed.push_back(file.text(strings + entry.d_un.d_val));
    if (entry.d_tag == DT_RPATH || entry.d_tag == DT_RUNPATH) {
      const std::string paths = file.text(strings + entry.d_un.d_val);
      for (std::size_t at = 0; at <= paths.size();) {
        const std::size_t end = std::min(paths.find(':', at), paths.size());
        out.search_paths.push_back(paths.substr(at, end - at));
        at = end + 1;
      }
    }
    if (entry.d_tag == DT_TEXTREL || (entry.d_tag == DT_FLAGS && (entry.d_un.d_val & DF_TEXTREL) != 0))
      out.text_relocations = true;
  }
}

void read_symbols(const Reader& file, const Elf64_Shdr& section, std::uint64_t strings, ElfFile& out) {
  for (std::uint64_t i = 0; i + sizeof(Elf64_Sym) <= section.sh_size; i += sizeof(Elf64_Sym)) {
    const auto symbol = file.at<Elf64_Sym>(section.sh_offset + i);
    const unsigned binding = ELF64_ST_BIND(symbol.st_info);
    if (binding == STB_LOCAL) continue;
    out.symbols.push_back(
        {file.text(strings + symbol.st_name), symbol.st_shndx != SHN_UNDEF, binding == STB_GNU_UNIQUE});
  }
}

ElfFile parse(const Reader& file) {
  const auto header = file.at<Elf64_Ehdr>(0);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB)
    throw Broken{};
  ElfFile out;
  out.machine = header.e_machine;
  out.is_library = header.e_type == ET_DYN;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    const auto part = file.at<Elf64_Phdr>(header.e_phoff + std::uint64_t{i} * sizeof(Elf64_Phdr));
    if (part.p_type == PT_GNU_STACK && (part.p_flags & PF_X) != 0) out.executable_stack = true;
  }
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    const auto section = file.at<Elf64_Shdr>(header.e_shoff + std::uint64_t{i} * sizeof(Elf64_Shdr));
    if (section.sh_type != SHT_DYNAMIC && section.sh_type != SHT_DYNSYM) continue;
    if (section.sh_size > file.size() || section.sh_link >= header.e_shnum) throw Broken{};
    const auto strings =
        file.at<Elf64_Shdr>(header.e_shoff + std::uint64_t{section.sh_link} * sizeof(Elf64_Shdr));
    if (section.sh_type == SHT_DYNAMIC) read_dynamic(file, section, strings.sh_offset, out);
    if (section.sh_type == SHT_DYNSYM) read_symbols(file, section, strings.sh_offset, out);
  }
  return out;
}

}  // namespace

Result<ElfFile> parse_elf(const std::string& bytes, const std::string& name) {
  try {
    return parse(Reader(bytes));
  } catch (const Broken&) {
    return plugin_error(printable(name) + " is no whole ELF file of 64 bits");
  }
}

Result<ElfFile> read_elf(const std::filesystem::path& file) {
  const auto bytes = read_file(file, std::uint64_t{1} << 30);
  if (!bytes) return bytes.error();
  return parse_elf(*bytes, file.filename().string());
}

}  // namespace ktstr
