// SPDX-License-Identifier: Apache-2.0
#include "guest/guest_files.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/text.hpp>

#include "guest/elf.hpp"
#include "guest/guest_pack.hpp"

namespace ktstr::kvm {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kProgramDirectory = "/opt/ktstr/bin/";

std::string guest_name(const fs::path& program) {
  const std::string name = program.filename().string();
  const bool plain = !name.empty() && name.size() <= 100 && name.front() != '.' &&
                     std::all_of(name.begin(), name.end(), [](unsigned char c) {
                       return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.' || c == '+';
                     });
  return std::string(kProgramDirectory) + (plain ? name : "scheduler");
}

}  // namespace

bool resolve_program(const fs::path& project_dir, const fs::path& binary, const std::string& what,
                     fs::path& resolved, MachineError& error) {
  const std::string shown = printable_start(binary.string(), 300);
  std::error_code failure;
  const fs::path full = binary.is_absolute() ? binary : project_dir / binary;
  resolved = fs::canonical(full, failure);
  if (failure) {
    error = {what + " " + shown + " does not exist" +
                 (binary.is_absolute() ? "" : " in " + printable_start(project_dir.string(), 200)),
             "run the project's build first (\"build\" in ktstr.json)", true};
    return false;
  }
  if (!binary.is_absolute()) {
    const fs::path root = fs::canonical(project_dir, failure);
    const fs::path relative = failure ? fs::path("..") : resolved.lexically_relative(root);
    if (relative.empty() || *relative.begin() == "..") {
      error = {what + " " + shown + " lies outside the project", "give an absolute path if that is meant",
               true};
      return false;
    }
  }
  return true;
}

bool collect_guest_files(const fs::path& project_dir, const fs::path& binary, const FileRoot& root,
                         GuestFiles& files, MachineError& error) {
  fs::path program;
  if (!resolve_program(project_dir, binary, "the scheduler", program, error)) return false;
  files = {};
  files.from_project = !binary.is_absolute();
  files.program = guest_name(program);
  GuestPack pack(root);
  if (!pack.add(program, files.program, true, "the scheduler " + printable_start(binary.string(), 300),
                error))
    return false;
  files.files = pack.take();
  KTSTR_ASSERT(!files.files.empty() && files.files.front().path == files.program);
  files.sha256 = kit::sha256_of(files.files.front().contents);
  files.build_id = inspect_elf(files.files.front().contents).build_id;
  return true;
}

}  // namespace ktstr::kvm
