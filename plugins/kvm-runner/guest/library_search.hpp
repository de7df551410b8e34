// SPDX-License-Identifier: Apache-2.0
//
// The shared libraries of a program, found as the dynamic loader would find them, by reading files: nothing
// of the program, and no loader that it names, ever runs on the host.
#pragma once
#include <string>
#include <vector>

#include "guest/elf.hpp"
#include "guest/file_root.hpp"

namespace ktstr::kvm {

struct LibraryFile {
  std::string guest_path;  ///< where the loader finds it in the guest
  std::string contents;
};

/// A program whose libraries are wanted.
struct LibraryUser {
  std::string shown;      ///< how people call it
  std::string directory;  ///< its $ORIGIN on the host
  std::string guest_path;
  ElfSummary elf;
};

/// Everything that `program` needs, directly or not, each library once. False with `problem` filled in: which
/// library, needed by which file, and where it was looked for.
bool find_libraries(const LibraryUser& program, const FileRoot& root, std::vector<LibraryFile>& libraries,
                    std::string& problem);

}  // namespace ktstr::kvm
