// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <ktstr/kit/json.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr::slurm {

/// What the host asks for (ktstr/abi/runner.h), as far as this runner looks into it; the runner on the nodes
/// gets all of it.
struct FarmRequest {
  std::filesystem::path project_dir;
  std::size_t manifests = 0;
  std::vector<std::string> tests;                         ///< empty: all
  std::uint64_t jobs = 0;                                 ///< side by side; 0: as the cluster allows
  std::map<std::string, std::string, std::less<>> nodes;  ///< by test: where the other side of its pair ran
  json::object whole;
};

/// Throws a Mistake.
FarmRequest parse_request(std::string_view text);

/// What a task gets: `tests`, one at a time, and nothing of what is this runner's own.
json::object request_for_tasks(const FarmRequest& request, const std::vector<std::string>& tests);

}  // namespace ktstr::slurm
