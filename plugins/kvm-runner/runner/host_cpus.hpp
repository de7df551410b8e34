// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr::kvm {

/// CPUs of the host that this process may use, by last-level cache; LLCs and CPUs in ascending order.
using HostLlcs = std::vector<std::vector<std::uint32_t>>;

HostLlcs host_llcs();

/// Pure part, for tests: `text_of_file` has what lies below /sys/devices/system/cpu. Where the host tells no
/// caches, the CPUs of a package are one group; where it tells nothing, all are.
HostLlcs group_by_llc(const std::vector<std::uint32_t>& allowed,
                      const std::function<std::string(const std::string&)>& text_of_file);

}  // namespace ktstr::kvm
