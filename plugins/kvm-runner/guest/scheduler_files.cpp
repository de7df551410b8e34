// SPDX-License-Identifier: Apache-2.0
#include "guest/scheduler_files.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/read_file.hpp>
#include <ktstr/kit/text.hpp>
#include <optional>

#include "guest/guest_pack.hpp"

namespace ktstr::kvm {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestFile = 64U << 20U;

bool inside(const fs::path& root, const fs::path& path) {
  const fs::path relative = path.lexically_relative(root);
  return !relative.empty() && *relative.begin() != "..";
}

/// The file of the project that an argument names, if it does: all of it, or what follows its first '=' or
/// ':' ("--config=layers.json", "f:layers.json").
std::optional<SchedulerFile> file_of_argument(const fs::path& project, const std::string& argument) {
  for (const std::size_t at : {std::size_t{0}, argument.find('=') + 1, argument.find(':') + 1}) {
    const fs::path named = fs::path(argument.substr(at)).lexically_normal();
    if (named.empty() || named.is_absolute() || *named.begin() == ".." || named.filename().empty()) continue;
    std::error_code failure;
    const fs::path real = fs::canonical(project / named, failure);
    if (failure || !inside(project, real) || !fs::is_regular_file(real, failure)) continue;
    if (fs::file_size(real, failure) > kLargestFile || failure) continue;
    return SchedulerFile{named, std::string(ProgramSpec::kDirectory) + named.string()};
  }
  return std::nullopt;
}

}  // namespace

std::vector<SchedulerFile> wanted_files(const fs::path& project_dir, const ProgramSpec& program) {
  std::vector<SchedulerFile> wanted = program.files;
  std::error_code failure;
  const fs::path project = fs::canonical(project_dir, failure);
  if (failure) return wanted;
  for (const std::string& argument : program.args) {
    auto file = file_of_argument(project, argument);
    const auto listed = [&](const SchedulerFile& other) { return other.to == file->to; };
    if (file && std::none_of(wanted.begin(), wanted.end(), listed)) wanted.push_back(std::move(*file));
  }
  return wanted;
}

namespace {

/// Adds the files of a program to the pack, and what tells them apart to `identity`.
bool add_files_of(const fs::path& project_dir, const ProgramSpec& program, const std::string& owner,
                  GuestPack& pack, std::string& identity, MachineError& error) {
  const std::vector<SchedulerFile> all = wanted_files(project_dir, program);
  for (const SchedulerFile& wanted : all) {
    const std::string what = "the file " + printable_start(wanted.from.string(), 300) + " of the " + owner +
                             " \"" + program.name + '"';
    std::error_code failure;
    const fs::path project = fs::canonical(project_dir, failure),
                   path = failure ? fs::path() : fs::canonical(project_dir / wanted.from, failure);
    if (failure) {
      error = {what + " does not exist in " + printable_start(project_dir.string(), 200),
               "\"files\" in the manifest are relative to the project", true};
      return false;
    }
    const bool is_file = fs::is_regular_file(path, failure);
    if (!inside(project, path) || !is_file) {
      error = {what + (is_file ? " lies outside the project" : " is not a file"),
               "\"files\" in the manifest are files of the project", true};
      return false;
    }
    const bool executable =
        (fs::status(path, failure).permissions() & fs::perms::owner_exec) != fs::perms::none;
    const std::size_t place = pack.files().size();
    if (!pack.add(path, wanted.to, false, what, error, executable ? 0755 : 0644)) return false;
    KTSTR_ASSERT(place == pack.files().size() || pack.files()[place].path == wanted.to);  // itself first
    if (place < pack.files().size())
      identity += '\n' + wanted.to + ' ' + kit::sha256_of(pack.files()[place].contents);
  }
  return true;
}

/// A bare name that the project has no file of is one of the system's programs.
fs::path program_of_system(const fs::path& project_dir, const fs::path& binary, const FileRoot& root) {
  std::error_code failure;
  if (binary.has_parent_path() || fs::exists(project_dir / binary, failure)) return binary;
  for (const char* directory :
       {"/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"}) {
    const fs::path path = fs::path(directory) / binary;
    std::string contents, why;
    if (root.read(path.string(), contents, why)) return path;
  }
  return binary;
}

struct WantedProgram {
  const ProgramSpec& spec;
  fs::path binary;
  std::string place;  ///< in the guest
  const char* kind;   ///< "payload"
};

/// A program that lies in a place of its own; what tells it apart goes to `identity`.
bool add_program_with_files(const fs::path& project_dir, const WantedProgram& wanted, const FileRoot& root,
                            GuestFiles& files, std::string& identity, MachineError& error) {
  fs::path program;
  const std::string what = "the " + std::string(wanted.kind) + " \"" + wanted.spec.name + "\":";
  if (!resolve_program(project_dir, wanted.binary, what, program, error)) return false;
  const std::size_t place = files.files.size();
  GuestPack pack(root, std::move(files.files));
  if (!pack.add(program, wanted.place, true, what + " " + printable_start(wanted.spec.binary.string(), 300),
                error))
    return false;
  if (place < pack.files().size())
    identity += '\n' + wanted.place + ' ' + kit::sha256_of(pack.files()[place].contents);
  if (!add_files_of(project_dir, wanted.spec, wanted.kind, pack, identity, error)) return false;
  files.files = pack.take();
  return true;
}

}  // namespace

bool add_scheduler_files(const fs::path& project_dir, const SchedulerSpec& scheduler, const FileRoot& root,
                         GuestFiles& files, MachineError& error) {
  const std::size_t before = files.files.size();
  GuestPack pack(root, std::move(files.files));
  std::string identity = files.sha256;
  if (!add_files_of(project_dir, scheduler, "scheduler", pack, identity, error)) return false;
  files.files = pack.take();
  // A wrapper is another scheduler when what it starts is another.
  if (files.files.size() > before) files.sha256 = kit::sha256_of(identity);
  return true;
}

bool add_other_scheduler(const fs::path& project_dir, const SchedulerSpec& scheduler, const FileRoot& root,
                         GuestFiles& files, MachineError& error) {
  std::string identity = files.sha256;
  if (!add_program_with_files(project_dir,
                              {scheduler, scheduler.binary, scheduler.guest_program(), "scheduler"}, root,
                              files, identity, error))
    return false;
  files.sha256 = kit::sha256_of(identity);  // what is compared are all of them together
  return true;
}

bool add_payload_files(const fs::path& project_dir, const PayloadSpec& payload, const FileRoot& root,
                       GuestFiles& files, MachineError& error) {
  std::string unused;
  return add_program_with_files(
      project_dir,
      {payload, program_of_system(project_dir, payload.binary, root), payload.guest_program(), "payload"},
      root, files, unused, error);
}

void add_kernel_configuration(const fs::path& image, const std::string& release, std::vector<Blob>& files) {
  constexpr const char* kPlace = "/boot/config";
  if (std::any_of(files.begin(), files.end(), [](const Blob& file) { return file.path == kPlace; }))
    return;  // the manifest has put one there
  const fs::path places[] = {image.parent_path() / ("config-" + release), image.parent_path() / "config"};
  for (const fs::path& place : places) {
    auto text = kit::read_file(place, kLargestFile);
    if (!text || text->find("CONFIG_") == std::string::npos) continue;
    files.push_back({kPlace, 0644, *std::move(text)});
    return;
  }
}

}  // namespace ktstr::kvm
