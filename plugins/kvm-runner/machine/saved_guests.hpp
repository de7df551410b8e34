// SPDX-License-Identifier: Apache-2.0
//
// Guests that were run up to some point and saved there, which others start from: booted ones, and ones that
// have attached a scheduler besides. template_cache.hpp keeps them.
#pragma once
#include <atomic>
#include <functional>
#include <string>

#include "machine/template_cache.hpp"

namespace ktstr::kvm {

/// The guest did not do what it was to do before others start from it.
struct NotAttached : FileError {
  NotAttached() : FileError("the guest did not attach its scheduler") {}
};

/// What a machine that does not boot starts from, made on the way where it is not there yet.
class SavedGuests {
 public:
  SavedGuests(const MachineEnvironment& environment, const MachineRequest& request,
              const std::atomic<bool>& cancel, const std::function<void(const std::string&)>& note)
      : environment_(environment), request_(request), cancel_(cancel), note_(note) {}

  /// Copies the one that has done `before` (null: that was booted and no more). `beside`: see copy_template.
  /// Throws as that does, and NotAttached.
  TemplateCopy copy(const MachineFiles& files, GuestMemory& memory, const std::string& kernel_hash,
                    const std::string& qemu_version, const GuestWork* before,
                    const std::function<void()>& beside) const;

 private:
  void boot(const std::string& kernel_hash, const MachineFiles& files, const GuestMemory& memory) const;

  const MachineEnvironment& environment_;
  const MachineRequest& request_;
  const std::atomic<bool>& cancel_;
  const std::function<void(const std::string&)>& note_;
};

}  // namespace ktstr::kvm
