// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "machine/machine.hpp"

namespace ktstr::kvm {

/// One shared library of a program: the name it is asked for by, and where the host's loader found it.
struct LibraryFile {
  std::string name;
  std::filesystem::path path;
};

/// Reads what `ld.so --list` printed. `missing` gets the names it could not find.
std::vector<LibraryFile> parse_library_list(std::string_view text, std::vector<std::string>& missing);

/// Asks the host's loader, without running the program, in an empty environment and under a deadline.
bool list_libraries(const std::filesystem::path& loader, const std::filesystem::path& program, std::vector<LibraryFile>& libraries,
                    MachineError& error);

}  // namespace ktstr::kvm
