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

/// A shell, see ktstr/abi/runner.h.
struct ShellWish {
  std::string test, topology;          ///< empty: not said
  std::optional<std::string> command;  ///< nothing: a shell on the terminal
  bool gdb = false, dry_run = false;
  bool as_test = false;  ///< the machine that the test itself gets
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
  ShellWish shell;                      ///< for `shell`
  std::vector<std::string> schedulers;  ///< for `verify`
};

/// Throws ktstr::sdk::Error(KTSTR_INVALID_ARGUMENT) when the host got something wrong.
RunnerRequest parse_request(std::string_view text);

}  // namespace ktstr::kvm
