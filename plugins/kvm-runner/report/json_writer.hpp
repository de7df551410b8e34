// SPDX-License-Identifier: Apache-2.0
//
// Writes indented JSON with the same bytes for the same values everywhere: keys in the order of the calls,
// integers as integers, doubles as the shortest text that reads back equal, no locale.
#pragma once
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace ktstr::kvm {

/// Shortest text that reads back as the same double, always recognisable as one ("3.0"). The value must be
/// finite.
std::string number_text(double value);

class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);

  JsonWriter& null();
  JsonWriter& value(std::string_view text);  ///< broken UTF-8 becomes U+FFFD
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(bool flag);
  JsonWriter& value(double number);  ///< NaN and infinity, which JSON lacks, become null
  template <std::integral T>
  requires(!std::same_as<T, bool>) JsonWriter& value(T number) {
    if constexpr (std::is_signed_v<T>) {
      return raw(std::to_string(static_cast<std::int64_t>(number)));
    } else {
      return raw(std::to_string(static_cast<std::uint64_t>(number)));
    }
  }
  template <typename T>
  JsonWriter& value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : null();
  }

  template <typename T>
  JsonWriter& member(std::string_view name, const T& item) {
    return key(name).value(item);
  }
  JsonWriter& null_member(std::string_view name) { return key(name).null(); }

  /// The document, with a line feed at its end.
  std::string finish() &&;

 private:
  JsonWriter& raw(std::string_view text);
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void before_item();
  void newline();

  std::string out_;
  std::vector<std::uint64_t> items_;  ///< items so far of each open array or object
  bool after_key_ = false;
};

}  // namespace ktstr::kvm
