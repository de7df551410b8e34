// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>

namespace ktstr::agent {

/// The kernel's own trace of context switches and wake-ups, in its ring buffer, which keeps the newest.
class Trace {
 public:
  /// Begins right away; nothing happens unless it is wanted, or where the kernel cannot. 16 MiB for all CPUs,
  /// 2 MiB each at most.
  explicit Trace(bool wanted);
  /// Right after it.
  void stop();
  /// As tracefs shows it, whole lines, the newest 8 MiB; empty when it never began.
  std::string text() const;

  static constexpr std::size_t kMostBytes = 8 << 20;

 private:
  bool started_ = false;
};

/// A trace without its oldest lines, but with those that begin with '#' in front; `most` bytes or fewer.
std::string newest_lines(const std::string& text, std::size_t most);

}  // namespace ktstr::agent
