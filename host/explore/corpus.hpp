// SPDX-License-Identifier: Apache-2.0
//
// What a search has seen the scheduler do, and the scenarios that showed something for the first time: a
// guided search varies those further, as a fuzzer does with inputs that reached new code.
#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/json.hpp"

namespace ktstr {

/// Seeds of one generation are drawn without regard for each other, so that what a seed gives does not depend
/// on how many run side by side.
inline constexpr std::uint64_t kGeneration = 16;
inline std::uint64_t generation_begin(std::uint64_t seed) { return seed - seed % kGeneration; }

class Corpus {
 public:
  /// A scenario that showed what none before it had.
  struct Entry {
    std::string test;
    std::uint64_t seed = 0;
    json::object scenario;  ///< without invariants
  };

  /// Takes in what a scenario showed, and keeps the scenario when something of it is new and `keep` says so.
  void take_in(Entry scenario, const std::set<std::string>& behaviours, bool keep);

  /// What the scenario of this seed is varied from; null: the test itself, one time in four and as long as no
  /// earlier generation has left anything.
  const Entry* parent_of(std::string_view test, std::uint64_t seed) const;
  /// The scenario of that seed, where it was kept.
  const Entry* find(std::string_view test, std::uint64_t seed) const;

  std::uint64_t behaviours() const { return seen_.size(); }
  std::uint64_t kept() const { return entries_.size(); }

  json::object to_json() const;
  static Corpus from(const Located& object);  ///< throws Mistake

 private:
  std::set<std::string> seen_;
  std::vector<Entry> entries_;
};

}  // namespace ktstr
