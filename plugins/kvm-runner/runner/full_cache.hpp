// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>

#include "machine/places.hpp"
#include "runner/machine_api.hpp"

namespace ktstr::kvm {

/// `api` with the cache of `places`, whatever the environment says: when it turns out to be full, `tell` is
/// told once, and everything goes on with a temporary one. Full is not found out beforehand, because a cache
/// that has everything needs no room. `places` must outlive it.
MachineApi with_another_cache_when_full(const MachineApi& api, MachinePlaces& places,
                                        const std::function<void(const std::string&)>& tell);

}  // namespace ktstr::kvm
