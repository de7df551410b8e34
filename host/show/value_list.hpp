// SPDX-License-Identifier: Apache-2.0
//
// What a pool of sidecars has to offer, as people and programs read it. Pure.
#pragma once
#include <string>

#include "select/value_list.hpp"
#include "support/json.hpp"

namespace ktstr {

/// "key:" and its values below, "unknown" for null.
std::string value_list_text(const ValueList& values);

/// An array for each dimension; null stays null, numbers are numbers.
json::object value_list_json(const ValueList& values);

}  // namespace ktstr
