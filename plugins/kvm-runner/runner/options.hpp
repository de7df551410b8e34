// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "machine/machine.hpp"

namespace ktstr::kvm {

/// The options of the runner `kvm`, as ktstr.json gives them.
struct RunnerOptions {
  AcceleratorChoice accel = AcceleratorChoice::kAuto;
  std::string qemu = "qemu-system-x86_64";
  std::uint64_t memory_limit_mib = 0;  ///< all guests together; 0: what the host has free
  bool cold = false;
  std::filesystem::path scratch_dir;  ///< empty: /dev/shm, or where there is room
  std::filesystem::path sysroot =
      "/";  ///< where a scheduler's loader, libraries and interpreter are taken from
  std::uint64_t template_budget_mib = 4096;
  std::uint64_t template_max_age_days = 14;
  boost::json::object schedulers;  ///< by name, for tests of all manifests
};

extern const std::string kOptionsSchema;

/// Throws a Mistake that names the option.
RunnerOptions parse_options(std::string_view text);

}  // namespace ktstr::kvm
