// SPDX-License-Identifier: Apache-2.0
//
// Test manifests: JSON files, each with one test or {"tests": [...]}. What is wrong in them is thrown as
// a Mistake with file and place.
#pragma once
#include <boost/json/object.hpp>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/test_spec.hpp"

namespace ktstr::kvm {

/// The tests of one manifest's text, in its order. `shown` names the manifest in errors; `schedulers` are the
/// project's, by name, as the "schedulers" of a manifest.
std::vector<TestSpec> parse_manifest(std::string_view text, const std::string& shown,
                                     const std::filesystem::path& path,
                                     const boost::json::object& schedulers = {});

/// The tests of all manifests, sorted by name. Tests of one name differ in scheduler or topology, anything
/// else is a mistake.
std::vector<TestSpec> load_manifests(const std::vector<std::filesystem::path>& manifests,
                                     const std::filesystem::path& project_dir,
                                     const boost::json::object& schedulers = {});

}  // namespace ktstr::kvm
