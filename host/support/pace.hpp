// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <string>

namespace ktstr {

/// "40 s", "3 min", "1 h 20 min": for expectations, so no finer than one trusts them.
std::string rough_duration(std::chrono::milliseconds time);

/// How long a session will take: by what its tests plan at first, by how the plan turned out once there is
/// something to go by.
class Pace {
 public:
  /// `learned`: how many times the plan such sessions took before.
  explicit Pace(std::chrono::milliseconds planned, double learned = 1)
      : planned_(planned), learned_(learned) {}
  void done(std::chrono::milliseconds planned, std::chrono::milliseconds took);
  std::chrono::milliseconds left() const;

 private:
  std::chrono::milliseconds planned_, planned_done_{0}, took_{0};
  double learned_;
};

}  // namespace ktstr
