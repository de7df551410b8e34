// SPDX-License-Identifier: Apache-2.0
//
// Where runs lie when nobody says where: in the project, which may have brought a link there.
#pragma once
#include <atomic>
#include <filesystem>

#include "config/config.hpp"
#include "support/environment.hpp"
#include "support/result.hpp"

namespace ktstr {

/// target/ktstr of the project, or of CARGO_TARGET_DIR.
std::filesystem::path runs_root(const Config& config, const Environment& environment);

/// Refuses links on the way to `root` that lead out of the project, but for those that git does not track:
/// somebody who builds on another disk made them himself.
Status check_runs_root(const std::filesystem::path& project_dir, const std::filesystem::path& root,
                       const std::atomic<bool>& cancel);

}  // namespace ktstr
