// SPDX-License-Identifier: Apache-2.0
//
// Whether anything can differ at all: the programs behind the two sides of a scenario, and CPUs that guests
// had to share. Pure.
#pragma once
#include <vector>

#include "sidecar/sidecar.hpp"

namespace ktstr {

struct Sameness {
  bool scheduler = false;    ///< one scheduler program, known by its hash, ran on both sides
  bool program = false;      ///< and the test's manifest is known to be the same; the kernel's own scheduler
                             ///< counts as one program
  bool other_start = false;  ///< and yet, in virtual time, not every guest began as the same saved one
};

/// Of the runs of one scenario that are compared; they share their kernel. What an older writer left out is
/// not known to be equal.
Sameness sameness_of(const std::vector<const SidecarRecord*>& baseline,
                     const std::vector<const SidecarRecord*>& head);

/// Whether one manifest, known by its hash, is behind every run.
bool same_manifest(const std::vector<const SidecarRecord*>& baseline,
                   const std::vector<const SidecarRecord*>& head);

/// Whether a guest with more CPUs than the host had for it is among them, in real time.
bool any_overcommitted(const std::vector<const SidecarRecord*>& runs);

}  // namespace ktstr
