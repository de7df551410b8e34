// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>

#include "manifest/test_spec.hpp"

namespace ktstr::kvm {

/// What a test is made of, as ktstr_test_entry has it: its manifest, and programs and files of its schedulers
/// and payloads.
std::string inputs_json(const TestSpec& test, const std::filesystem::path& project_dir);

}  // namespace ktstr::kvm
