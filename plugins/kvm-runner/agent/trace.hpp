// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>

namespace ktstr::agent {

/// The kernel's own trace of context switches and wake-ups, in its ring buffer, which keeps the newest.
class Trace {
 public:
  /// Nothing happens unless it is wanted. 16 MiB for all `cpus`, 2 MiB each at most.
  Trace(bool wanted, std::size_t cpus) : wanted_(wanted), cpus_(cpus) {}
  /// Right before the scenario. Empty, or what the kernel lacks.
  std::string start();
  /// Right after it.
  void stop();
  /// As tracefs shows it, whole lines, the newest 8 MiB; empty unless it was started.
  std::string text() const;

  static constexpr std::size_t kMostBytes = 8 << 20;

 private:
  bool wanted_, started_ = false;
  std::size_t cpus_;
};

/// A trace without its oldest lines, but with those that begin with '#' in front; `most` bytes or fewer.
std::string newest_lines(const std::string& text, std::size_t most);

}  // namespace ktstr::agent
