// SPDX-License-Identifier: Apache-2.0
//
// One of n parts of a list of tests, for machines that share them: every test is in exactly one part, and
// which one depends on the list (slice) or on its name alone (hash). Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "support/result.hpp"

namespace ktstr {

struct Partition {
  enum class Kind { kSlice, kHash };
  Kind kind = Kind::kSlice;
  std::uint64_t part = 1, parts = 1;  ///< part of parts, from 1

  /// "slice:m/n" or "hash:m/n" with 1 <= m <= n.
  static Result<Partition> parse(const std::string& text);

  /// Whether the test at `place` (from 0) of all that the other filters selected is in this part. Slices are
  /// dealt out like cards, so they differ by one test at most; a hash stays when tests come and go.
  bool has(std::size_t place, std::string_view name) const;
  std::string text() const;
};

}  // namespace ktstr
