// SPDX-License-Identifier: Apache-2.0
//
// Stops of a guest in virtual time, so that a sample is taken at the same instruction in every run. The agent
// writes to a port of a debug console; QEMU's vCPU thread, in the middle of that instruction, puts the byte
// first into one pipe, which wakes the sampler, and then into another one, the gate, which is full: the
// thread sleeps until the sampler makes room. Virtual time stands still meanwhile. There are two consoles
// with a gate each, used by turns, because a gate can be filled again only after it was passed.
#pragma once
#include <array>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "machine/files.hpp"

namespace ktstr::kvm {

class SampleStops {
 public:
  static constexpr std::size_t kGates = 2;

  /// Makes the pipes in `directory`. Throws FileError.
  explicit SampleStops(const std::filesystem::path& directory);

  /// Waits for the guest to stop; false when it did not within `time`.
  bool wait(std::chrono::milliseconds time);
  /// Lets it go on.
  void go_on();

  /// What QEMU gets for it. Without a directory the devices lead nowhere: a guest that is saved has them,
  /// too.
  static std::vector<std::string> devices(const std::filesystem::path* directory);

 private:
  void fill(std::size_t gate);

  kit::Fd stopped_;
  std::array<kit::Fd, kGates> gates_;
  std::size_t turn_ = 0;
};

}  // namespace ktstr::kvm
