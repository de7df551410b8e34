// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "guest/guest_files.hpp"
#include "machine/machine.hpp"
#include "manifest/test_spec.hpp"

namespace ktstr::kvm {

/// The files of the project that a manifest lists for a program, and those that its arguments name besides.
std::vector<SchedulerFile> wanted_files(const std::filesystem::path& project_dir, const ProgramSpec& program);

/// Reads the files of the project that a manifest gives its scheduler, or that its arguments name; symbolic
/// links may not lead out of the project. A program or script among them brings along what it needs to start,
/// and all of them count in the scheduler's hash.
bool add_scheduler_files(const std::filesystem::path& project_dir, const SchedulerSpec& scheduler,
                         const FileRoot& root, GuestFiles& files, MachineError& error);

/// A scheduler that an operation starts, with its program; it counts in the hash, too.
bool add_other_scheduler(const std::filesystem::path& project_dir, const SchedulerSpec& scheduler,
                         const FileRoot& root, GuestFiles& files, MachineError& error);

/// The same for a payload, with its program. A bare name is looked for in the project, then in PATH.
bool add_payload_files(const std::filesystem::path& project_dir, const PayloadSpec& payload,
                       const FileRoot& root, GuestFiles& files, MachineError& error);

/// The configuration of a kernel, where it lies beside the image: "config" (the kernel cache has it so) or
/// "config-RELEASE" (as in /boot). It becomes the guest's /boot/config; programs with `extern … __kconfig`
/// cannot be loaded without one.
void add_kernel_configuration(const std::filesystem::path& image, const std::string& release,
                              std::vector<Blob>& files);

}  // namespace ktstr::kvm
