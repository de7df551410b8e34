// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "support/json.hpp"
#include "support/result.hpp"

namespace ktstr {

inline constexpr std::string_view kManifestSuffix = ".ktstr-plugin.json";

struct ManifestRow {
  std::string interface_id, name, summary;
  unsigned min_minor = 0;  ///< minor of the ABI that the host must have at least
  json::array
      metrics;  ///< of a runner: what its sidecars hold beyond the built-in metrics, as in the configuration
  json::object explore;  ///< of a runner: what of its tests may vary (docs/explore.md); empty: nothing
};

/// What a plugin's manifest says; nothing in it has been checked against the library yet.
struct Manifest {
  std::filesystem::path file;
  std::string id, version, library, vendor, license, arch;
  unsigned abi_major = 0;
  std::vector<ManifestRow> provides;
  std::filesystem::path library_path() const { return file.parent_path() / library; }
};

/// Parses a manifest; keys that this host does not know are left alone. `library` must be a bare file name:
/// it lies in the manifest's directory, nowhere else.
Result<Manifest> parse_manifest(std::string_view text, const std::filesystem::path& file);

}  // namespace ktstr
