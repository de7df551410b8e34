// SPDX-License-Identifier: Apache-2.0
#include "submodules.hpp"

#include <algorithm>

#include "handles.hpp"

namespace ktstr::git {
namespace fs = std::filesystem;

std::map<std::string, std::string> submodule_names(const fs::path& checkout) {
  std::map<std::string, std::string> names;
  std::error_code error;
  const fs::path file = checkout / ".gitmodules";
  if (!fs::is_regular_file(fs::symlink_status(file, error))) return names;
  git_config* opened = nullptr;
  if (git_config_open_ondisk(&opened, file.c_str()) < 0) return names;
  const Config config(opened);
  const auto add = [](const git_config_entry* entry, void* into) {
    constexpr std::string_view kBefore = "submodule.", kAfter = ".path";
    const std::string_view key = entry->name;
    if (key.size() > kBefore.size() + kAfter.size() && entry->value != nullptr) {
      const std::string_view name = key.substr(kBefore.size(), key.size() - kBefore.size() - kAfter.size());
      static_cast<std::map<std::string, std::string>*>(into)->emplace(entry->value, name);
    }
    return 0;
  };
  git_config_foreach_match(opened, "^submodule\\..*\\.path$", add, &names);
  return names;
}

std::vector<fs::path> submodule_places(const std::vector<fs::path>& git_directories, const fs::path& worktree,
                                       const std::string& name, const std::string& path) {
  std::vector<fs::path> places;
  const fs::path relative(name);
  // A name comes from the commit and must not lead elsewhere.
  const bool safe =
      !name.empty() && relative.is_relative() &&
      std::none_of(relative.begin(), relative.end(), [](const fs::path& part) { return part == ".."; });
  if (safe) {
    for (const fs::path& directory : git_directories) places.push_back(directory / "modules" / relative);
  }
  if (!worktree.empty())
    places.push_back(worktree / path / ".git");  // cloned there before git kept them all in one place
  return places;
}

}  // namespace ktstr::git
