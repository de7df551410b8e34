// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr::kvm {

struct KernelChoice {
  std::filesystem::path image;
  std::filesystem::path config;  ///< the .config that it was built with; empty when it is not known
  std::string version, release;
};

/// What the host asks for; see ktstr/abi/runner.h. Unknown keys are ignored, as that header says.
struct RunnerRequest {
  std::filesystem::path project_dir, cache_dir;
  std::vector<std::filesystem::path> manifests;
  std::vector<std::string> tests;
  std::optional<KernelChoice> kernel;
  bool performance_only = false, deterministic = false, cold = false, trace = false, cost = false;
  std::uint64_t seed = 0;
  std::uint64_t jobs = 0;
};

/// Throws ktstr::sdk::Error(KTSTR_INVALID_ARGUMENT) when the host got something wrong.
RunnerRequest parse_request(std::string_view text);

}  // namespace ktstr::kvm
