// SPDX-License-Identifier: Apache-2.0
//
// The files of a first project.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "support/result.hpp"

namespace ktstr {

struct FirstProject {
  std::filesystem::path directory;  ///< made when it is missing
  std::filesystem::path schemas;    ///< where the JSON schemas are installed
  std::string ci = "github";        ///< of ci_files(), or "none"
};

/// What became of each file, relative to the directory.
struct FirstFiles {
  std::vector<std::string> written;
  std::vector<std::string> left;  ///< that were there already
};

/// Writes ktstr.json, one test, a line of .gitignore and a CI file. Nothing that is there is changed, but for
/// the line that .gitignore gets; a directory that has a ktstr.json is refused.
Result<FirstFiles> write_first_project(const FirstProject& wanted);

}  // namespace ktstr
