// SPDX-License-Identifier: Apache-2.0
#include "delta/rows_by_scenario.hpp"

#include <functional>
#include <ktstr/kit/assert.hpp>
#include <string>

namespace ktstr {

std::size_t RowsByScenario::Hash::operator()(const ScenarioKey& key) const {
  constexpr std::size_t kFactor = 0x9E3779B97F4A7C15U;  // of Fibonacci hashing (Knuth, TAOCP 3, 6.4)
  std::size_t hash = 0;
  for (const std::string* text : {&key.test, &key.topology, &key.scheduler, &key.work_type, &key.kernel})
    hash = (hash ^ std::hash<std::string>{}(*text)) * kFactor;
  return hash;
}

RowsByScenario::RowsByScenario(const std::vector<JudgedRow>& rows) {
  for (const JudgedRow& row : rows) rows_[row.comparison->scenario()].push_back(&row);
}

std::span<const JudgedRow* const> RowsByScenario::beside(const JudgedRow& row) const {
  const auto known = rows_.find(row.comparison->scenario());
  KTSTR_ASSERT(known != rows_.end());  // it is one of those that were given
  return known->second;
}

}  // namespace ktstr
