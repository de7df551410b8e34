// SPDX-License-Identifier: Apache-2.0
//
// Booted guests, saved once and copied for every run:  cache_dir/templates/KEY/{ram0…, state.qcow2, template.json} and KEY.lock.
// A template appears by rename, is copied under a shared lock and made, replaced or evicted under an exclusive one, so any number of
// threads and processes may want the same one at once and it is made once.
#pragma once
#include <atomic>
#include <functional>
#include <string>

#include "machine/machine.hpp"
#include "machine/qemu_command.hpp"

namespace ktstr::kvm {

/// Boots a guest into `files` until it has paused itself and its state is saved in files.state(). Throws.
using TemplateMaker = std::function<void(const MachineFiles& files)>;

struct TemplateCopy {
  std::string id;     ///< key and checksum: equal ids mean equal guests
  bool made = false;  ///< it did not exist before
};

/// Key of everything that decides what a booted guest is.
std::string template_key(const MachineRequest& request, const std::string& kernel_hash, const std::string& agent_hash,
                         const std::string& qemu_version);

/// Copies the template into `files`, making it first when there is none or it is damaged. Throws FileError; Cancelled when `cancel` is set.
struct Cancelled {};
TemplateCopy copy_template(const MachineEnvironment& environment, const std::string& key, const MachineFiles& files, std::size_t nodes,
                           const TemplateMaker& make, const std::function<void(const std::string&)>& note, const std::atomic<bool>& cancel);

/// Removes templates that are older than allowed or beyond the budget, least recently used first; one in use stays.
void evict_templates(const MachineEnvironment& environment);

}  // namespace ktstr::kvm
