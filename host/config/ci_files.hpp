// SPDX-License-Identifier: Apache-2.0
//
// The files by which CI systems run a first project: what `ktstr init --ci` writes and docs/ci.md shows.
#pragma once
#include <string>
#include <vector>

namespace ktstr {

struct CiFile {
  std::string system;  ///< as --ci says it
  std::string name;    ///< where it belongs in a project
  std::string text;
};

const std::vector<CiFile>& ci_files();

}  // namespace ktstr
