// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace builds {

struct Build {
  std::string id, summary;
};

/// The builds that a project's list names, oldest first; the last one is what the tree is at.
class List {
 public:
  /// `file`: the list, one build a line: its id, blanks, what changed. Lines that begin with # are comments.
  /// Throws ktstr::sdk::Error on an id that could not be a directory's name or stands twice.
  List(std::filesystem::path file, std::filesystem::path versions);

  const std::vector<Build>& all() const { return builds_; }
  /// Where `name` stands: an id, or "ID~N" for N builds before it. Throws KTSTR_NOT_FOUND.
  std::size_t find(std::string_view name) const;
  std::filesystem::path directory(const Build& build) const { return versions_ / build.id; }

 private:
  std::filesystem::path versions_;
  std::vector<Build> builds_;
};

/// Another value whenever a file below `kept` differs from its namesake in `tree`; empty: none does.
std::string difference(const std::filesystem::path& kept, const std::filesystem::path& tree);

/// Copies what lies in `from` into the existing directory `to`.
void copy_tree(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace builds
