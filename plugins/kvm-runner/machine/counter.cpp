// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "machine/child.hpp"
#include "machine/machine.hpp"
#include "machine/machine_error.hpp"

namespace ktstr::kvm {

bool can_count(const MachineEnvironment& environment, const std::atomic<bool>& cancel, MachineError& error) {
  constexpr int kFewestMajor = 10;
  constexpr const char* kHint = "tools/setup installs QEMU 10 with it; or run without --cost";
  std::error_code failure;
  if (!std::filesystem::is_regular_file(environment.counter, failure)) {
    error = {"instructions cannot be counted: QEMU's plugin for it, " + environment.counter.string() +
                 ", is missing",
             "it belongs beside the runner: install ktstr again", true};
    return false;
  }
  const std::optional<QemuVersion> version = find_qemu(environment, cancel, error);
  if (!version) return false;
  if (version->major < kFewestMajor) {
    error = {"instructions cannot be counted with QEMU " + version->text +
                 ": its interface for plugins is older than 10",
             kHint, true};
    return false;
  }
  try {
    const std::string help = run_command({environment.qemu, "--help"}, std::chrono::seconds(20), cancel);
    if (help.find("\n-plugin ") != std::string::npos) return true;
    error = {"instructions cannot be counted: " + environment.qemu +
                 " was built without plugins (--enable-plugins)",
             kHint, true};
  } catch (...) {
    error = caught_error(environment);
  }
  return false;
}

}  // namespace ktstr::kvm
