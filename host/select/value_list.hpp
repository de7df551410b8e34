// SPDX-License-Identifier: Apache-2.0
//
// What a pool of sidecars has to offer: the distinct values of every dimension that one can choose by. Pure.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sidecar/sidecar_head.hpp"

namespace ktstr {

class ValueList {
 public:
  ValueList();

  void add(const SidecarHead& sidecar);

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
  bool empty_ = true;
  std::vector<Dimension> dimensions_;
};

}  // namespace ktstr
