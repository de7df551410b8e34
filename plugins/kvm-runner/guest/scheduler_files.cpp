// SPDX-License-Identifier: Apache-2.0
#include "guest/scheduler_files.hpp"

#include <fstream>

#include "report/text.hpp"

namespace ktstr::kvm {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestFile = 64U << 20U;

/// Empty when fine, else what is wrong with the file.
std::string read_file(const fs::path& path, std::string& contents) {
  std::error_code failure;
  if (!fs::is_regular_file(path, failure)) return "is not a file";
  const std::uintmax_t size = fs::file_size(path, failure);
  if (failure || size > kLargestFile) return "is larger than " + std::to_string(kLargestFile >> 20U) + " MiB";
  std::ifstream file(path, std::ios::binary);
  contents.resize(size);
  file.read(contents.data(), static_cast<std::streamsize>(size));
  return file && static_cast<std::uintmax_t>(file.gcount()) == size ? "" : "cannot be read";
}

bool inside(const fs::path& root, const fs::path& path) {
  const fs::path relative = path.lexically_relative(root);
  return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

bool add_scheduler_files(const fs::path& project_dir, const SchedulerSpec& scheduler, std::vector<Blob>& files, MachineError& error) {
  for (const SchedulerFile& wanted : scheduler.files) {
    const std::string shown = "the file " + printable(wanted.from.string(), 300) + " of the scheduler \"" + scheduler.name + "\" ";
    std::error_code failure;
    const fs::path root = fs::canonical(project_dir, failure), path = failure ? fs::path() : fs::canonical(project_dir / wanted.from, failure);
    if (failure) {
      error = {shown + "does not exist in " + printable(project_dir.string(), 200), "\"files\" in the manifest are relative to the project", true};
      return false;
    }
    Blob blob{wanted.to, 0644, {}};
    const std::string problem = inside(root, path) ? read_file(path, blob.contents) : "lies outside the project";
    if (!problem.empty()) {
      error = {shown + problem, "\"files\" in the manifest are files of the project", true};
      return false;
    }
    const bool executable = (fs::status(path, failure).permissions() & fs::perms::owner_exec) != fs::perms::none;
    if (executable) blob.mode = 0755;
    files.push_back(std::move(blob));
  }
  return true;
}

void add_kernel_configuration(const fs::path& image, const std::string& release, std::vector<Blob>& files) {
  const fs::path places[] = {image.parent_path() / ("config-" + release), image.parent_path() / "config"};
  for (const fs::path& place : places) {
    Blob blob{"/boot/config", 0644, {}};
    if (!read_file(place, blob.contents).empty() || blob.contents.find("CONFIG_") == std::string::npos) continue;
    files.push_back(std::move(blob));
    return;
  }
}

}  // namespace ktstr::kvm
