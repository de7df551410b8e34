// SPDX-License-Identifier: Apache-2.0
#include "guest/guest_pack.hpp"

#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "guest/library_search.hpp"

namespace ktstr::kvm {
namespace {

constexpr std::uint64_t kLargestTotal = 512ULL << 20U;
constexpr std::size_t kScriptLine = 256;  // the kernel reads no more
constexpr unsigned kDeepest = 5;          // interpreters of interpreters; the kernel's own limit
constexpr const char* kSearchPath[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                                       "/usr/bin",        "/sbin",          "/bin"};  // the guest's PATH

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

std::string parent_of(const std::string& path) {
  return path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
}

/// True for an absolute path without "." and ".." that the agent will make.
bool is_plain_path(const std::string& path) {
  return path.size() > 1 && path.size() < 4000 && path.front() == '/' && path.back() != '/' &&
         path.find('\0') == std::string::npos &&
         std::filesystem::path(path).lexically_normal().string() == path;
}

}  // namespace

bool read_script_line(std::string_view contents, ScriptLine& line) {
  if (!contents.starts_with("#!")) return false;
  contents = contents.substr(2, kScriptLine - 2);
  const std::string_view text = trimmed(contents.substr(0, contents.find('\n')));
  const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  line.interpreter = std::string(text.substr(0, end));
  line.argument = std::string(trimmed(text.substr(end)));
  return line.interpreter.starts_with('/');
}

std::string program_of_env(std::string_view argument) {
  if (argument.starts_with("--split-string=")) argument.remove_prefix(15);
  if (argument.starts_with("-S")) argument.remove_prefix(2);
  while (!argument.empty()) {
    argument = trimmed(argument);
    const std::string_view word = argument.substr(0, argument.find_first_of(" \t"));
    argument.remove_prefix(word.size());
    if (!word.empty() && word.front() != '-' && word.find('=') == std::string_view::npos)
      return std::string(word);
  }
  return {};
}

GuestPack::GuestPack(FileRoot root, std::vector<Blob> files)
    : root_(std::move(root)), files_(std::move(files)) {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    by_path_.emplace(files_[i].path, i);
    total_ += files_[i].contents.size();
  }
}

bool GuestPack::add_file(std::string guest_path, std::string contents, const std::string& what,
                         MachineError& error, std::uint32_t mode) {
  if (!is_plain_path(guest_path)) {
    error = {what + " wants a file at " + printable_start(guest_path, 200) +
                 " in the guest, which is no plain absolute path",
             "", true};
    return false;
  }
  if (const auto [known, is_new] = by_path_.try_emplace(guest_path, files_.size()); !is_new) {
    if (files_[known->second].contents == contents) return true;
    error = {what + " needs another " + printable_start(guest_path, 200) + " than a file before it",
             "link one of them statically", true};
    return false;
  }
  total_ += contents.size();
  if (total_ > kLargestTotal) {
    error = {what + " and what it needs are too large for a guest (limit " +
                 std::to_string(kLargestTotal >> 20U) + " MiB)",
             "strip the programs, or link them statically", true};
    return false;
  }
  files_.push_back({std::move(guest_path), mode, std::move(contents)});
  KTSTR_ASSERT(by_path_.size() == files_.size());
  return true;
}

bool GuestPack::add_libraries(const ElfSummary& elf, std::size_t file, const std::string& directory,
                              const std::string& shown, const std::string& what, MachineError& error) {
  KTSTR_ASSERT(file < files_.size());
  std::vector<LibraryFile> libraries;
  std::string problem;
  if (!find_libraries({shown, directory, files_[file].path, elf}, root_, libraries, problem)) {
    error = {what + " cannot start in a guest: " + problem,
             "install the library, add its directory to the RUNPATH, or link statically", true};
    return false;
  }
  if (!elf.interpreter.empty()) {
    std::string loader, why;
    if (!root_.read(elf.interpreter, loader, why)) {
      error = {what + " cannot start in a guest: " + shown + " names the loader " +
                   root_.shown(elf.interpreter) + ", which " + why,
               "link the scheduler statically, or install what it was linked against", true};
      return false;
    }
    if (!inspect_elf(loader).is_x86_64_program) {
      error = {what + " cannot start in a guest: the loader " + root_.shown(elf.interpreter) + " of " +
                   shown + " is no x86-64 program",
               "", true};
      return false;
    }
    if (!add_file(elf.interpreter, std::move(loader), what, error)) return false;
  }
  for (LibraryFile& library : libraries) {
    if (!add_file(std::move(library.guest_path), std::move(library.contents), what, error)) return false;
  }
  return true;
}

