// SPDX-License-Identifier: Apache-2.0
//
// Hostile values by chance: what a plugin may be handed and hardly anybody expects. The same seed and number
// give the same values on every machine.
#pragma once
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace ktstr {

class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t number);

  std::uint64_t any() { return engine_(); }
  /// 0 to `most`.
  std::uint64_t up_to(std::uint64_t most) { return engine_() % (most + 1); }
  bool one_in(std::uint64_t count) { return up_to(count - 1) == 0; }
  template <typename List>
  const auto& of(const List& list) {
    return list[up_to(std::size(list) - 1)];
  }

  /// Mostly few, sometimes none, seldom `most`.
  std::size_t how_many(std::size_t most);
  /// Any bits: zeros of both signs, the largest, the smallest, and now and then what is no number.
  double number();
  /// Finite, and mostly of a kind that is measured.
  double measured();
  /// Any bytes: empty, long, with NUL, control characters, markup, broken UTF-8, formats, paths.
  std::string text();
  /// One JSON value with such texts and numbers in it; sometimes broken.
  std::string document();
  /// A bit of a flags field, or any bits.
  std::uint32_t flags();

 private:
  std::string value(unsigned depth);
  std::mt19937_64 engine_;
};

}  // namespace ktstr
