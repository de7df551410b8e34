// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "guest/guest_files.hpp"
#include "manifest/test_spec.hpp"

namespace ktstr::kvm {

/// Wake-up latencies kept per worker: fewer when there are many workers, so that the result stays bounded.
std::uint64_t latency_reservoir(const TestSpec& test);

/// The agent's spec as docs/guest-protocol.md describes it. `files` may be empty (the kernel's own
/// scheduler); offsets[i] is where the machine put files.files[i]. The same for the same arguments, to the
/// byte.
std::string agent_spec(const TestSpec& test, const GuestFiles& files, std::uint64_t seed,
                       const std::vector<std::uint64_t>& offsets);

}  // namespace ktstr::kvm
