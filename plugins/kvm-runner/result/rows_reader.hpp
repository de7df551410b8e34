// SPDX-License-Identifier: Apache-2.0
//
// Structs of the result by the rows of protocol/result_rows.hpp, every bound checked. Throws ResultError.
#pragma once
#include <cstdint>
#include <ktstr/kit/text.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "protocol/result_rows.hpp"
#include "result/result_fields.hpp"

namespace ktstr::kvm {

/// A number that is not above `largest`.
inline std::uint64_t number_in(const Field& field, std::uint64_t largest) {
  const std::uint64_t value = field.count();
  if (value > largest) field.fail("is larger than any test can count");
  return value;
}
inline std::uint64_t counter(const Field& field) { return number_in(field, kLargestCounter); }

/// The value that a word stands for.
template <typename Value>
Value word_in(const Field& field) {
  const std::string word = field.text(64);
  for (const auto& [known, value] : Words<Value>::all) {
    if (word == known) return value;
  }
  field.fail("is no " + std::string(Words<Value>::kind) + ": \"" + printable_start(word, 64) + '"');
}

template <typename Value>
void read_row(const Field& field, Value& value, std::uint64_t largest) {
  if constexpr (std::is_enum_v<Value>)
    value = word_in<Value>(field);
  else if constexpr (std::is_same_v<Value, std::string>)
    value = field.text(largest);
  else if constexpr (std::is_same_v<Value, bool>)
    value = field.flag();
  else if constexpr (std::is_same_v<Value, std::int64_t>)
    value = field.whole();
  else if constexpr (std::is_same_v<Value, std::optional<std::int64_t>>)
    value = field.is_null() ? std::nullopt : std::optional(field.whole());
  else
    value = number_in(field, largest);
}

/// All fields that the struct has rows for, and `others`, which the caller reads: nothing else may be there.
template <typename Struct>
Struct read_rows(const Field& field, const std::vector<std::string_view>& others = {}) {
  std::vector<std::string_view> keys = others;
  Struct::rows([&](std::string_view name, auto, std::uint64_t = 0) { keys.push_back(name); });
  field.only(keys);
  Struct read;
  Struct::rows([&](std::string_view name, auto member, std::uint64_t largest = 0) {
    read_row(field[name], read.*member, largest);
  });
  return read;
}

}  // namespace ktstr::kvm
