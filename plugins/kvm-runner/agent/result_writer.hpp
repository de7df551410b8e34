// SPDX-License-Identifier: Apache-2.0
//
// Objects of the result from the rows of protocol/result_rows.hpp.
#pragma once
#include <boost/json.hpp>
#include <ktstr/kit/utf8.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "protocol/result_rows.hpp"

namespace ktstr::agent {

template <typename Value>
boost::json::value value_of(const Value& value) {
  if constexpr (std::is_enum_v<Value>)
    return boost::json::value(kvm::word_of(value));
  else
    return boost::json::value(value);
}
inline boost::json::value value_of(const std::string& text) { return boost::json::value(valid_utf8(text)); }
template <typename Value>
boost::json::value value_of(const std::optional<Value>& value) {
  return value ? boost::json::value(*value) : boost::json::value(nullptr);
}

/// All fields that the struct has rows for.
template <typename Struct>
boost::json::object object_of(const Struct& from) {
  boost::json::object object;
  Struct::rows(
      [&](std::string_view name, auto member, std::uint64_t = 0) { object[name] = value_of(from.*member); });
  return object;
}

}  // namespace ktstr::agent
