// SPDX-License-Identifier: Apache-2.0
//
// What of the host's files a test takes into its guest: the scheduler's program and the shared libraries it needs.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "machine/machine.hpp"

namespace ktstr::kvm {

struct GuestFiles {
  std::vector<Blob> files;   ///< the program first
  std::string program;       ///< its path in the guest
  std::string sha256;        ///< of the program, lower-case hex
  std::string build_id;      ///< of the program; empty: it has none
  bool from_project = true;  ///< the manifest gave a path relative to the project
};

/// The program that the manifest calls `binary`: a relative path counts from the project and must stay inside it, symbolic
/// links resolved; an absolute path is taken as it is. False with `error` filled in when there is no such program.
bool resolve_program(const std::filesystem::path& project_dir, const std::filesystem::path& binary, std::filesystem::path& resolved,
                     MachineError& error);

/// Reads the program and, when it is dynamically linked, its interpreter and libraries as the host's loader finds them.
bool collect_guest_files(const std::filesystem::path& project_dir, const std::filesystem::path& binary, GuestFiles& files,
                         MachineError& error);

/// Lower-case hex SHA-256 of some bytes.
std::string program_sha256(std::string_view bytes);

}  // namespace ktstr::kvm
