// SPDX-License-Identifier: Apache-2.0
//
// A program and all it needs to start in a guest: of an ELF program its loader and libraries, of a script its
// interpreter and that one's. Everything is read, nothing is run.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "guest/elf.hpp"
#include "guest/file_root.hpp"
#include "machine/machine.hpp"

namespace ktstr::kvm {

class GuestPack {
 public:
  /// `files` are in the guest already: what lies among them is not added again.
  explicit GuestPack(FileRoot root, std::vector<Blob> files = {});

  /// Reads the file `host` and puts it at `guest_path`; a program or script brings along what it needs,
  /// anything else goes alone unless `must_run`. `what` begins the error: "the scheduler build/scx_x". May be
  /// called again for further files.
  bool add(const std::filesystem::path& host, const std::string& guest_path, bool must_run,
           const std::string& what, MachineError& error, std::uint32_t mode = 0755);

  /// What was added, in order: each `add` puts its own file before what that needs.
  const std::vector<Blob>& files() const { return files_; }
  std::vector<Blob> take() { return std::move(files_); }

 private:
  bool add_file(std::string guest_path, std::string contents, const std::string& what, MachineError& error,
                std::uint32_t mode = 0755);
  bool add_needs(std::size_t file, const std::string& directory, const std::string& shown, bool must_run,
                 unsigned depth, const std::string& what, MachineError& error);
  bool add_libraries(const ElfSummary& elf, std::size_t file, const std::string& directory,
                     const std::string& shown, const std::string& what, MachineError& error);
  bool add_interpreter(std::size_t file, const std::string& shown, bool must_run, unsigned depth,
                       const std::string& what, MachineError& error);
  bool add_from_root(const std::string& path, const std::string& wanted_by, unsigned depth,
                     const std::string& what, MachineError& error);

  FileRoot root_;
  std::vector<Blob> files_;
  std::map<std::string, std::size_t> by_path_;
  std::uint64_t total_ = 0;
};

/// What a script's first line says: the interpreter, and the one argument that the kernel makes of the rest.
struct ScriptLine {
  std::string interpreter, argument;
};
/// False when the text does not begin with "#!" and an absolute path.
bool read_script_line(std::string_view contents, ScriptLine& line);

/// The program that `env`, called with this argument, looks up in PATH; empty when there is none.
std::string program_of_env(std::string_view argument);

}  // namespace ktstr::kvm
