// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

namespace ktstr {

/// How long things took on this machine before, for people who wait for them again. In one small file of the
/// cache; whatever is wrong with it, nothing is known.
class KnownTimes {
 public:
  explicit KnownTimes(const std::filesystem::path& cache_dir) : file_(cache_dir / "waits.json") {}
  std::optional<std::chrono::milliseconds> of(const std::string& name) const;
  /// What it took this time counts as much as all that was known.
  void learn(const std::string& name, std::chrono::milliseconds took) const;

 private:
  std::filesystem::path file_;
};

}  // namespace ktstr
