// SPDX-License-Identifier: Apache-2.0
//
// Pairs of runs as if the host had served both sides alike. A control variate: the part of the difference
// that goes with the difference in what the host gave is taken out. docs/decisions/0014 says when that may
// be done, and why.
#pragma once
#include <ktstr/abi/gate.h>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "paired.hpp"

namespace ktstr::fdr {

/// Pairs below which a regression of their own costs more than it brings.
inline constexpr std::size_t kLevelledFrom = 8;

/// Ways to change sides, as a power of two, that are gone through at most.
inline constexpr std::size_t kMostFlips = 12;

struct Levelled {
  bool possible = false;  ///< enough pairs, and the host did not serve the runs alike
  bool trusted = false;   ///< neither side had more of the host, and the slope is one that a host can make
  double slope = 0;       ///< of the difference over that of the logarithms of the speeds
  double shift = 0;       ///< of equally served runs
  double error = 0, df = 0;
  /// P of a shift at least as large, and at least as small, when pairs change sides by chance: exact where
  /// the sides do not differ, whatever the noise is like.
  double larger = 1, smaller = 1;
};

/// `differences` of pairs, and of the logarithms of their hosts' speeds.
Levelled level(std::span<const double> differences, std::span<const double> speeds);

/// The differences of the logarithms of what the host was to the pairs (extra_json, "host_speed"); empty when
/// one of them is not known.
std::vector<double> speed_differences(const ktstr_comparison& comparison, const Pairing& pairing);

}  // namespace ktstr::fdr
