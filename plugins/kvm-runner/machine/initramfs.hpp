// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace ktstr::kvm {

/// The guest's whole file system: a cpio archive ("newc") with `agent` as /init and the empty directories it
/// mounts on. The same agent gives the same bytes.
std::string make_initramfs(std::string_view agent);

}  // namespace ktstr::kvm
