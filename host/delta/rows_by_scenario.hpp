// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <unordered_map>
#include <vector>

#include "delta/judgement.hpp"

namespace ktstr {

/// The judged rows of each scenario, in the order they were given. Borrows them: they stay where they are.
class RowsByScenario {
 public:
  explicit RowsByScenario(const std::vector<JudgedRow>& rows);
  /// Those of the row's own scenario, itself included.
  std::span<const JudgedRow* const> beside(const JudgedRow& row) const;

 private:
  struct Hash {
    std::size_t operator()(const ScenarioKey& key) const;
  };
  std::unordered_map<ScenarioKey, std::vector<const JudgedRow*>, Hash> rows_;
};

}  // namespace ktstr
