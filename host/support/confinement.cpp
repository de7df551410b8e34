// SPDX-License-Identifier: Apache-2.0
#include "support/confinement.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>

namespace ktstr {
namespace fs = std::filesystem;

bool is_written_in(const fs::path& path, const fs::path& root) {
  const fs::path below = path.lexically_relative(root);
  return !below.empty() && *below.begin() != "..";
}

Result<fs::path> path_in_project(const fs::path& project_dir, const std::string& text,
                                 const std::string& where) {
  const auto refused = [&](const std::string& why) {
    return usage_error(
        where + ": \"" + printable(text) + "\" " + why,
        "a project may only name places inside of itself; others belong into the user's configuration "
        "(~/.config/ktstr/config.json) or a flag");
  };
  if (text.empty() || text.find('\0') != std::string::npos) return refused("is no path");
  std::error_code failed, broken;
  const fs::path root = fs::canonical(project_dir, failed);
  const fs::path place = fs::weakly_canonical(root / text, broken);  // an absolute `text` stands for itself
  if (failed || broken) return refused("cannot be looked at: " + (failed ? failed : broken).message());
  if (!is_written_in(place, root)) return refused("lies outside of the project");
  // What does not exist yet is taken as it is written; a link that leads nowhere would be followed when the
  // file is made.
  if (fs::is_symlink(fs::symlink_status(place, failed))) return refused("is a link that leads nowhere");
  const fs::path below = place.lexically_relative(root);
  if (std::find(below.begin(), below.end(), ".git") != below.end())
    return refused("lies among a repository's own files");
  return place;
}

}  // namespace ktstr
