// SPDX-License-Identifier: Apache-2.0
//
// Fields that a sidecar may leave null, and what null means. Pure data; `stats explain-sidecar` shows it.
#pragma once
#include <span>
#include <string_view>
#include <vector>

namespace ktstr {

struct OptionalField {
  std::string_view name;
  bool actionable;  ///< another environment would fill it; else null is the steady state
  std::vector<std::string_view> causes;
  std::string_view fix;  ///< empty: nothing to do
  bool own;              ///< written by ktstr since schema 1; files without schema_version do not have it
};

/// In the order in which people see them.
std::span<const OptionalField> optional_fields();

}  // namespace ktstr
