// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "support/result.hpp"

namespace ktstr {

/// What a shared object says of itself, without running it. The file may be anybody's: places in it are
/// checked before they are read.
struct ElfFile {
  struct Symbol {
    std::string name;
    bool defined = false;
    bool unique = false;  ///< STB_GNU_UNIQUE
  };
  unsigned machine = 0;     ///< EM_*
  bool is_library = false;  ///< ET_DYN
  bool executable_stack = false;
  bool text_relocations = false;
  std::vector<std::string> needed, search_paths;
  std::vector<Symbol> symbols;  ///< dynamic ones that are not local
};

/// Of 64 bits and this machine's byte order; `name` is for the error.
Result<ElfFile> parse_elf(const std::string& bytes, const std::string& name);
Result<ElfFile> read_elf(const std::filesystem::path& file);

}  // namespace ktstr