bool GuestPack::add_from_root(const std::string& path, const std::string& wanted_by, unsigned depth,
                              const std::string& what, MachineError& error) {
  if (by_path_.contains(path)) return true;
  std::string contents, why;
  if (!root_.read(path, contents, why)) {
    error = {
        what + " cannot start in a guest: " + wanted_by + " wants " + root_.shown(path) + ", which " + why,
        "", true};
    return false;
  }
  const std::size_t file = files_.size();
  return add_file(path, std::move(contents), what, error) &&
         add_needs(file, parent_of(path), root_.shown(path), true, depth, what, error);
}

bool GuestPack::add_interpreter(std::size_t file, const std::string& shown, bool must_run, unsigned depth,
                                const std::string& what, MachineError& error) {
  ScriptLine line;
  if (!read_script_line(files_[file].contents, line)) {
    if (!must_run) return true;  // a text that happens to begin like a script
    error = {what + " cannot start in a guest: the first line of " + shown +
                 " names no interpreter by its absolute path",
             "write #!/bin/sh, for instance", true};
    return false;
  }
  if (depth >= kDeepest) {
    error = {what + " cannot start in a guest: its interpreters go round in a circle", "", true};
    return false;
  }
  if (!add_from_root(line.interpreter, shown, depth + 1, what, error)) return false;
  if (parent_of(line.interpreter) + "/env" != line.interpreter) return true;
  const std::string program = program_of_env(line.argument);
  if (program.empty()) return true;
  if (program.front() == '/') return add_from_root(program, shown, depth + 1, what, error);
  for (const char* directory : kSearchPath) {
    const std::string path = std::string(directory) + '/' + program;
    std::string contents, why;
    if (root_.read(path, contents, why)) return add_from_root(path, shown, depth + 1, what, error);
  }
  error = {what + " cannot start in a guest: " + shown + " wants " + printable_start(program, 100) +
               ", which is in none of the guest's directories",
           "install it in /usr/bin, or name the interpreter by its path", true};
  return false;
}

bool GuestPack::add_needs(std::size_t file, const std::string& directory, const std::string& shown,
                          bool must_run, unsigned depth, const std::string& what, MachineError& error) {
  KTSTR_ASSERT(file < files_.size() && depth <= kDeepest);
  if (files_[file].contents.starts_with("#!"))
    return add_interpreter(file, shown, must_run, depth, what, error);
  const ElfSummary elf = inspect_elf(files_[file].contents);
  if (elf.is_x86_64_program) return add_libraries(elf, file, directory, shown, what, error);
  if (!must_run) return true;
  error = {
      what + " is neither an x86-64 ELF program nor a script" + (elf.damage.empty() ? "" : ": " + elf.damage),
      "point \"binary\" at the built program; a script begins with #!/bin/sh or the like", true};
  return false;
}

bool GuestPack::add(const std::filesystem::path& host, const std::string& guest_path, bool must_run,
                    const std::string& what, MachineError& error, std::uint32_t mode) {
  std::string contents, why;
  const std::string shown = printable_start(host.string(), 300);
  if (!read_guest_file(host, contents, why)) {
    error = {what + ": " + shown + ' ' + why, "", true};
    return false;
  }
  const std::size_t file = files_.size();
  if (!add_file(guest_path, std::move(contents), what, error, mode)) return false;
  return files_.size() == file ||
         add_needs(file, host.parent_path().string(), shown, must_run, 0, what, error);
}

}  // namespace ktstr::kvm
