// SPDX-License-Identifier: Apache-2.0
//
// What a pool of sidecars has to offer: the distinct values of every dimension that one can choose by. Pure.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/sidecar.hpp"

namespace ktstr {

class ValueList {
 public:
  /// `archive`: the sidecars come from elsewhere, so their source is "archive" whatever they say.
  explicit ValueList(bool archive);

  void add(const SidecarRecord& record);

  /// "key:" and its values below, "unknown" for null.
  std::string text() const;
  /// An object of arrays; null stays null, numbers are numbers.
  json::value to_json() const;

 private:
  struct Dimension {
    const char* name;
    std::set<std::optional<std::string>> texts;
    std::set<std::optional<std::int64_t>> numbers;
    bool numeric = false;
  };
  bool archive_;
  bool empty_ = true;
  std::vector<Dimension> dimensions_;
};

}  // namespace ktstr
