// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace ktstr::git {

/// Names what the tracked files of a tree with changes hold: HEAD, and each of the files that differ from it
/// with the content that lies there now. Empty when that cannot be told.
std::string tree_state(const std::filesystem::path& top, const std::string& head,
                       const std::vector<std::string>& changed);

}  // namespace ktstr::git
