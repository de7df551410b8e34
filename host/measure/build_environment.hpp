// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "support/environment.hpp"

namespace ktstr {

/// What the environment of one side's build is different in.
struct SideVariables {
  std::vector<std::pair<std::string, std::string>> set;
  std::vector<std::string> unset;
  std::vector<std::string>
      leaks;  ///< "NAME=value" of the user's variables that would have led out of the checkout
};

/// Variables that would put the results of both sides into one directory are turned into the checkout
/// (cargo's target directory) or left out. A fixed SOURCE_DATE_EPOCH keeps the time of the build out of
/// programs, unless the user gives one. `checkout`: the side's whole tree, in which the project's directory
/// lies.
SideVariables side_variables(const Environment& environment, const std::filesystem::path& checkout,
                             const std::filesystem::path& project_dir);

/// Whether `path`, with links resolved where it exists, lies in `directory`.
bool lies_in(const std::filesystem::path& path, const std::filesystem::path& directory);

}  // namespace ktstr
