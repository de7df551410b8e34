// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "plugin/manifest.hpp"
#include "plugin/secrets.hpp"

namespace ktstr {

/// Which cases by chance one process runs (check/fuzz.hpp).
struct FuzzPart {
  std::uint64_t seed = 0, first = 0, count = 0;
};

/// What is checked, and what it is given to work with.
struct CheckSubject {
  Manifest manifest;
  std::filesystem::path directory;  ///< where it lies
  bool installed = false;           ///< comes with ktstr: its id may begin with org.ktstr.
  std::vector<std::string> trusted_sha256;
  VariableLookup variable;
  std::string options = "{}";          ///< of every implementation that is checked
  std::string project;                 ///< absolute; a tree that baselines understand
  std::vector<std::string> manifests;  ///< absolute; tests that runners understand
  FuzzPart fuzz{};
};

}  // namespace ktstr
