// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <filesystem>
#include <string>

#include "support/known_times.hpp"
#include "support/progress.hpp"

namespace ktstr {

/// One thing that takes long, while the object lives: a line that says what is waited for and, where it was
/// done before, for how long still. -v tells afterwards how long it took.
class Wait {
 public:
  /// `shown`: people look at a terminal of this `width`. `name` tells the thing from others of its kind, ""
  /// when it takes another time every time.
  Wait(bool shown, unsigned width, const std::filesystem::path& cache_dir, const std::string& what,
       const std::string& name);
  /// It came to its end, so that its time is worth knowing.
  void done() const;

 private:
  KnownTimes times_;
  std::string name_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  Progress progress_;
};

}  // namespace ktstr
