// SPDX-License-Identifier: Apache-2.0
//
// What makes numbers of this machine good or bad, whatever runs the tests.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>

#include "doctor/check.hpp"

namespace ktstr {

/// What the checks look at, apart from where it comes from.
struct MachineFacts {
  unsigned cpus = 1;
  std::optional<double> load_1m;
  std::optional<std::uint64_t> available_memory;               ///< bytes
  std::vector<std::pair<std::string, std::string>> governors;  ///< of each CPU that tells
  struct Room {
    std::uint64_t total = 0, free = 0;  ///< bytes
  };
  std::optional<Room> shared_memory;  ///< of /dev/shm
  bool real_time = false;             ///< this process may have a real-time priority
};

MachineFacts machine_facts();
/// Pure.
Checks machine_checks(const MachineFacts& facts);

/// Free and whole room of the file system at a path, or at the nearest directory above it that exists.
std::optional<MachineFacts::Room> room_of(std::filesystem::path path);
/// "1.5 GiB"
std::string bytes_text(std::uint64_t bytes);

}  // namespace ktstr
