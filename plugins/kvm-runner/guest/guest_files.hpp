// SPDX-License-Identifier: Apache-2.0
//
// What of the host's files a test takes into its guest: the scheduler's program and the shared libraries it
// needs.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "guest/file_root.hpp"
#include "machine/machine.hpp"

namespace ktstr::kvm {

struct GuestFiles {
  std::vector<Blob> files;   ///< the program first
  std::string program;       ///< its path in the guest
  std::string sha256;        ///< of the program, lower-case hex
  std::string build_id;      ///< of the program; empty: it has none, or is a script
  bool from_project = true;  ///< the manifest gave a path relative to the project
};

/// The program that the manifest calls `binary`: a relative path counts from the project and must stay inside
/// it, symbolic links resolved; an absolute path is taken as it is. False with `error` filled in when there
/// is no such program; `what` begins it: "the scheduler".
bool resolve_program(const std::filesystem::path& project_dir, const std::filesystem::path& binary,
                     const std::string& what, std::filesystem::path& resolved, MachineError& error);

/// Reads the program and what it needs to start: loader and libraries, or a script's interpreter, from the
/// host or a sysroot.
bool collect_guest_files(const std::filesystem::path& project_dir, const std::filesystem::path& binary,
                         const FileRoot& root, GuestFiles& files, MachineError& error);

}  // namespace ktstr::kvm
