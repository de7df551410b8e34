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
  struct Dimension {
    const char* name;
    std::set<std::optional<std::string>> texts;
    std::set<std::optional<std::int64_t>> numbers;
    bool numeric = false;
  };

  ValueList();

  void add(const SidecarHead& sidecar);
  bool empty() const { return empty_; }
  const std::vector<Dimension>& dimensions() const { return dimensions_; }

 private:
  bool empty_ = true;
  std::vector<Dimension> dimensions_;
};

}  // namespace ktstr
