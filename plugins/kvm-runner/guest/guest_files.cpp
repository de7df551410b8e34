// SPDX-License-Identifier: Apache-2.0
#include "guest/guest_files.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <fstream>

#include "guest/elf.hpp"
#include "guest/library_list.hpp"
#include "report/text.hpp"

namespace ktstr::kvm {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestFile = 256U << 20U;
constexpr std::uintmax_t kLargestTotal = 512U << 20U;
constexpr std::string_view kProgramDirectory = "/opt/ktstr/bin/";

bool read_whole(const fs::path& path, std::string& contents, MachineError& error) {
  std::error_code failure;
  const fs::file_status status = fs::status(path, failure);
  const std::string shown = printable(path.string(), 300);
  if (failure || !fs::is_regular_file(status)) {
    error = {shown + " is not a readable file", "", true};
    return false;
  }
  const std::uintmax_t size = fs::file_size(path, failure);
  if (failure || size > kLargestFile) {
    error = {shown + " is too large for a guest (limit " + std::to_string(kLargestFile >> 20U) + " MiB)", "", true};
    return false;
  }
  std::ifstream file(path, std::ios::binary);
  contents.resize(size);
  file.read(contents.data(), static_cast<std::streamsize>(size));
  if (!file || static_cast<std::uintmax_t>(file.gcount()) != size) {
    error = {shown + " could not be read", "", true};
    return false;
  }
  return true;
}

std::string guest_name(const fs::path& program) {
  const std::string name = program.filename().string();
  const bool plain = !name.empty() && name.size() <= 100 && name.front() != '.' && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.' || c == '+';
  });
  return std::string(kProgramDirectory) + (plain ? name : "scheduler");
}

/// Every library goes where the loader found the C library: that directory is built into the loader, and the guest has
/// neither its cache nor the program's own directories. The loader itself goes where the program says.
std::string guest_library_directory(const std::vector<LibraryFile>& libraries) {
  const auto libc = std::find_if(libraries.begin(), libraries.end(), [](const LibraryFile& file) { return file.name == "libc.so.6"; });
  return libc == libraries.end() ? "/usr/lib/x86_64-linux-gnu" : libc->path.parent_path().string();
}

bool add_libraries(const fs::path& program, const std::string& interpreter, GuestFiles& files, MachineError& error) {
  if (!interpreter.starts_with('/') || interpreter.find("..") != std::string::npos) {
    error = {"the scheduler " + printable(program.string(), 200) + " names a strange loader", "link the scheduler statically", true};
    return false;
  }
  std::vector<LibraryFile> libraries;
  if (!list_libraries(interpreter, program, libraries, error)) return false;
  const std::string directory = guest_library_directory(libraries);
  std::uintmax_t total = files.files.front().contents.size();
  const std::string loader_name = fs::path(interpreter).filename().string();
  files.files.push_back({interpreter, 0755, {}});
  if (!read_whole(interpreter, files.files.back().contents, error)) return false;
  for (const LibraryFile& library : libraries) {
    if (library.name == loader_name || library.path == fs::path(interpreter)) continue;
    Blob blob{directory + '/' + library.name, 0755, {}};
    if (!read_whole(library.path, blob.contents, error)) return false;
    total += blob.contents.size();
    if (total > kLargestTotal) {
      error = {"the scheduler " + printable(program.string(), 200) + " and its libraries are too large for a guest", "", true};
      return false;
    }
    files.files.push_back(std::move(blob));
  }
  return true;
}

}  // namespace

std::string program_sha256(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest, &length, EVP_sha256(), nullptr) != 1) return {};
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < length; ++i) {
    text += kHex[digest[i] >> 4U];
    text += kHex[digest[i] & 15U];
  }
  return text;
}

bool resolve_program(const fs::path& project_dir, const fs::path& binary, fs::path& resolved, MachineError& error) {
  const std::string shown = printable(binary.string(), 300);
  std::error_code failure;
  const fs::path full = binary.is_absolute() ? binary : project_dir / binary;
  resolved = fs::canonical(full, failure);
  if (failure) {
    error = {"the scheduler " + shown + " does not exist" + (binary.is_absolute() ? "" : " in " + printable(project_dir.string(), 200)),
             "run the project's build first (\"build\" in ktstr.json)", true};
    return false;
  }
  if (!binary.is_absolute()) {
    const fs::path root = fs::canonical(project_dir, failure);
    const fs::path relative = failure ? fs::path("..") : resolved.lexically_relative(root);
    if (relative.empty() || *relative.begin() == "..") {
      error = {"the scheduler " + shown + " lies outside the project", "give an absolute path if that is meant", true};
      return false;
    }
  }
  return true;
}

bool collect_guest_files(const fs::path& project_dir, const fs::path& binary, GuestFiles& files, MachineError& error) {
  fs::path program;
  if (!resolve_program(project_dir, binary, program, error)) return false;
  files = {};
  files.from_project = !binary.is_absolute();
  files.program = guest_name(program);
  files.files.push_back({files.program, 0755, {}});
  std::string& contents = files.files.front().contents;
  if (!read_whole(program, contents, error)) return false;
  const ElfSummary elf = inspect_elf(contents);
  if (!elf.is_x86_64_program) {
    error = {"the scheduler " + printable(binary.string(), 300) + " is not an x86-64 ELF program", "point \"binary\" at the built program", true};
    return false;
  }
  files.sha256 = program_sha256(contents);
  files.build_id = elf.build_id;
  return elf.interpreter.empty() || add_libraries(program, elf.interpreter, files, error);
}

}  // namespace ktstr::kvm
