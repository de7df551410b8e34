// SPDX-License-Identifier: Apache-2.0
//
// Booted guests, saved once and copied for every run:  cache_dir/templates/KEY/{ram0…, state.qcow2,
// template.json} and KEY.lock. A template appears by rename, is copied under a shared lock and made, replaced
// or evicted under an exclusive one, so any number of threads and processes may want the same one at once and
// it is made once.
#pragma once
#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "machine/child.hpp"
#include "machine/machine.hpp"
#include "machine/qemu_command.hpp"

namespace ktstr::kvm {

/// Runs a guest in `memory` and `files` until it has paused itself and its state is saved in files.state().
/// Throws.
using TemplateMaker = std::function<void(const MachineFiles& files, GuestMemory& memory)>;

struct TemplateCopy {
  std::string id;     ///< key and checksum: equal ids mean equal guests
  bool made = false;  ///< it did not exist before
};

/// Key of everything that decides what a booted guest is.
std::string template_key(const MachineRequest& request, const std::string& kernel_hash,
                         const std::string& agent_hash, const std::string& qemu_version);
/// The same of a guest that started from the one of `key` and has done `before`.
std::string attached_key(const std::string& key, const GuestWork& before);

/// Copies the template into `files` and `memory`, making it first, and telling `making`, when there is none
/// or it is damaged.
/// `beside` (may be empty) is called on this thread while `memory` is being copied and files.state() is there
/// already; once more when that turns out to be damaged. Throws FileError; Cancelled when `cancel` is set.
TemplateCopy copy_template(const MachineEnvironment& environment, const std::string& key,
                           const MachineFiles& files, GuestMemory& memory, const std::string& making,
                           const TemplateMaker& make, const std::function<void()>& beside,
                           const std::function<void(const std::string&)>& note,
                           const std::atomic<bool>& cancel);

/// How long the last boot took, for who waits for the next: "; the last one took 9 s", or nothing.
std::string last_boot(const std::filesystem::path& cache);
/// Nothing depends on it, so nobody is told where it cannot be kept.
void keep_boot_time(const std::filesystem::path& cache, std::chrono::nanoseconds took);

/// Removes templates that are older than allowed or beyond the budget, least recently used first (one in use
/// stays), and what killed processes left beside them.
void evict_templates(const MachineEnvironment& environment);

}  // namespace ktstr::kvm
